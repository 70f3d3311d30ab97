//! Descriptions of the schema as one caller may see it: what a screen needs to draw forms and lists.
//! They come from the caller's surface, so that nothing shows that could not be asked for.

mod settings;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use self::settings::settings_of;
use crate::{
    access::{
        Caller, Checker, Permission, Surface, SurfaceCollection, SurfaceObject, SurfaceRelation,
    },
    catalog::{Catalog, CollectionKind, Field, Origin, RelationType},
    engine::Engine,
    error::{Error, Result},
    field_type::FIELD_TYPES,
};

/// An object type as one caller may see it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDescription {
    /// The singular API name.
    pub name: String,
    /// The plural API name.
    pub plural: String,
    /// What people read, singular.
    pub label: String,
    /// What people read, plural.
    pub plural_label: String,
    /// What the type is for.
    pub description: String,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// The field that names a record, when the caller may see it.
    pub title: Option<String>,
    /// Whether the caller may see records.
    pub readable: bool,
    /// Whether the caller may create records.
    pub creatable: bool,
    /// Whether the caller may change records.
    pub updatable: bool,
    /// Whether the caller may delete and restore records.
    pub deletable: bool,
    /// The fields that the caller may read or write, system fields first.
    pub fields: Vec<FieldDescription>,
    /// The collections that the caller may walk: inverses of references and relation types.
    pub relations: Vec<CollectionDescription>,
}

/// A field as one caller may see it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDescription {
    /// The API name.
    pub name: String,
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: &'static str,
    /// What people read.
    pub label: String,
    /// What people read when they ask what it is for.
    pub help: String,
    /// Whether a record must have a value.
    pub required: bool,
    /// Whether no two live records may have the same value.
    pub unique: bool,
    /// The value of a new record that brings none.
    pub default: Option<Json>,
    /// What a field of any type may have besides: `labels`, `readOnly`, `audited`, …
    #[serde(flatten)]
    pub attributes: Map<String, Json>,
    /// The settings of the type, beside the rest as in a changeset.
    #[serde(flatten)]
    pub settings: Map<String, Json>,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// Whether the engine keeps it.
    pub system: bool,
    /// Whether the caller may read it on some record.
    pub readable: bool,
    /// Whether the caller may send it in a create.
    pub creatable: bool,
    /// Whether the caller may send it in an update.
    pub updatable: bool,
    /// The operators that a filter may use on it; of a composite value by part.
    pub operators: Json,
}

/// A collection of an object type as one caller may see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionDescription {
    /// The API name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// `inverse` of a reference, or `relation`.
    pub kind: &'static str,
    /// The object type of the members.
    pub target: String,
    /// The reference, a field of the target, of which this is the inverse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// How many links a record may have here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cardinality: Option<Json>,
    /// Whether the caller may make and end links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkable: Option<bool>,
    /// The link's own fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldDescription>>,
}

/// A relation type as one caller may see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationDescription {
    /// The API name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What a link says.
    pub description: String,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// The source end.
    pub source: EndDescription,
    /// The target end.
    pub target: EndDescription,
    /// Whether the caller may make and end links.
    pub linkable: bool,
    /// The link's own fields.
    pub fields: Vec<FieldDescription>,
}

/// One end of a relation type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndDescription {
    /// The object type at this end.
    pub object: String,
    /// The collection that a record at this end has.
    pub name: String,
    /// What people read.
    pub label: String,
    /// How many links a record at this end may have.
    pub cardinality: Json,
}

/// A field type, for those who define fields.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldTypeDescription {
    /// The name.
    pub name: &'static str,
    /// The settings that a field of this type may have.
    pub settings: &'static [&'static str],
    /// Whether a field of this type may be unique, its settings aside.
    pub can_be_unique: bool,
}

impl Engine {
    /// The object types that the caller may name, by API name.
    pub fn describe_objects(&self, caller: &Caller) -> Vec<ObjectDescription> {
        let seen = self.seen_by(caller);
        let objects = seen.surface.objects.iter();
        objects
            .map(|object| describe_object(&seen, object))
            .collect()
    }

