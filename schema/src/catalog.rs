//! The catalog: the immutable, validated picture of all object types, fields and relation types at
//! one schema version.
//!
//! It is built from the sea-orm entities ([`standard`]) and the metadata rows ([`load`]), swapped as a
//! whole, and shares each unchanged part with its predecessor. Nothing here touches the database.

mod alias;
mod bond;
mod currencies;
pub mod definition;
mod display;
mod end;
mod expressions;
mod field;
mod load;
mod lookup;
mod object_type;
mod option_list;
mod order;
mod relation_type;
mod reuse;
mod standard;
mod work;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use time::OffsetDateTime;
use uuid::Uuid;

pub use alias::{Alias, Aliases};
pub(crate) use bond::{Bond, Way};
pub use currencies::{Currencies, CurrencyRows};
pub use definition::EndDefinition as End;
pub use expressions::{Expressions, Formula, Rule};
pub(crate) use field::system_field_named;
pub use field::{Column, Field, FieldList, Origin, SystemField};
pub use load::MetadataRows;
pub use lookup::Lookup;
pub use object_type::{Collection, CollectionKind, Direction, ObjectType};
pub use option_list::{OptionList, OptionListDefinition};
pub use relation_type::{Cardinality, RelationType};
pub use work::{ConvertedInto, Converting, FieldWork, WorkState};

pub(crate) use display::MAX_DISPLAY_HOPS;
pub(crate) use end::type_column;
pub(crate) use expressions::member;
pub(crate) use field::{link_fields, period_names, record_fields};
pub(crate) use load::hidden_field;
pub(crate) use order::{SOURCE_POSITION, TARGET_POSITION, reference_position};
pub(crate) use reuse::Predecessor;
pub(crate) use standard::{is_standard, standard_fields, standard_table};

use crate::{
    expression::Template,
    id::{FieldId, ObjectTypeId, OptionListId, RelationTypeId},
};

/// All object types, fields and relation types at one schema version.
#[derive(Debug, Clone)]
pub struct Catalog {
    version: i64,
    objects: HashMap<ObjectTypeId, Arc<ObjectType>>,
    relations: HashMap<RelationTypeId, Arc<RelationType>>,
    by_plural: HashMap<String, ObjectTypeId>,
    by_name: HashMap<String, Subject>,
    references: HashMap<FieldId, ObjectTypeId>,
    collections: HashMap<ObjectTypeId, Arc<[Collection]>>,
    bonds: HashMap<ObjectTypeId, Vec<Bond>>,
    expressions: HashMap<Subject, Arc<Expressions>>,
    displays: HashMap<ObjectTypeId, Arc<Template>>,
    alias_count: usize,
    alias_end: Option<OffsetDateTime>,
    option_lists: Vec<OptionList>,
    currencies: Arc<Currencies>,
}

/// What a rule or an event speaks of: an object type or a relation type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// Records of an object type.
    Object(ObjectTypeId),
    /// Links of a relation type.
    Relation(RelationTypeId),
}

impl Subject {
    /// The id, whichever kind it is.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Object(id) => id.uuid(),
            Self::Relation(id) => id.uuid(),
        }
    }
}

impl Catalog {
    /// The schema version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The base currency and the rates, which have a version of their own.
    pub fn currencies(&self) -> &Arc<Currencies> {
        &self.currencies
    }

    /// Every live object type, ordered by API name.
    pub fn objects(&self) -> Vec<&Arc<ObjectType>> {
        let mut objects: Vec<_> = self.objects.values().collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        objects
    }

    /// Every live relation type, ordered by API name.
    pub fn relations(&self) -> Vec<&Arc<RelationType>> {
        let mut relations: Vec<_> = self.relations.values().collect();
        relations.sort_by(|a, b| a.name.cmp(&b.name));
        relations
    }

    /// Every shared option list, ordered by API name.
    pub fn option_lists(&self) -> &[OptionList] {
        &self.option_lists
    }

    /// The shared option list with this id.
    pub fn find_option_list(&self, id: OptionListId) -> Option<&OptionList> {
        self.option_lists.iter().find(|list| list.id == id)
    }

    /// The object type with this id.
    pub fn find_object(&self, id: ObjectTypeId) -> Option<&Arc<ObjectType>> {
        self.objects.get(&id)
    }

    /// The relation type with this id.
    pub fn find_relation(&self, id: RelationTypeId) -> Option<&Arc<RelationType>> {
        self.relations.get(&id)
    }

    /// The object type with this plural API name, as it stands in URLs.
    pub fn find_plural(&self, plural: &str) -> Option<&Arc<ObjectType>> {
        self.by_plural
            .get(plural)
            .and_then(|id| self.objects.get(id))
    }

    /// The object type or relation type with this singular API name.
    pub fn find_subject(&self, name: &str) -> Option<Subject> {
        self.by_name.get(name).copied()
    }

    /// The object type with this singular API name.
    pub fn find_object_by_name(&self, name: &str) -> Option<&Arc<ObjectType>> {
        match self.by_name.get(name)? {
            Subject::Object(id) => self.objects.get(id),
            Subject::Relation(_) => None,
        }
    }

