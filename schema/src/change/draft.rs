//! The working copy of the metadata that the operations of a changeset change one after another, so
//! that later operations see what earlier ones made.

mod deleted;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    catalog::{
        Catalog, Field, MetadataRows, OptionListDefinition, Predecessor, Subject,
        definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
    },
    error::{Error, Result},
    field_type::{FieldType, Settings, find_field_type},
    id::{FieldId, ObjectTypeId, OptionListId, RelationTypeId},
};

pub(super) use deleted::Dead;

use super::deletion::ChangedDeletions;
use deleted::{Deletions, KEPT};

/// The live types at some point of a changeset.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    rows: &'a MetadataRows,
    catalog: &'a Catalog,
    pub(super) objects: BTreeMap<ObjectTypeId, Entry<ObjectDefinition>>,
    pub(super) relations: BTreeMap<RelationTypeId, Entry<RelationDefinition>>,
    pub(super) option_lists: BTreeMap<OptionListId, Entry<OptionListDefinition>>,
    fields: HashMap<Uuid, Vec<DraftField>>,
    touched: BTreeSet<Uuid>,
    /// What was taken away, each with what it goes with.
    gone: Vec<(Gone, Uuid)>,
    deletions: Deletions,
}

/// A definition and what only code or database know of it.
#[derive(Clone, Debug)]
pub(super) struct Entry<D> {
    pub(super) definition: D,
    /// Whether it is made by this changeset, so that it has no rows yet.
    pub(super) is_new: bool,
}

/// A field with what only code or database know of it.
#[derive(Clone, Debug)]
pub(super) struct DraftField {
    pub(super) id: FieldId,
    pub(super) definition: Arc<FieldDefinition>,
    /// Whether the database lets the column be null.
    pub(super) nullable: bool,
    /// Whether the column is made by this changeset.
    pub(super) is_new: bool,
}

impl DraftField {
    /// A copy of the definition that can be changed and put.
    pub(super) fn to_definition(&self) -> FieldDefinition {
        FieldDefinition::clone(&self.definition)
    }

    /// The definition, to be changed in place.
    pub(super) fn definition_mut(&mut self) -> &mut FieldDefinition {
        Arc::make_mut(&mut self.definition)
    }
}

#[derive(Debug)]
enum Gone {
    Object(ObjectTypeId, ObjectDefinition),
    Relation(RelationTypeId, RelationDefinition),
    Field(Uuid, Box<DraftField>),
    OptionList(OptionListId, OptionListDefinition),
}

/// The metadata rows that a changeset writes, each new or in place of the one with its id.
#[derive(Debug, Default)]
pub(crate) struct ChangedRows {
    /// Object types.
    pub(crate) objects: Vec<entity::meta_object_type::Model>,
    /// Fields.
    pub(crate) fields: Vec<entity::meta_field::Model>,
    /// Relation types.
    pub(crate) relations: Vec<entity::meta_relation_type::Model>,
    /// Shared option lists.
    pub(crate) option_lists: Vec<entity::meta_option_list::Model>,
    /// What is hidden, comes back or is ended.
    pub(crate) deletions: ChangedDeletions,
}

impl ChangedRows {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
            && self.fields.is_empty()
            && self.relations.is_empty()
            && self.option_lists.is_empty()
    }

    /// Puts the changed rows in the place of the old ones.
    pub(crate) fn put_into(self, rows: &mut MetadataRows) {
        macro_rules! put {
            ($stored:expr, $changed:expr) => {
                for row in $changed {
                    match $stored.iter_mut().find(|old| old.id == row.id) {
                        Some(old) => *old = row,
                        None => $stored.push(row),
                    }
                }
            };
        }
        put!(rows.objects, self.objects);
        put!(rows.fields, self.fields);
        put!(rows.relations, self.relations);
        put!(rows.option_lists, self.option_lists);
    }
}