    /// One object type by its singular name.
    pub fn describe_object(&self, caller: &Caller, name: &str) -> Result<ObjectDescription> {
        let seen = self.seen_by(caller);
        let object = seen
            .surface
            .find_name(name)
            .ok_or_else(|| Error::NotFound {
                kind: "object type",
                name: name.to_owned(),
            })?;
        Ok(describe_object(&seen, object))
    }

    /// The relation types along which the caller may walk, by API name.
    pub fn describe_relations(&self, caller: &Caller) -> Vec<RelationDescription> {
        let seen = self.seen_by(caller);
        let mut found: Vec<&SurfaceRelation> = seen
            .surface
            .objects
            .iter()
            .flat_map(|object| &object.collections)
            .filter_map(|collection| collection.relation.as_ref())
            .collect();
        found.sort_by(|a, b| a.relation.name.cmp(&b.relation.name));
        found.dedup_by_key(|found| found.relation.id);
        found
            .into_iter()
            .map(|found| describe_relation(&seen, found))
            .collect()
    }

    /// One relation type by its name.
    pub fn describe_relation(&self, caller: &Caller, name: &str) -> Result<RelationDescription> {
        let mut relations = self.describe_relations(caller).into_iter();
        let found = relations.find(|relation| relation.name == name);
        found.ok_or_else(|| Error::NotFound {
            kind: "relation type",
            name: name.to_owned(),
        })
    }

    /// The field types.
    pub fn describe_field_types(&self) -> Vec<FieldTypeDescription> {
        let field_types = FIELD_TYPES.iter().map(|field_type| FieldTypeDescription {
            name: field_type.name(),
            settings: field_type.allowed_settings(),
            can_be_unique: field_type
                .check_unique(&crate::field_type::Settings::default())
                .is_ok(),
        });
        field_types.collect()
    }

    fn seen_by(&self, caller: &Caller) -> Seen {
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        Seen {
            surface: checker.surface(),
            defines: checker.permit(Permission::ManageSchema).is_ok(),
            catalog: state.catalog,
        }
    }
}

/// The schema as one caller sees it.
struct Seen {
    catalog: Arc<Catalog>,
    surface: Surface,
    /// Whether the caller may define fields.
    defines: bool,
}

fn describe_object(seen_by: &Seen, seen: &SurfaceObject) -> ObjectDescription {
    let object = &seen.object;
    let holds = |list: &Option<Vec<Arc<Field>>>, field: &Field| {
        let mut fields = list.iter().flatten();
        fields.any(|seen| seen.id == field.id)
    };
    let fields: Vec<FieldDescription> = object
        .fields
        .iter()
        .map(|field| FieldDescription {
            readable: holds(&seen.readable, field),
            creatable: holds(&seen.creatable, field),
            updatable: holds(&seen.updatable, field),
            ..describe_field(seen_by, (object.id.uuid(), field))
        })
        .filter(|field| field.readable || field.creatable || field.updatable)
        .collect();
    let title = object.title.and_then(|id| object.fields.find_by_id(id));
    let title = title.filter(|field| holds(&seen.readable, field));
    ObjectDescription {
        name: object.name.to_string(),
        plural: object.plural.to_string(),
        label: object.label.clone(),
        plural_label: object.plural_label.clone(),
        description: object.description.clone(),
        origin: origin_text(object.origin),
        title: title.map(|field| field.name.to_string()),
        readable: seen.readable.is_some(),
        creatable: seen.creatable.is_some(),
        updatable: seen.updatable.is_some(),
        deletable: seen.deletable,
        fields,
        relations: seen
            .collections
            .iter()
            .map(|collection| describe_collection(seen_by, collection))
            .collect(),
    }
}

fn describe_field(seen_by: &Seen, (owner, field): (Uuid, &Field)) -> FieldDescription {
    FieldDescription {
        name: field.name.to_string(),
        field_type: field.field_type.name(),
        label: field.label.clone(),
        help: field.help.clone(),
        required: field.required,
        unique: field.unique,
        default: field.default.clone(),
        attributes: attributes(field),
        settings: settings_of(seen_by, (owner, field)),
        origin: origin_text(field.origin),
        system: field.system.is_some(),
        readable: true,
        creatable: false,
        updatable: false,
        operators: operators(field),
    }
}

