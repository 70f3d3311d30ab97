//! Standard types as definitions: the sea-orm entities and the descriptions beside them.

use std::collections::BTreeMap;

use entity::{Bond, FieldDescription, Kind, StandardColumn};
use uuid::Uuid;

use crate::{
    catalog::{
        Aliases, Cardinality,
        definition::{
            EndDefinition, FieldAttributes, FieldDefinition, ObjectAttributes, ObjectDefinition,
            RelationDefinition,
        },
        member,
    },
    expression::{Member, Scope, Template},
    field_type::{FieldOption, Inverse, OnDelete, Settings},
    id::{FieldId, ObjectTypeId, RelationTypeId},
    name::ApiName,
};

/// The standard object types with their ids and fields.
pub(super) fn objects() -> Vec<StandardObject> {
    let mut objects = described();
    let templates: Vec<Option<String>> = entity::standard_objects()
        .into_iter()
        .map(|standard| {
            let about = standard.description;
            let owner = ObjectTypeId::standard(about.name).uuid();
            let template = Template::define(about.display_template?, owner, &Standard(&objects));
            Some(template.ok()?.stored().to_owned())
        })
        .collect();
    for ((_, definition, _), template) in objects.iter_mut().zip(templates) {
        definition.attributes.display_template = template;
    }
    objects
}

/// A standard object type with its id and fields.
type StandardObject = (ObjectTypeId, ObjectDefinition, Vec<StandardField>);

/// The standard types as the scope of their templates.
struct Standard<'a>(&'a [StandardObject]);

impl Standard<'_> {
    fn member(&self, owner: Uuid, is_it: impl Fn(&StandardField) -> bool) -> Option<Member> {
        let mut objects = self.0.iter();
        let (_, _, fields) = objects.find(|(id, ..)| id.uuid() == owner)?;
        let field = fields.iter().find(|field| is_it(field))?;
        member(field.id, &field.definition, None)
    }
}

impl Scope for Standard<'_> {
    fn find(&self, owner: Uuid, name: &str) -> Option<Member> {
        self.member(owner, |field| field.definition.name.as_str() == name)
    }

    fn find_by_id(&self, owner: Uuid, id: FieldId) -> Option<Member> {
        self.member(owner, |field| field.id == id)
    }
}

fn described() -> Vec<StandardObject> {
    entity::standard_objects()
        .into_iter()
        .map(|standard| {
            let about = standard.description;
            let definition = ObjectDefinition {
                name: ApiName::of_code(about.name),
                plural: ApiName::of_code(about.plural),
                aliases: Aliases::default(),
                plural_aliases: Aliases::default(),
                label: about.label.to_owned(),
                plural_label: about.plural_label.to_owned(),
                description: about.description.to_owned(),
                table: standard.table.to_owned(),
                title: Some(FieldId::standard(about.name, about.title)),
                validations: Vec::new(),
                attributes: ObjectAttributes::default(),
            };
            let fields = fields(about.name, about.fields, &(standard.columns)());
            (ObjectTypeId::standard(about.name), definition, fields)
        })
        .collect()
}

/// The standard relation types with their ids and fields.
pub(super) fn relations() -> Vec<(RelationTypeId, RelationDefinition, Vec<StandardField>)> {
    entity::standard_relations()
        .into_iter()
        .map(|standard| {
            let about = standard.description;
            let end = |object: &str, name: &str, label: &str| EndDefinition {
                object: Some(ObjectTypeId::standard(object)),
                objects: Vec::new(),
                name: ApiName::of_code(name),
                aliases: Aliases::default(),
                label: label.to_owned(),
                labels: BTreeMap::new(),
                cardinality: Cardinality::Many,
                on_delete: OnDelete::Detach,
                ordered: false,
            };
            let definition = RelationDefinition {
                name: ApiName::of_code(about.name),
                aliases: Aliases::default(),
                label: about.label.to_owned(),
                labels: BTreeMap::new(),
                description: about.description.to_owned(),
                table: standard.table.to_owned(),
                source: end(about.source, about.forward, about.forward_label),
                target: end(about.target, about.reverse, about.reverse_label),
                validations: Vec::new(),
                temporal: false,
                symmetric: false,
                allow_duplicates: true,
            };
            let fields = fields(about.name, about.fields, &(standard.columns)());
            (RelationTypeId::standard(about.name), definition, fields)
        })
        .collect()
}