impl<'a> Draft<'a> {
    /// The draft at the start of a changeset. The catalog is the one of the rows, without ended aliases.
    pub(super) fn new(catalog: &'a Catalog, rows: &'a MetadataRows) -> Self {
        let mut draft = Self {
            rows,
            catalog,
            objects: BTreeMap::new(),
            relations: BTreeMap::new(),
            option_lists: BTreeMap::new(),
            fields: HashMap::new(),
            touched: BTreeSet::new(),
            gone: Vec::new(),
            deletions: Deletions::default(),
        };
        for object in catalog.objects() {
            let mut definition = object.definition.clone();
            draft.keep_hidden(object.id, &mut definition);
            let entry = Entry {
                definition,
                is_new: false,
            };
            draft.objects.insert(object.id, entry);
            draft.take_fields(object.id.uuid(), object.fields.iter().map(|field| &**field));
        }
        for relation in catalog.relations() {
            let definition = relation.definition.clone();
            let entry = Entry {
                definition,
                is_new: false,
            };
            draft.relations.insert(relation.id, entry);
            let fields = relation.fields.iter().map(|field| &**field);
            draft.take_fields(relation.id.uuid(), fields);
        }
        for list in catalog.option_lists() {
            let entry = Entry {
                definition: list.definition.clone(),
                is_new: false,
            };
            draft.option_lists.insert(list.id, entry);
        }
        draft
    }

