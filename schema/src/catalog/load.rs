//! Builds a catalog: standard definitions, overridden and extended by the metadata rows.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    Catalog, Collection, CollectionKind, Converting, Currencies, CurrencyRows, Field, FieldList,
    ObjectType, OptionList, Origin, RelationType, Subject,
    definition::{EndDefinition, FieldDefinition, ObjectDefinition, RelationDefinition},
    display::displays,
    end,
    expressions::compile,
    field::{columns_of, link_fields, record_fields},
    lookup,
    reuse::{Predecessor, has_own},
    standard,
};
use crate::{
    error::{Error, Result},
    field_type::find_field_type,
    id::{FieldId, ObjectTypeId, OptionListId, RelationTypeId},
};

/// The metadata tables as they were read.
#[derive(Clone, Debug, Default)]
pub struct MetadataRows {
    /// The schema version.
    pub version: i64,
    /// Custom object types, and what was changed of standard ones.
    pub objects: Vec<entity::meta_object_type::Model>,
    /// Custom fields, and what was changed of standard ones.
    pub fields: Vec<entity::meta_field::Model>,
    /// Custom relation types, and what was changed of standard ones.
    pub relations: Vec<entity::meta_relation_type::Model>,
    /// Shared option lists.
    pub option_lists: Vec<entity::meta_option_list::Model>,
    /// The base currency and the rates.
    pub currencies: CurrencyRows,
    /// What was deleted of all this.
    pub deletions: Vec<entity::meta_deletion::Model>,
}

/// A definition with the facts that only code or row know.
struct Draft<D> {
    definition: D,
    origin: Origin,
}

impl Catalog {
    /// The catalog that code and rows describe together. Rows that are marked deleted take the thing
    /// away; a field whose reference points at a deleted type goes with it.
    pub fn load(rows: &MetadataRows) -> Result<Self> {
        Self::load_with(rows, None)
    }

    /// The same, but for aliases that have ended: what stands in the same rows as before is taken from the
    /// catalog of those.
    pub(crate) fn load_after(rows: &MetadataRows, known: Predecessor<'_>) -> Result<Self> {
        Self::load_with(rows, Some(known))
    }

    fn load_with(rows: &MetadataRows, known: Option<Predecessor<'_>>) -> Result<Self> {
        let mut objects: HashMap<ObjectTypeId, Draft<ObjectDefinition>> = HashMap::new();
        let mut relations: HashMap<RelationTypeId, Draft<RelationDefinition>> = HashMap::new();
        let mut fields: HashMap<Uuid, Vec<Arc<Field>>> = HashMap::new();

        for (id, definition, standard_fields) in standard::objects() {
            objects.insert(
                id,
                Draft {
                    definition,
                    origin: Origin::Standard,
                },
            );
            add_standard_fields(&mut fields, id.uuid(), standard_fields)?;
        }
        for (id, definition, standard_fields) in standard::relations() {
            relations.insert(
                id,
                Draft {
                    definition,
                    origin: Origin::Standard,
                },
            );
            add_standard_fields(&mut fields, id.uuid(), standard_fields)?;
        }
        for row in &rows.objects {
            overlay(
                &mut objects,
                ObjectTypeId::new(row.id),
                &row.definition,
                row.deleted_at.is_some(),
            )?;
        }
        for row in &rows.relations {
            overlay(
                &mut relations,
                RelationTypeId::new(row.id),
                &row.definition,
                row.deleted_at.is_some(),
            )?;
        }
        let settled = known.map(|known| known.settled(rows)).unwrap_or_default();
        let is_open = |row: &&entity::meta_field::Model| !settled.contains_key(&row.owner_id);
        for (at, row) in in_order(&rows.fields, is_open) {
            let field = known.and_then(|known| known.field(at, row));
            overlay_field(fields.entry(row.owner_id).or_default(), (row, field))?;
        }
        fields.extend(settled);
        let option_lists = option_lists(rows)?;
        for field in fields.values_mut().flatten() {
            if field.settings.option_list.is_some() {
                offer_shared(Arc::make_mut(field), &option_lists);
            }
            if let Some(converting) = converting(field, rows, &option_lists)? {
                Arc::make_mut(field).converting = Some(converting);
            }
        }
        let previous = known.map(|known| known.catalog);
        let mut catalog = assemble(rows.version, (objects, relations), fields, previous);
        catalog.option_lists = option_lists;
        catalog.currencies = Arc::new(Currencies::load(&rows.currencies)?);
        Ok(catalog)
    }