/// The fields of one standard type as they are shipped, each with whether the database lets it be null;
/// none of a custom type.
pub(crate) fn standard_fields(owner: Uuid) -> Vec<(FieldId, FieldDefinition, bool)> {
    let objects = objects().into_iter();
    let objects = objects.map(|(id, _, fields)| (id.uuid(), fields));
    let relations = relations().into_iter();
    let relations = relations.map(|(id, _, fields)| (id.uuid(), fields));
    let found = objects.chain(relations).find(|(id, _)| *id == owner);
    let fields = found.into_iter().flat_map(|(_, fields)| fields);
    fields
        .map(|it| (it.id, it.definition, it.nullable))
        .collect()
}

/// The table of a standard type.
pub(crate) fn standard_table(owner: Uuid) -> Option<String> {
    let objects = objects().into_iter();
    let objects = objects.map(|(id, definition, _)| (id.uuid(), definition.table));
    let relations = relations().into_iter();
    let relations = relations.map(|(id, definition, _)| (id.uuid(), definition.table));
    let mut all = objects.chain(relations);
    all.find(|(id, _)| *id == owner).map(|(_, table)| table)
}

/// Whether a type or field is shipped, so that migrations own its tables and columns.
pub(crate) fn is_standard(id: Uuid) -> bool {
    let types = objects()
        .into_iter()
        .map(|(id, _, fields)| (id.uuid(), fields));
    let links = relations()
        .into_iter()
        .map(|(id, _, fields)| (id.uuid(), fields));
    let mut all = types.chain(links);
    all.any(|(of, fields)| of == id || fields.iter().any(|field| field.id.uuid() == id))
}

/// A field of a standard type.
#[derive(Debug)]
pub(super) struct StandardField {
    pub(super) id: FieldId,
    pub(super) definition: FieldDefinition,
    pub(super) nullable: bool,
}

fn fields(
    owner: &str,
    described: &[FieldDescription],
    columns: &[StandardColumn],
) -> Vec<StandardField> {
    described
        .iter()
        .enumerate()
        .map(|(position, field)| {
            let column = columns.iter().find(|column| column.name == field.column);
            let nullable = column.is_none_or(|column| column.nullable);
            let (field_type, settings) = typed(&field.kind);
            StandardField {
                id: FieldId::standard(owner, field.column),
                definition: FieldDefinition {
                    name: ApiName::of_code(field.name),
                    aliases: Aliases::default(),
                    inverse_aliases: Aliases::default(),
                    label: field.label.to_owned(),
                    help: field.help.to_owned(),
                    field_type: field_type.to_owned(),
                    settings,
                    required: !nullable,
                    unique: column.is_some_and(|column| column.unique),
                    default: None,
                    attributes: FieldAttributes::default(),
                    column: field.column.to_owned(),
                    position: i64::try_from(position).unwrap_or(i64::MAX),
                    work: None,
                },
                nullable,
            }
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "a table: one row per kind")]
fn typed(kind: &Kind) -> (&'static str, Settings) {
    let plain = Settings::default();
    match *kind {
        Kind::Text { max_length } => (
            "text",
            Settings {
                max_length: Some(max_length),
                ..plain
            },
        ),
        Kind::LongText => ("longText", plain),
        Kind::Integer => ("integer", plain),
        Kind::BigInteger => ("bigInteger", plain),
        Kind::Decimal { precision, scale } => (
            "decimal",
            Settings {
                precision: Some(precision),
                scale: Some(scale),
                ..plain
            },
        ),
        Kind::Percent => ("percent", plain),
        Kind::Money => ("money", plain),
        Kind::Boolean => ("boolean", plain),
        Kind::Date => ("date", plain),
        Kind::DateTime => ("dateTime", plain),
        Kind::Select(choices) => (
            "select",
            Settings {
                options: options(choices),
                ..plain
            },
        ),
        Kind::MultiSelect(choices) => (
            "multiSelect",
            Settings {
                options: options(choices),
                ..plain
            },
        ),
        Kind::Email => ("email", plain),
        Kind::Phone => ("phone", plain),
        Kind::Url => ("url", plain),
        Kind::Json => ("json", plain),
        Kind::Uuid => ("uuid", plain),
        Kind::Reference {
            target,
            inverse,
            inverse_label,
            bond,
        } => {
            let inverse = Inverse {
                name: ApiName::of_code(inverse),
                label: inverse_label.to_owned(),
                labels: BTreeMap::new(),
                ordered: false,
            };
            let target = Some(ObjectTypeId::standard(target));
            (
                "reference",
                Settings {
                    target,
                    inverse: Some(inverse),
                    owned: bond == Bond::Part,
                    tree: bond == Bond::Tree,
                    ..plain
                },
            )
        }
    }
}

fn options(choices: &[entity::Choice]) -> Vec<FieldOption> {
    choices
        .iter()
        .map(|choice| FieldOption::new(choice.name, choice.label))
        .collect()
}