    fn take_fields<'f>(&mut self, owner: Uuid, fields: impl Iterator<Item = &'f Field>) {
        let own = fields.filter(|field| field.system.is_none());
        let fields = own.map(|field| DraftField {
            id: field.id,
            definition: own_definition(field),
            nullable: field.column().nullable,
            is_new: false,
        });
        self.fields.insert(owner, fields.collect());
    }

    /// The metadata as it was before.
    pub(super) fn rows(&self) -> &'a MetadataRows {
        self.rows
    }

    /// The object type with this name.
    pub(super) fn find_object(&self, name: &str) -> Option<ObjectTypeId> {
        let mut found = self.objects.iter();
        found
            .find(|(_, entry)| entry.definition.name.as_str() == name)
            .or_else(|| {
                let mut found = self.objects.iter();
                found.find(|(_, entry)| entry.definition.aliases.has(name))
            })
            .map(|(id, _)| *id)
    }

    /// The relation type with this name.
    pub(super) fn find_relation(&self, name: &str) -> Option<RelationTypeId> {
        let mut found = self.relations.iter();
        found
            .find(|(_, entry)| entry.definition.name.as_str() == name)
            .or_else(|| {
                let mut found = self.relations.iter();
                found.find(|(_, entry)| entry.definition.aliases.has(name))
            })
            .map(|(id, _)| *id)
    }

    /// The table of a type, and whether it is made by this changeset.
    pub(super) fn table(&self, owner: Subject) -> (String, bool) {
        match owner {
            Subject::Object(id) => self
                .objects
                .get(&id)
                .map(|entry| (entry.definition.table.clone(), entry.is_new)),
            Subject::Relation(id) => self
                .relations
                .get(&id)
                .map(|entry| (entry.definition.table.clone(), entry.is_new)),
        }
        .unwrap_or_default()
    }

    /// The live tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = String> {
        let objects = self.objects.values().map(|it| it.definition.table.clone());
        let relations = self.relations.values();
        objects.chain(relations.map(|it| it.definition.table.clone()))
    }

    /// The live fields of a type but for the system fields.
    pub(super) fn fields(&self, owner: Uuid) -> &[DraftField] {
        self.fields.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// The field of a type with this name.
    pub(super) fn find_field(&self, owner: Uuid, name: &str) -> Option<&DraftField> {
        let fields = self.fields(owner);
        let mut named = fields.iter();
        named
            .find(|field| field.definition.name.as_str() == name)
            .or_else(|| fields.iter().find(|it| it.definition.aliases.has(name)))
    }

    /// The place behind all fields of a type.
    pub(super) fn next_position(&self, owner: Uuid) -> i64 {
        let positions = self.fields(owner).iter();
        let last = positions.map(|field| field.definition.position).max();
        last.map_or(0, |last| last.saturating_add(1))
    }

    /// Whether something has or had this id.
    pub(super) fn knows(&self, id: Uuid) -> bool {
        let live = self.objects.contains_key(&ObjectTypeId::new(id))
            || self.relations.contains_key(&RelationTypeId::new(id))
            || self.option_lists.contains_key(&OptionListId::new(id));
        let mut fields = self.fields.values().flatten();
        let rows = self.rows;
        live || fields.any(|field| field.id.uuid() == id)
            || rows.objects.iter().any(|row| row.id == id)
            || rows.relations.iter().any(|row| row.id == id)
            || rows.fields.iter().any(|row| row.id == id)
    }

    /// Whether something that is there has this id.
    pub(super) fn knows_live(&self, id: Uuid) -> bool {
        let mut fields = self.fields.values().flatten();
        self.objects.contains_key(&ObjectTypeId::new(id))
            || self.relations.contains_key(&RelationTypeId::new(id))
            || self.option_lists.contains_key(&OptionListId::new(id))
            || fields.any(|field| field.id.uuid() == id)
    }

    /// Every field that the type has or had.
    pub(super) fn all_fields_ever(&self, owner: Uuid) -> Vec<Arc<FieldDefinition>> {
        let stored = self.rows.fields.iter().filter(|row| row.owner_id == owner);
        let stored = stored.filter_map(|row| Arc::deserialize(&*row.definition).ok());
        let gone = self.gone.iter().filter_map(|(gone, _)| match gone {
            Gone::Field(of, field) if *of == owner => Some(field.definition.clone()),
            Gone::Field(..) | Gone::Object(..) | Gone::Relation(..) | Gone::OptionList(..) => None,
        });
        let live = self.fields(owner).iter();
        stored
            .chain(gone)
            .chain(live.map(|field| field.definition.clone()))
            .collect()
    }

    /// Every reference with its owner.
    pub(super) fn references(&self) -> impl Iterator<Item = (Uuid, &DraftField)> {
        self.every_field()
            .into_iter()
            .filter(|(_, field)| field.definition.settings.is_reference())
    }

    /// Whether a field of some type is computed.
    pub(super) fn has_computed_fields(&self) -> bool {
        let mut fields = self.fields.values().flatten();
        fields.any(|field| {
            let field_type = find_field_type(&field.definition.field_type);
            field_type.is_some_and(FieldType::is_computed)
        })
    }

    /// Adds or replaces an object type.
    pub(super) fn put_object(&mut self, id: ObjectTypeId, definition: ObjectDefinition) {
        let is_new = self.objects.get(&id).is_none_or(|entry| entry.is_new);
        self.objects.insert(id, Entry { definition, is_new });
        self.touched.insert(id.uuid());
    }

    /// Adds or replaces a relation type.
    pub(super) fn put_relation(&mut self, id: RelationTypeId, definition: RelationDefinition) {
        let is_new = self.relations.get(&id).is_none_or(|entry| entry.is_new);
        self.relations.insert(id, Entry { definition, is_new });
        self.touched.insert(id.uuid());
    }

    /// Adds a field, or replaces the definition of one.
    pub(super) fn put_field(
        &mut self,
        owner: Uuid,
        id: FieldId,
        definition: impl Into<Arc<FieldDefinition>>,
    ) {
        let definition = definition.into();
        self.touched.insert(id.uuid());
        let fields = self.fields.entry(owner).or_default();
        match fields.iter_mut().find(|field| field.id == id) {
            Some(field) => field.definition = definition,
            None => fields.push(DraftField {
                id,
                definition,
                nullable: true,
                is_new: true,
            }),
        }
    }

    /// Takes a field away.
    pub(super) fn delete_field(&mut self, owner: Uuid, id: FieldId) {
        let fields = self.fields.entry(owner).or_default();
        if let Some(at) = fields.iter().position(|field| field.id == id) {
            let mut field = fields.remove(at);
            // Whoever works on it finds nothing to do any more.
            field.definition_mut().work = None;
            self.touched.remove(&id.uuid());
            self.take_away(Gone::Field(owner, Box::new(field)), id.uuid());
        }
    }

    /// Keeps a field that nobody sees: the columns that a conversion fills, or those that it has left.
    pub(super) fn hide(&mut self, owner: Uuid, id: FieldId, definition: FieldDefinition) {
        let field = DraftField {
            id,
            definition: definition.into(),
            nullable: true,
            is_new: true,
        };
        self.gone.push((Gone::Field(owner, Box::new(field)), KEPT));
    }

    /// Adds or replaces a shared option list.
    pub(super) fn put_option_list(&mut self, id: OptionListId, definition: OptionListDefinition) {
        let is_new = self.option_lists.get(&id).is_none_or(|entry| entry.is_new);
        self.option_lists.insert(id, Entry { definition, is_new });
        self.touched.insert(id.uuid());
    }

    /// Takes a shared option list away.
    pub(super) fn delete_option_list(&mut self, id: OptionListId) {
        if let Some(entry) = self.option_lists.remove(&id) {
            self.touched.remove(&id.uuid());
            self.take_away(Gone::OptionList(id, entry.definition), id.uuid());
        }
    }

    /// Every field but for the system fields, with its owner, in a fixed order.
    pub(super) fn every_field(&self) -> Vec<(Uuid, &DraftField)> {
        let mut owners: Vec<_> = self.fields.iter().collect();
        owners.sort_by_key(|(owner, _)| **owner);
        let fields = owners.into_iter();
        fields
            .flat_map(|(owner, fields)| fields.iter().map(|field| (*owner, field)))
            .collect()
    }

    /// The settings with the options of the shared list put in.
    pub(super) fn with_shared(&self, settings: &Settings) -> Settings {
        let mut settings = settings.clone();
        let list = settings
            .option_list
            .and_then(|id| self.option_lists.get(&id));
        if let Some(list) = list {
            settings.options.clone_from(&list.definition.options);
        }
        settings
    }

    /// Takes a relation type away.
    pub(super) fn delete_relation(&mut self, id: RelationTypeId) {
        if let Some(entry) = self.relations.remove(&id) {
            self.touched.remove(&id.uuid());
            self.take_away(Gone::Relation(id, entry.definition), id.uuid());
        }
    }

    /// Takes an object type away.
    pub(super) fn delete_object(&mut self, id: ObjectTypeId) {
        if let Some(entry) = self.objects.remove(&id) {
            self.touched.remove(&id.uuid());
            self.take_away(Gone::Object(id, entry.definition), id.uuid());
        }
    }

    fn take_away(&mut self, gone: Gone, thing: Uuid) {
        let root = self.root_of(thing);
        self.gone.push((gone, root));
    }

    /// The catalog as it would be if the changeset ended here.
    pub(super) fn preview(&self) -> Result<Catalog> {
        let known = Predecessor {
            rows: self.rows,
            catalog: self.catalog,
        };
        Catalog::load_after(&self.rows_now()?, known)
    }

    /// The metadata as it would be if the changeset ended here.
    pub(super) fn rows_now(&self) -> Result<MetadataRows> {
        let mut rows = self.rows.clone();
        let changed = self.changed_rows(OffsetDateTime::UNIX_EPOCH)?;
        changed.deletions.put_into(&mut rows.deletions);
        changed.put_into(&mut rows);
        Ok(rows)
    }

    /// The rows to write.
    pub(super) fn changed_rows(&self, now: OffsetDateTime) -> Result<ChangedRows> {
        let mut changed = ChangedRows::default();
        let touched = |id: &Uuid| self.touched.contains(id);
        for (id, entry) in self.objects.iter().filter(|(id, _)| touched(&id.uuid())) {
            changed
                .objects
                .push(object_row(*id, &entry.definition, None)?);
        }
        for (id, entry) in self.relations.iter().filter(|(id, _)| touched(&id.uuid())) {
            let row = relation_row(*id, &entry.definition, None)?;
            changed.relations.push(row);
        }
        for (owner, fields) in &self.fields {
            for field in fields.iter().filter(|field| touched(&field.id.uuid())) {
                changed.fields.push(field_row(*owner, field, None)?);
            }
        }
        for (id, entry) in self
            .option_lists
            .iter()
            .filter(|(id, _)| touched(&id.uuid()))
        {
            let row = option_list_row(*id, &entry.definition, None)?;
            changed.option_lists.push(row);
        }
        for (gone, _) in &self.gone {
            match gone {
                Gone::OptionList(id, definition) => {
                    let row = option_list_row(*id, definition, Some(now))?;
                    changed.option_lists.push(row);
                }
                Gone::Object(id, definition) => {
                    changed
                        .objects
                        .push(object_row(*id, definition, Some(now))?);
                }
                Gone::Relation(id, definition) => {
                    let row = relation_row(*id, definition, Some(now))?;
                    changed.relations.push(row);
                }
                Gone::Field(owner, field) => {
                    changed.fields.push(field_row(*owner, field, Some(now))?);
                }
            }
        }
        changed.deletions = self.changed_deletions();
        Ok(changed)
    }
}