    /// This catalog, with each part that is equal to one of `previous` taken from there, so that the
    /// two share memory.
    #[must_use]
    pub fn sharing(mut self, previous: &Self) -> Self {
        for (id, object) in &mut self.objects {
            if let Some(old) = previous.objects.get(id) {
                share(object, old);
            }
        }
        for (id, relation) in &mut self.relations {
            if let Some(old) = previous.relations.get(id) {
                share(relation, old);
            }
        }
        if self.currencies.version() == previous.currencies.version() {
            self.currencies = Arc::clone(&previous.currencies);
        }
        self
    }
}

fn share<T: PartialEq>(new: &mut Arc<T>, old: &Arc<T>) {
    if !Arc::ptr_eq(new, old) && new == old {
        *new = Arc::clone(old);
    }
}

fn parse<D: DeserializeOwned>(json: &serde_json::Value) -> Result<D> {
    D::deserialize(json)
        .map_err(|error| Error::internal("reading a definition of the metadata tables", error))
}

fn overlay<K: std::hash::Hash + Eq, D: DeserializeOwned>(
    drafts: &mut HashMap<K, Draft<D>>,
    id: K,
    definition: &serde_json::Value,
    deleted: bool,
) -> Result<()> {
    if deleted {
        drafts.remove(&id);
        return Ok(());
    }
    let origin = drafts.get(&id).map_or(Origin::Custom, |draft| draft.origin);
    drafts.insert(
        id,
        Draft {
            definition: parse(definition)?,
            origin,
        },
    );
    Ok(())
}

fn option_lists(rows: &MetadataRows) -> Result<Vec<OptionList>> {
    let live = rows
        .option_lists
        .iter()
        .filter(|row| row.deleted_at.is_none());
    let lists = live.map(|row| {
        Ok(OptionList {
            id: OptionListId::new(row.id),
            definition: parse(&row.definition)?,
        })
    });
    let mut lists: Vec<OptionList> = lists.collect::<Result<_>>()?;
    lists.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
    Ok(lists)
}

/// Puts the options of the shared list into a field that has one, so that nobody else has to look.
fn offer_shared(field: &mut Field, lists: &[OptionList]) {
    let Some(id) = field.settings.option_list else {
        return;
    };
    if let Some(list) = lists.iter().find(|list| list.id == id) {
        let settings = &mut Arc::make_mut(&mut field.definition).settings;
        settings.options.clone_from(&list.definition.options);
    }
}

/// The hidden field that a field is converted into.
fn converting(
    field: &Field,
    rows: &MetadataRows,
    lists: &[OptionList],
) -> Result<Option<Box<Converting>>> {
    let into = field.work.as_ref().and_then(|it| it.conversion.as_ref());
    let row = into.and_then(|into| rows.fields.iter().find(|row| row.id == into.field.uuid()));
    let Some((into, row)) = into.zip(row) else {
        return Ok(None);
    };
    let definition: FieldDefinition = parse(&row.definition)?;
    let mut hidden = hidden_field(into.field, definition)?;
    offer_shared(&mut hidden, lists);
    Ok(Some(Box::new(Converting {
        into: Arc::new(hidden),
        rules: into.rules.clone(),
    })))
}

/// A field that stands in no list.
pub(crate) fn hidden_field(id: FieldId, definition: FieldDefinition) -> Result<Field> {
    build_field(id, definition, Origin::Custom, true)
}

fn add_standard_fields(
    fields: &mut HashMap<Uuid, Vec<Arc<Field>>>,
    owner: Uuid,
    standard: Vec<standard::StandardField>,
) -> Result<()> {
    let list = fields.entry(owner).or_default();
    for field in standard {
        let built = build_field(field.id, field.definition, Origin::Standard, field.nullable);
        list.push(Arc::new(built?));
    }
    Ok(())
}

/// Custom fields show in the order in which they were added, in which no database keeps them. Each with
/// its place among the rows.
fn in_order(
    rows: &[entity::meta_field::Model],
    wanted: impl Fn(&&entity::meta_field::Model) -> bool,
) -> Vec<(usize, &entity::meta_field::Model)> {
    let rows = rows.iter().enumerate();
    let mut rows: Vec<_> = rows.filter(|(_, row)| wanted(row)).collect();
    rows.sort_by_cached_key(|(_, row)| (row.definition["position"].as_i64(), row.id));
    rows
}

