//! Descriptions of fields and field types.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    FieldDescription, FieldTypeDescription, SchemaView, TargetDescription, display,
    options::name_deciding, origin_text, settings::settings_of, sight::Of,
};
use crate::{
    access::{Mask, Partly, SurfaceObject},
    catalog::{Column, Field, FieldList},
    field_type::{
        FIELD_TYPES, FieldType, Operator, Part, Settings, convertible_to, find_field_type,
    },
    id::{JobId, ObjectTypeId},
};

/// What the caller may do with a field.
#[derive(Clone, Copy)]
pub(super) struct Rights<'v> {
    pub(super) readable: bool,
    pub(super) creatable: bool,
    pub(super) updatable: bool,
    /// How it shows where it does not show in full on every record.
    pub(super) partly: Option<&'v Partly>,
}

impl Rights<'_> {
    /// On which of the records that the caller sees it shows in full.
    fn visibility(&self) -> Option<&'static str> {
        self.readable.then_some(match self.partly {
            None => "always",
            Some(Partly {
                sometimes: true, ..
            }) => "sometimes",
            Some(Partly {
                sometimes: false, ..
            }) => "masked",
        })
    }

    /// What may be left of it elsewhere.
    fn masks(&self) -> Vec<&'static str> {
        let Some(partly) = self.partly.filter(|_| self.readable) else {
            return Vec::new();
        };
        // What shows nowhere and has no other mask reads as null on every record.
        let nothing = (!partly.sometimes && partly.masks.is_empty()).then_some(Mask::Null);
        let masks = partly.masks.iter().copied().chain(nothing);
        masks.map(Mask::name).collect()
    }
}

impl SchemaView {
    /// The fields of a type that the caller may read or write, in order.
    pub(super) fn fields_of<'v>(
        &self,
        (owner, fields): (Uuid, &FieldList),
        rights: impl Fn(&Field) -> Rights<'v>,
    ) -> Vec<FieldDescription> {
        let all = fields.iter().map(|field| (field, rights(field)));
        let named = all.filter(|(_, may)| may.readable || may.creatable || may.updatable);
        let named = named.map(|(field, may)| self.field((owner, field), may));
        let mut described = named.collect::<Vec<_>>();
        name_deciding(&mut described, fields);
        described
    }

    fn field(&self, (owner, field): (Uuid, &Field), may: Rights<'_>) -> FieldDescription {
        let attributes = &field.attributes;
        let (operators, sort_keys) = if may.readable {
            (operators(field), sort_keys(field))
        } else {
            (Json::Array(Vec::new()), Vec::new())
        };
        FieldDescription {
            name: field.name.to_string(),
            aliases: field.aliases.clone(),
            field_type: type_name(field),
            label: self.languages.pick(&attributes.labels, &field.label),
            help: self.languages.pick(&attributes.helps, &field.help),
            required: field.required,
            conditionally_required: attributes.required_when.is_some(),
            has_default: field.has_default(),
            unique: field.unique,
            default: field.default.clone(),
            attributes: shown_attributes(self, (owner, field)),
            settings: settings_of(self, (owner, field)),
            origin: origin_text(field.origin),
            system: field.system.is_some(),
            readable: may.readable,
            creatable: may.creatable,
            updatable: may.updatable,
            visibility: may.visibility().filter(|_| !self.as_said),
            masks: may.masks(),
            operators,
            sort_keys,
            target_types: self.target_types(field),
            state: field.work.as_ref().map(|work| work.state.name()),
            job: work_for(field, self.defines()),
            index: self.index(field),
        }
    }

    /// The object types that a reference may point at for the caller; nothing of other fields.
    fn target_types(&self, field: &Field) -> Option<Vec<TargetDescription>> {
        if field.is_polymorphic() {
            return Some(self.targets_of(field));
        }
        field
            .target()
            .map(|id| self.target(id).into_iter().collect())
    }

    /// The object types that a reference to several may point at for the caller.
    pub(super) fn targets_of(&self, field: &Field) -> Vec<TargetDescription> {
        let targets = self.surface.targets(field).into_iter();
        targets.map(|it| self.describe_target(it)).collect()
    }

    /// An object type as far as a picker needs it, if the caller may name it.
    pub(super) fn target(&self, id: ObjectTypeId) -> Option<TargetDescription> {
        self.surface.find(id).map(|it| self.describe_target(it))
    }

    fn describe_target(&self, seen: &SurfaceObject) -> TargetDescription {
        let object = &seen.object;
        let attributes = &object.attributes;
        TargetDescription {
            name: object.name.to_string(),
            plural: object.plural.to_string(),
            label: self.languages.pick(&attributes.labels, &object.label),
            plural_label: self
                .languages
                .pick(&attributes.plural_labels, &object.plural_label),
            title: title(seen),
            display_fields: display::fields(self, seen),
            creatable: seen.creatable.is_some(),
        }
    }
}