    /// The relation type with this API name.
    pub fn find_relation_by_name(&self, name: &str) -> Option<&Arc<RelationType>> {
        match self.by_name.get(name)? {
            Subject::Relation(id) => self.relations.get(id),
            Subject::Object(_) => None,
        }
    }

    /// The object or relation type with this id, live or not known.
    pub fn find_subject_by_id(&self, id: Uuid) -> Option<Subject> {
        if self.objects.contains_key(&ObjectTypeId::new(id)) {
            Some(Subject::Object(ObjectTypeId::new(id)))
        } else if self.relations.contains_key(&RelationTypeId::new(id)) {
            Some(Subject::Relation(RelationTypeId::new(id)))
        } else {
            None
        }
    }

    /// The API name of an object or relation type.
    pub fn subject_name(&self, subject: Subject) -> Option<&str> {
        match subject {
            Subject::Object(id) => self.objects.get(&id).map(|object| object.name.as_str()),
            Subject::Relation(id) => self
                .relations
                .get(&id)
                .map(|relation| relation.name.as_str()),
        }
    }

    /// The fields of an object or relation type.
    pub fn subject_fields(&self, subject: Subject) -> Option<&FieldList> {
        match subject {
            Subject::Object(id) => self.objects.get(&id).map(|object| &object.fields),
            Subject::Relation(id) => self.relations.get(&id).map(|relation| &relation.fields),
        }
    }

    /// A field of an object or relation type, or the pointer that an end of several types is.
    pub(crate) fn find_field(&self, subject: Subject, id: FieldId) -> Option<&Arc<Field>> {
        let own = self.subject_fields(subject)?.find_by_id(id);
        own.or_else(|| match subject {
            Subject::Relation(relation) => self.relations.get(&relation)?.find_pointer(id),
            Subject::Object(_) => None,
        })
    }

    /// A pointer of an end of several types, with the relation type that has it.
    pub(crate) fn find_end(&self, pointer: FieldId) -> Option<(&Arc<RelationType>, &Arc<Field>)> {
        let mut relations = self.relations.values();
        relations.find_map(|relation| Some((relation, relation.find_pointer(pointer)?)))
    }

    /// The table and the field of whatever points at records.
    pub(crate) fn find_pointing(&self, id: FieldId) -> Option<(&str, &Field)> {
        if let Some((object, field)) = self.find_reference(id) {
            return Some((&object.table, field));
        }
        if let Some((relation, pointer)) = self.find_end(id) {
            return Some((&relation.table, pointer));
        }
        let mut objects = self.objects.values();
        objects.find_map(|object| Some((object.table.as_str(), &**object.fields.find_by_id(id)?)))
    }

    /// The live object types at an end of a relation type.
    pub fn end_types(&self, end: &End) -> Vec<&Arc<ObjectType>> {
        end.types().filter_map(|id| self.objects.get(&id)).collect()
    }

    /// The pointer to the members of a collection of several object types.
    pub fn member_pointer(&self, collection: &Collection) -> Option<&Arc<Field>> {
        match collection.kind {
            CollectionKind::Relation {
                relation,
                direction,
            } => self.relations.get(&relation)?.far_pointer(direction),
            CollectionKind::Inverse { .. } => None,
        }
    }

    /// The physical table of an object or relation type.
    pub fn subject_table(&self, subject: Subject) -> Option<&str> {
        match subject {
            Subject::Object(id) => self.objects.get(&id).map(|object| object.table.as_str()),
            Subject::Relation(id) => self
                .relations
                .get(&id)
                .map(|relation| relation.table.as_str()),
        }
    }

    /// The live object types that a reference may point at; none for other fields.
    pub fn targets(&self, field: &Field) -> Vec<&Arc<ObjectType>> {
        if field.settings.any {
            return self.objects();
        }
        let named = field.settings.named_targets();
        named.filter_map(|id| self.objects.get(&id)).collect()
    }

    /// The target of a reference with this name or alias.
    pub fn find_target(&self, field: &Field, name: &str) -> Option<&Arc<ObjectType>> {
        let targets = self.targets(field);
        let named = targets.iter().find(|it| it.name.as_str() == name);
        let found = named.or_else(|| targets.iter().find(|it| it.aliases.has(name)));
        found.copied()
    }

    /// A reference by its id alone, with the object type that has it.
    pub fn find_reference(&self, id: FieldId) -> Option<(&Arc<ObjectType>, &Arc<Field>)> {
        let object = self.objects.get(self.references.get(&id)?)?;
        Some((object, object.fields.find_by_id(id)?))
    }

    /// The collections of an object type: inverses of references and sides of relation types.
    pub fn collections(&self, object: ObjectTypeId) -> &[Collection] {
        self.collections
            .get(&object)
            .map_or(&[], |collections| &**collections)
    }

    /// One collection of an object type by its API name, or by an alias of it.
    pub fn find_collection(&self, object: ObjectTypeId, name: &str) -> Option<&Collection> {
        let collections = self.collections(object);
        let mut named = collections.iter();
        named
            .find(|collection| collection.name.as_str() == name)
            .or_else(|| collections.iter().find(|it| it.aliases.has(name)))
    }
}