/// Adds the field of a row, or puts it in the place of the standard one. `known` is the field if it is built
/// already.
fn overlay_field(
    list: &mut Vec<Arc<Field>>,
    (row, known): (&entity::meta_field::Model, Option<&Arc<Field>>),
) -> Result<()> {
    let id = FieldId::new(row.id);
    let at = list.iter().position(|field| field.id == id);
    if row.deleted_at.is_some() {
        if let Some(at) = at {
            list.remove(at);
        }
        return Ok(());
    }
    let (origin, nullable) = at.map_or((Origin::Custom, true), |at| {
        (Origin::Standard, list[at].column().nullable)
    });
    let field = match known {
        Some(known) => Arc::clone(known),
        None => Arc::new(build_field(id, parse(&row.definition)?, origin, nullable)?),
    };
    match at {
        Some(at) => list[at] = field,
        None => list.push(field),
    }
    Ok(())
}

fn build_field(
    id: FieldId,
    definition: FieldDefinition,
    origin: Origin,
    nullable: bool,
) -> Result<Field> {
    let field_type = find_field_type(&definition.field_type).ok_or_else(|| {
        Error::internal(
            "reading a definition of the metadata tables",
            definition.field_type.clone(),
        )
    })?;
    let columns = columns_of(
        field_type,
        &definition.settings,
        &definition.column,
        nullable,
    );
    Ok(Field {
        id,
        definition: Arc::new(definition),
        field_type,
        origin,
        system: None,
        columns,
        lookup: None,
        converting: None,
    })
}

/// The types before they are put together.
type Drafts = (
    HashMap<ObjectTypeId, Draft<ObjectDefinition>>,
    HashMap<RelationTypeId, Draft<RelationDefinition>>,
);

fn assemble(
    version: i64,
    (objects, mut relations): Drafts,
    mut fields: HashMap<Uuid, Vec<Arc<Field>>>,
    previous: Option<&Catalog>,
) -> Catalog {
    let live: HashSet<ObjectTypeId> = objects.keys().copied().collect();
    relations.retain(|_, draft| {
        let is_live = |end: &EndDefinition| end.types().any(|object| live.contains(&object));
        is_live(&draft.definition.source) && is_live(&draft.definition.target)
    });
    for list in fields.values_mut() {
        list.retain(|field| {
            let mut named = field.settings.named_targets().peekable();
            named.peek().is_none() || named.any(|target| live.contains(&target))
        });
    }
    for list in fields.values_mut() {
        list.sort_by_key(|field| field.position);
    }
    lookup::resolve(&mut fields);
    let objects: HashMap<_, _> = objects
        .into_iter()
        .map(|(id, draft)| {
            let own = fields.remove(&id.uuid()).unwrap_or_default();
            let old = previous.and_then(|previous| previous.find_object(id));
            (id, object(id, draft, own, old))
        })
        .collect();
    let relations: HashMap<_, _> = relations
        .into_iter()
        .map(|(id, draft)| {
            let own = fields.remove(&id.uuid()).unwrap_or_default();
            let old = previous.and_then(|previous| previous.find_relation(id));
            (id, relation(id, draft, own, old))
        })
        .collect();
    index(version, objects, relations)
}

/// An object type: the old one where nothing of it is different.
fn object(
    id: ObjectTypeId,
    draft: Draft<ObjectDefinition>,
    own: Vec<Arc<Field>>,
    old: Option<&Arc<ObjectType>>,
) -> Arc<ObjectType> {
    let Draft {
        mut definition,
        origin,
    } = draft;
    let system = record_fields(definition.attributes.has_owner.unwrap_or(true));
    let is_live = |id: &FieldId| system.iter().chain(&own).any(|field| field.id == *id);
    definition.title = definition.title.filter(is_live);
    let attributes = &mut definition.attributes;
    attributes
        .unique_keys
        .retain(|key| key.fields.iter().all(is_live));
    attributes.default_sort.retain(|key| is_live(&key.field));
    let is_same =
        |old: &&Arc<ObjectType>| old.definition == definition && has_own(&old.fields, &own);
    if let Some(old) = old.filter(is_same) {
        return Arc::clone(old);
    }
    let fields = FieldList::new(system.into_iter().chain(own).collect());
    Arc::new(ObjectType {
        id,
        definition,
        origin,
        fields,
    })
}

