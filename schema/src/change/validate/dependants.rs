//! What names a thing that an operation changes or takes away: everything in the schema that holds its id.
//! Rules and keys, which are no part of the schema, are added when the change is carried out.

use uuid::Uuid;

use super::{
    super::{draft::DraftField, impact::Dependant},
    Named, Validation,
};
use crate::{
    catalog::definition::{ObjectDefinition, RuleDefinition},
    expression,
    field_type::{FieldType, find_field_type},
    id::FieldId,
};

/// What becomes of a thing that holds the id of what stays.
pub(super) const GOES_ON: &str = "goes on: it holds the id, not the name";

/// What becomes of a text or list that names a hidden field.
const WITHOUT_IT: &str = "goes on without it";

impl Validation<'_> {
    /// Adds what names the things that the last operation touched. What that operation took away or made
    /// itself is told by the operation.
    pub(super) fn add_dependants(&mut self) {
        let Some(named) = self.named.last().filter(|named| !named.is_empty()).cloned() else {
            return;
        };
        let mut found = Vec::new();
        for named in &named {
            let is_there = self.draft.knows_live(named.id);
            let effect = if is_there { GOES_ON } else { WITHOUT_IT };
            self.in_types(named, effect, &mut found);
            self.in_fields(named, effect, &mut found);
        }
        let impact = self.impact();
        for dependant in found {
            let mut known = impact.dependants.iter();
            if !known.any(|it| (it.kind, &it.name) == (dependant.kind, &dependant.name)) {
                impact.dependants.push(dependant);
            }
        }
    }

    fn in_types(&self, named: &Named, effect: &'static str, found: &mut Vec<Dependant>) {
        let field = FieldId::new(named.id);
        let mut add = |kind: &'static str, name: String| {
            found.push(Dependant { kind, name, effect });
        };
        for (id, entry) in self
            .draft
            .objects
            .iter()
            .filter(|(id, _)| id.uuid() != named.id)
        {
            let definition = &entry.definition;
            let name = self.owner_name(id.uuid());
            for kind in parts_with(definition, field) {
                add(kind, name.clone());
            }
            for key in &definition.attributes.unique_keys {
                if key.fields.contains(&field) {
                    add("uniqueKey", format!("{name}.{}", key.name));
                }
            }
            for rule in definition
                .validations
                .iter()
                .filter(|it| speaks_of(it, field))
            {
                add("validation", format!("{name}.{}", rule.name));
            }
        }
        for (id, entry) in self
            .draft
            .relations
            .iter()
            .filter(|(id, _)| id.uuid() != named.id)
        {
            let definition = &entry.definition;
            let name = self.owner_name(id.uuid());
            let ends = serde_json::to_string(&(&definition.source, &definition.target));
            if ends.is_ok_and(|ends| ends.contains(&named.id.to_string())) {
                add("relation", name.clone());
            }
            for rule in definition
                .validations
                .iter()
                .filter(|it| speaks_of(it, field))
            {
                add("validation", format!("{name}.{}", rule.name));
            }
        }
    }

    fn in_fields(&self, named: &Named, effect: &'static str, found: &mut Vec<Dependant>) {
        let every = self.draft.every_field().into_iter();
        for (owner, field) in every.filter(|(_, field)| field.id.uuid() != named.id) {
            for kind in kinds_with(field, named.id) {
                let name = format!("{}.{}", self.owner_name(owner), field.definition.name);
                found.push(Dependant { kind, name, effect });
            }
        }
    }
}

/// The parts of an object type that name a field.
fn parts_with(definition: &ObjectDefinition, field: FieldId) -> Vec<&'static str> {
    let attributes = &definition.attributes;
    let mut parts = Vec::new();
    if definition.title == Some(field) {
        parts.push("title");
    }
    if attributes.default_sort.iter().any(|key| key.field == field) {
        parts.push("defaultSort");
    }
    let template = attributes.display_template.as_deref();
    if template.is_some_and(|it| expression::fields_in_template(it).contains(&field)) {
        parts.push("displayTemplate");
    }
    parts
}

fn speaks_of(rule: &RuleDefinition, field: FieldId) -> bool {
    rule.fields.contains(&field) || reads(Some(&rule.condition), field)
}

fn reads(stored: Option<&String>, field: FieldId) -> bool {
    stored.is_some_and(|stored| {
        let word = field.uuid().simple().to_string();
        stored.contains(&word)
    })
}

/// The ways in which the definition of a field names something else.
fn kinds_with(field: &DraftField, id: Uuid) -> Vec<&'static str> {
    let definition = &field.definition;
    let (settings, attributes) = (&definition.settings, &definition.attributes);
    let named = FieldId::new(id);
    let mut kinds = Vec::new();
    if reads(settings.expression.as_ref(), named) {
        kinds.push("formula");
    }
    if reads(attributes.required_when.as_ref(), named) {
        kinds.push("requiredWhen");
    }
    if reads(attributes.default_expression.as_ref(), named) {
        kinds.push("default");
    }
    if settings.depends_on == Some(named) {
        kinds.push("dependsOn");
    }
    if settings.option_list.is_some_and(|list| list.uuid() == id) {
        kinds.push("options");
    }
    if settings.named_targets().any(|target| target.uuid() == id) {
        kinds.push("field");
    }
    let of = (
        &settings.of,
        &settings.field,
        &settings.filter,
        &settings.via,
    );
    let is_computed = settings.of.is_some() || settings.via.is_some();
    if is_computed && serde_json::to_string(&of).is_ok_and(|of| of.contains(&id.to_string())) {
        let is_lookup = find_field_type(&definition.field_type).is_some_and(FieldType::is_virtual);
        kinds.push(if is_lookup { "lookup" } else { "rollup" });
    }
    kinds
}