/// The attributes; those that say yes or no also where they are as by default.
fn attributes(field: &Field) -> Map<String, Json> {
    let attributes = &field.attributes;
    let mut members = match serde_json::to_value(attributes) {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    };
    let flags = [
        ("readOnly", attributes.read_only),
        ("writeOnce", attributes.write_once),
        ("audited", attributes.is_audited()),
        ("searchable", attributes.searchable),
        ("indexed", attributes.indexed),
    ];
    for (name, flag) in flags {
        members.insert(name.to_owned(), Json::Bool(flag));
    }
    let class = serde_json::to_value(attributes.personal_data).unwrap_or_default();
    members.insert("personalData".to_owned(), class);
    members
}

/// `["eq", …]`, or of a composite value an object of such lists.
fn operators(field: &Field) -> Json {
    let names = |scalar: crate::field_type::Scalar| {
        let operators = scalar.operators().iter();
        operators.map(|operator| operator.name()).collect::<Json>()
    };
    if field.is_composite() {
        let parts = field.columns.iter().filter_map(|column| {
            let key = column.part.key?;
            Some((key.to_owned(), names(column.part.scalar)))
        });
        return Json::Object(parts.collect());
    }
    names(field.column().part.scalar)
}

fn describe_collection(seen_by: &Seen, seen: &SurfaceCollection) -> CollectionDescription {
    let Seen {
        catalog, surface, ..
    } = seen_by;
    let collection = &seen.collection;
    let target = surface.find(collection.target);
    let target = target.map(|target| target.object.name.to_string());
    let field = match collection.kind {
        CollectionKind::Inverse { field } => catalog.find_reference(field),
        CollectionKind::Relation { .. } => None,
    };
    let relation = seen.relation.as_ref();
    let cardinality = match collection.kind {
        CollectionKind::Relation { direction, .. } => relation
            .and_then(|seen| serde_json::to_value(seen.relation.near(direction).cardinality).ok()),
        CollectionKind::Inverse { .. } => None,
    };
    CollectionDescription {
        name: collection.name.to_string(),
        label: collection.label.clone(),
        kind: if relation.is_some() {
            "relation"
        } else {
            "inverse"
        },
        target: target.unwrap_or_default(),
        field: field.map(|(_, field)| field.name.to_string()),
        relation: relation.map(|seen| seen.relation.name.to_string()),
        cardinality,
        linkable: relation.map(|seen| seen.linkable.is_some()),
        fields: relation.map(|seen| describe_link_fields(seen_by, seen)),
    }
}

fn describe_link_fields(seen_by: &Seen, seen: &SurfaceRelation) -> Vec<FieldDescription> {
    let sendable = |field: &Field| {
        let mut linkable = seen.linkable.iter().flatten();
        linkable.any(|sendable| sendable.id == field.id)
    };
    let is_readable = |field: &Field| seen.readable.iter().any(|it| it.id == field.id);
    let fields = seen.relation.fields.iter();
    fields
        .map(|field| FieldDescription {
            readable: is_readable(field),
            creatable: sendable(field),
            updatable: sendable(field),
            ..describe_field(seen_by, (seen.relation.id.uuid(), field))
        })
        .filter(|field| field.readable || field.creatable)
        .collect()
}

fn describe_relation(seen_by: &Seen, seen: &SurfaceRelation) -> RelationDescription {
    let catalog = &seen_by.catalog;
    let relation: &RelationType = &seen.relation;
    let end = |end: &crate::catalog::End| EndDescription {
        object: catalog
            .find_object(end.object)
            .map(|object| object.name.to_string())
            .unwrap_or_default(),
        name: end.name.to_string(),
        label: end.label.clone(),
        cardinality: serde_json::to_value(end.cardinality).unwrap_or_default(),
    };
    RelationDescription {
        name: relation.name.to_string(),
        label: relation.label.clone(),
        description: relation.description.clone(),
        origin: origin_text(relation.origin),
        source: end(&relation.source),
        target: end(&relation.target),
        linkable: seen.linkable.is_some(),
        fields: describe_link_fields(seen_by, seen),
    }
}

fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::Standard => "standard",
        Origin::Custom => "custom",
    }
}