/// A relation type: the old one where nothing of it is different.
fn relation(
    id: RelationTypeId,
    draft: Draft<RelationDefinition>,
    own: Vec<Arc<Field>>,
    old: Option<&Arc<RelationType>>,
) -> Arc<RelationType> {
    let Draft { definition, origin } = draft;
    let is_same =
        |old: &&Arc<RelationType>| old.definition == definition && has_own(&old.fields, &own);
    if let Some(old) = old.filter(is_same) {
        return Arc::clone(old);
    }
    Arc::new(RelationType {
        pointers: end::pointers(id, [&definition.source, &definition.target]),
        fields: FieldList::new(link_fields(&definition).into_iter().chain(own).collect()),
        id,
        definition,
        origin,
    })
}

/// The types by the names in requests.
struct Names {
    by_name: HashMap<String, Subject>,
    by_plural: HashMap<String, ObjectTypeId>,
}

impl Names {
    /// Aliases come first: where one is called like a type, the type has the name.
    fn of(
        objects: &HashMap<ObjectTypeId, Arc<ObjectType>>,
        relations: &HashMap<RelationTypeId, Arc<RelationType>>,
    ) -> Self {
        let mut by_name = HashMap::new();
        let mut by_plural = HashMap::new();
        for object in objects.values() {
            for alias in object.aliases.iter() {
                by_name.insert(alias.name.to_string(), Subject::Object(object.id));
            }
            for alias in object.plural_aliases.iter() {
                by_plural.insert(alias.name.to_string(), object.id);
            }
        }
        for relation in relations.values() {
            for alias in relation.aliases.iter() {
                by_name.insert(alias.name.to_string(), Subject::Relation(relation.id));
            }
        }
        for object in objects.values() {
            by_name.insert(object.name.to_string(), Subject::Object(object.id));
            by_plural.insert(object.plural.to_string(), object.id);
        }
        for relation in relations.values() {
            by_name.insert(relation.name.to_string(), Subject::Relation(relation.id));
        }
        Self { by_name, by_plural }
    }
}

pub(super) fn index(
    version: i64,
    objects: HashMap<ObjectTypeId, Arc<ObjectType>>,
    relations: HashMap<RelationTypeId, Arc<RelationType>>,
) -> Catalog {
    let names = Names::of(&objects, &relations);
    let (references, collections) = collections(&objects, &relations);
    let mut catalog = Catalog {
        version,
        objects,
        relations,
        by_plural: names.by_plural,
        by_name: names.by_name,
        references,
        collections,
        bonds: HashMap::new(),
        option_lists: Vec::new(),
        currencies: Arc::default(),
        expressions: HashMap::new(),
        displays: HashMap::new(),
        alias_count: 0,
        alias_end: None,
    };
    catalog.note_aliases();
    catalog.note_bonds();
    catalog.expressions = compile(&catalog);
    catalog.displays = displays(&catalog);
    catalog
}

/// The references with an inverse by their id, and the collections of each object type.
#[expect(clippy::type_complexity, reason = "two maps of the catalog")]
fn collections(
    objects: &HashMap<ObjectTypeId, Arc<ObjectType>>,
    relations: &HashMap<RelationTypeId, Arc<RelationType>>,
) -> (
    HashMap<FieldId, ObjectTypeId>,
    HashMap<ObjectTypeId, Arc<[Collection]>>,
) {
    let mut references = HashMap::new();
    let mut collections: HashMap<ObjectTypeId, Vec<Collection>> = HashMap::new();
    for object in objects.values() {
        for field in object.fields.iter() {
            let Some(inverse) = &field.settings.inverse else {
                continue;
            };
            references.insert(field.id, object.id);
            let targets = field.settings.named_targets();
            for target in targets.filter(|target| objects.contains_key(target)) {
                collections.entry(target).or_default().push(Collection {
                    name: inverse.name.clone(),
                    aliases: field.inverse_aliases.clone(),
                    label: inverse.label.clone(),
                    labels: inverse.labels.clone(),
                    target: Some(object.id),
                    kind: CollectionKind::Inverse { field: field.id },
                });
            }
        }
    }
    for relation in relations.values() {
        for &direction in relation.directions() {
            let (near, far) = (relation.near(direction), relation.far(direction));
            for object in near.types().filter(|object| objects.contains_key(object)) {
                collections.entry(object).or_default().push(Collection {
                    name: near.name.clone(),
                    aliases: near.aliases.clone(),
                    label: near.label.clone(),
                    labels: near.labels.clone(),
                    target: far.object,
                    kind: CollectionKind::Relation {
                        relation: relation.id,
                        direction,
                    },
                });
            }
        }
    }
    let collections = collections
        .into_iter()
        .map(|(object, mut list)| {
            list.sort_by(|a, b| a.name.cmp(&b.name));
            (object, list.into())
        })
        .collect();
    (references, collections)
}
