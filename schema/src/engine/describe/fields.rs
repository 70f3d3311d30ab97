//! Descriptions of fields and field types.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    FieldDescription, FieldTypeDescription, SchemaView, TargetDescription, origin_text,
    settings::{settings_of, shown_expression},
};
use crate::{
    access::SurfaceObject,
    catalog::{Column, Field, FieldList},
    field_type::{FIELD_TYPES, FieldType, Part, Settings},
    id::ObjectTypeId,
};

/// What the caller may do with a field.
#[derive(Clone, Copy)]
pub(super) struct Rights {
    pub(super) readable: bool,
    pub(super) creatable: bool,
    pub(super) updatable: bool,
}

impl SchemaView {
    /// The fields of a type that the caller may read or write, in order.
    pub(super) fn fields_of(
        &self,
        (owner, fields): (Uuid, &FieldList),
        rights: impl Fn(&Field) -> Rights,
    ) -> Vec<FieldDescription> {
        let all = fields.iter().map(|field| (field, rights(field)));
        let named = all.filter(|(_, may)| may.readable || may.creatable || may.updatable);
        named
            .map(|(field, may)| self.field((owner, field), may))
            .collect()
    }

    fn field(&self, (owner, field): (Uuid, &Field), may: Rights) -> FieldDescription {
        let attributes = &field.attributes;
        let (operators, sort_keys) = if may.readable {
            (operators(field), sort_keys(field))
        } else {
            (Json::Array(Vec::new()), Vec::new())
        };
        FieldDescription {
            name: field.name.to_string(),
            aliases: field.aliases.clone(),
            field_type: field.field_type.name(),
            label: self.languages.pick(&attributes.labels, &field.label),
            help: self.languages.pick(&attributes.helps, &field.help),
            required: field.required,
            unique: field.unique,
            default: field.default.clone(),
            attributes: shown_attributes(self, (owner, field)),
            settings: settings_of(self, (owner, field)),
            origin: origin_text(field.origin),
            system: field.system.is_some(),
            readable: may.readable,
            creatable: may.creatable,
            updatable: may.updatable,
            operators,
            sort_keys,
            target_types: self.target_types(field),
        }
    }

    /// The object types that a reference may point at for the caller; nothing of other fields.
    fn target_types(&self, field: &Field) -> Option<Vec<TargetDescription>> {
        if field.is_polymorphic() {
            let targets = self.surface.targets(field).into_iter();
            return Some(targets.map(describe_target).collect());
        }
        field
            .target()
            .map(|id| self.target(id).into_iter().collect())
    }

    /// An object type as far as a picker needs it, if the caller may name it.
    pub(super) fn target(&self, id: ObjectTypeId) -> Option<TargetDescription> {
        self.surface.find(id).map(describe_target)
    }
}

fn describe_target(seen: &SurfaceObject) -> TargetDescription {
    let object = &seen.object;
    TargetDescription {
        name: object.name.to_string(),
        plural: object.plural.to_string(),
        label: object.label.clone(),
        plural_label: object.plural_label.clone(),
        title: title(seen),
        creatable: seen.creatable.is_some(),
    }
}

/// The field that names a record, if the caller may see it.
pub(super) fn title(seen: &SurfaceObject) -> Option<String> {
    let id = seen.object.title?;
    let mut readable = seen.readable.iter().flatten();
    readable
        .find(|field| field.id == id)
        .map(|field| field.name.to_string())
}

/// Whether a list of the surface has the field.
pub(super) fn holds(list: Option<&Vec<Arc<Field>>>, field: &Field) -> bool {
    let mut fields = list.into_iter().flatten();
    fields.any(|seen| seen.id == field.id)
}

/// The field types.
pub(super) fn field_types() -> Vec<FieldTypeDescription> {
    FIELD_TYPES.iter().map(|of| field_type(*of)).collect()
}

fn field_type(of: &dyn FieldType) -> FieldTypeDescription {
    let settings = Settings::default();
    let parts = of.parts(&settings);
    let first = parts.first();
    FieldTypeDescription {
        name: of.name(),
        settings: of.allowed_settings(),
        changeable_settings: of.changeable_settings(),
        can_be_unique: of.check_unique(&settings).is_ok(),
        operators: operators_of(&parts),
        sortable: first.is_some_and(|part| part.scalar.is_sortable()),
    }
}

/// The attributes; those that say yes or no also where they are as by default.
fn shown_attributes(view: &SchemaView, (owner, field): (Uuid, &Field)) -> Map<String, Json> {
    let attributes = &field.attributes;
    let mut shown = members(attributes);
    let flags = [
        ("readOnly", attributes.read_only),
        ("writeOnce", attributes.write_once),
        ("audited", attributes.is_audited()),
        ("searchable", attributes.searchable),
        ("indexed", attributes.indexed),
    ];
    for (name, flag) in flags {
        shown.insert(name.to_owned(), Json::Bool(flag));
    }
    let class = serde_json::to_value(attributes.personal_data).unwrap_or_default();
    shown.insert("personalData".to_owned(), class);
    for (name, stored) in [
        ("requiredWhen", &attributes.required_when),
        ("defaultExpression", &attributes.default_expression),
    ] {
        shown.shift_remove(name);
        let text = shown_expression(view, owner, stored.as_deref());
        shown.extend(text.map(|text| (name.to_owned(), Json::from(text))));
    }
    shown
}

fn members(of: &impl serde::Serialize) -> Map<String, Json> {
    match serde_json::to_value(of) {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

fn operators(field: &Field) -> Json {
    let parts: Vec<Part> = field.columns.iter().map(|column| column.part).collect();
    operators_of(&parts)
}

/// `["eq", …]`, or of a composite value an object of such lists.
fn operators_of(parts: &[Part]) -> Json {
    let names = |part: &Part| {
        let operators = part.scalar.operators().iter();
        operators.map(|operator| operator.name()).collect::<Json>()
    };
    match parts {
        [only] if only.key.is_none() => names(only),
        several => {
            let keyed = several.iter().filter_map(|part| Some((part.key?, part)));
            let lists = keyed.map(|(key, part)| (key.to_owned(), names(part)));
            Json::Object(lists.collect())
        }
    }
}

/// What a list can be sorted by, as it stands in `sort`.
fn sort_keys(field: &Field) -> Vec<String> {
    if field.settings.is_reference() {
        return Vec::new();
    }
    let key = |column: &Column| match column.part.key {
        Some(part) => format!("{}.{part}", field.name),
        None => field.name.to_string(),
    };
    let sortable = field.columns.iter();
    sortable
        .filter(|column| column.part.scalar.is_sortable())
        .map(key)
        .collect()
}