/// The definition as it is kept: without what a lookup takes from the field that it shows, and without what
/// a shared list offers, which stands in the list alone.
fn own_definition(field: &Field) -> Arc<FieldDefinition> {
    let mut definition = Arc::clone(&field.definition);
    if field.is_virtual() {
        Arc::make_mut(&mut definition).settings = Settings {
            via: field.settings.via,
            field: field.settings.field,
            ..Settings::default()
        };
    } else if field.settings.option_list.is_some() {
        Arc::make_mut(&mut definition).settings.options.clear();
    }
    definition
}

fn object_row(
    id: ObjectTypeId,
    definition: &ObjectDefinition,
    deleted_at: Option<OffsetDateTime>,
) -> Result<entity::meta_object_type::Model> {
    Ok(entity::meta_object_type::Model {
        id: id.uuid(),
        name: definition.name.to_string(),
        definition: json(definition)?.into(),
        deleted_at,
    })
}

fn relation_row(
    id: RelationTypeId,
    definition: &RelationDefinition,
    deleted_at: Option<OffsetDateTime>,
) -> Result<entity::meta_relation_type::Model> {
    Ok(entity::meta_relation_type::Model {
        id: id.uuid(),
        name: definition.name.to_string(),
        definition: json(definition)?.into(),
        deleted_at,
    })
}

fn option_list_row(
    id: OptionListId,
    definition: &OptionListDefinition,
    deleted_at: Option<OffsetDateTime>,
) -> Result<entity::meta_option_list::Model> {
    Ok(entity::meta_option_list::Model {
        id: id.uuid(),
        name: definition.name.to_string(),
        definition: json(definition)?.into(),
        deleted_at,
    })
}

fn field_row(
    owner: Uuid,
    field: &DraftField,
    deleted_at: Option<OffsetDateTime>,
) -> Result<entity::meta_field::Model> {
    Ok(entity::meta_field::Model {
        id: field.id.uuid(),
        owner_id: owner,
        name: field.definition.name.to_string(),
        definition: json(&*field.definition)?.into(),
        deleted_at,
    })
}

pub(super) fn json(definition: &impl Serialize) -> Result<Json> {
    serde_json::to_value(definition)
        .map_err(|error| Error::internal("writing a definition of the metadata tables", error))
}