/// The job that works on a field, for those who may change the schema.
fn work_for(field: &Field, defines: bool) -> Option<JobId> {
    let work = field.work.as_ref().filter(|_| defines)?;
    Some(work.job)
}

/// The field type as it was defined; a lookup has the form of another.
fn type_name(field: &Field) -> &'static str {
    find_field_type(&field.definition.field_type)
        .unwrap_or(field.field_type)
        .name()
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
    let of_first = first.map(|part| part.scalar.operators());
    let whole = of.operators().or(of_first);
    FieldTypeDescription {
        name: of.name(),
        settings: of.allowed_settings(),
        changeable_settings: of.changeable_settings(),
        can_be_unique: of.check_unique(&settings).is_ok(),
        operators: operators_of(&parts, whole),
        sortable: first.is_some_and(|part| part.scalar.is_sortable()),
        convertible_to: convertible_to(of),
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
        ("auditReads", attributes.audit_reads),
        ("searchable", attributes.searchable),
        ("indexed", attributes.indexed),
    ];
    for (name, flag) in flags {
        shown.insert(name.to_owned(), Json::Bool(flag));
    }
    let class = serde_json::to_value(attributes.personal_data).unwrap_or_default();
    shown.insert("personalData".to_owned(), class);
    for (name, of) in [
        ("requiredWhen", Of::Required),
        ("defaultExpression", Of::Default),
    ] {
        shown.shift_remove(name);
        let text = view.expression_of((owner, field), of);
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
    let whole = field.operators();
    let parts: Vec<Part> = field.columns.iter().map(|column| column.part).collect();
    operators_of(&parts, Some(whole).filter(|_| !field.is_polymorphic()))
}

/// `["eq", …]`; of a composite value an object of such lists, one for each part, and for the value as a
/// whole the one called `self`.
fn operators_of(parts: &[Part], whole: Option<&[Operator]>) -> Json {
    let names = |operators: &[Operator]| {
        let names = operators.iter().map(|operator| operator.name());
        names.collect::<Json>()
    };
    if let ([Part { key: None, .. }], Some(whole)) = (parts, whole) {
        return names(whole);
    }
    let whole = whole.map(|whole| ("self".to_owned(), names(whole)));
    let keyed = parts.iter().filter_map(|part| {
        let key = part.key?.to_owned();
        Some((key, names(part.scalar.operators())))
    });
    Json::Object(whole.into_iter().chain(keyed).collect())
}

/// What a list can be sorted by, as it stands in `sort`.
fn sort_keys(field: &Field) -> Vec<String> {
    if field.settings.is_reference() {
        return Vec::new();
    }
    let key = |column: &Column| match column.part.key {
        Some(part) => Some(format!("{}.{part}", field.name)),
        None if field.is_composite() => None,
        None => Some(field.name.to_string()),
    };
    let sortable = field.columns.iter();
    sortable
        .filter(|column| column.part.scalar.is_sortable())
        .filter_map(key)
        .collect()
}
