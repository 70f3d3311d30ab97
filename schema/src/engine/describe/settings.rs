//! The settings of a field with the names that things have now in place of ids.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    SchemaView,
    options::{in_language, name_list},
};
use crate::{
    catalog::{
        Catalog, CollectionKind, Field, FieldList, Lookup, Subject, definition::RuleDefinition,
    },
    expression,
    field_type::{RollupField, Scalar, Settings},
    id::{FieldId, ObjectTypeId},
    plan::rollup::{link_fields, named_filter},
};

/// The settings of a field as a changeset has them. What a computed field is computed of is for those
/// who define fields: its names may be of things that nobody else sees.
pub(super) fn settings_of(view: &SchemaView, (owner, field): (Uuid, &Field)) -> Map<String, Json> {
    let (catalog, surface) = (&*view.catalog, &view.surface);
    let mut settings = match &field.lookup {
        Some(lookup) => of_lookup(view, lookup),
        None => shown(view, &field.settings),
    };
    if let Some(target) = field.target().and_then(|id| catalog.find_object(id)) {
        settings.insert("target".to_owned(), Json::from(target.name.as_str()));
    }
    if field.is_polymorphic() && !field.settings.any {
        let targets = surface.targets(field).into_iter();
        let names = targets.map(|target| target.object.name.as_str()).collect();
        settings.insert("targets".to_owned(), names);
    }
    if !view.as_said {
        settings.extend(limits_of(field));
    }
    if let Some(result) = &field.settings.result {
        let result = result_of(view, &result.field_type, &result.settings);
        settings.insert("result".to_owned(), Json::Object(result));
    }
    for key in ["expression", "of", "part", "filter"] {
        settings.shift_remove(key);
    }
    if field.lookup.is_none() {
        settings.shift_remove("field");
    }
    if view.defines() {
        let stored = field.settings.expression.as_deref();
        let shown = stored.map(|stored| expression::render(stored, owner, catalog));
        settings.extend(shown.map(|shown| ("expression".to_owned(), Json::from(shown))));
        settings.extend(rollup_of(catalog, owner, field));
    }
    settings
}

/// A validation rule as a changeset has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDescription {
    /// What it is called among the rules of its type.
    pub name: String,
    /// What must hold.
    pub condition: String,
    /// What people are told who break it.
    pub message: String,
    /// The fields that are at fault.
    pub fields: Vec<String>,
}

/// The validation rules of a type: all for those who may define them, else those that name nothing that
/// the caller may not read.
pub(super) fn describe_rules(
    view: &SchemaView,
    (owner, fields): (Uuid, &FieldList),
    rules: &[RuleDefinition],
) -> Vec<RuleDescription> {
    let shown = rules
        .iter()
        .filter(|rule| view.defines() || is_readable(view, owner, rule));
    let described = shown.map(|rule| {
        let named = rule.fields.iter().filter_map(|id| fields.find_by_id(*id));
        RuleDescription {
            name: rule.name.to_string(),
            condition: expression::render(&rule.condition, owner, &*view.catalog),
            message: rule.message.clone(),
            fields: named.map(|field| field.name.to_string()).collect(),
        }
    });
    described.collect()
}

fn is_readable(view: &SchemaView, owner: Uuid, rule: &RuleDefinition) -> bool {
    let own = view.readable(owner);
    let reads = |id: &FieldId| own.iter().any(|field| field.id == *id);
    let expressions = view.expressions(owner);
    let mut compiled = expressions.iter().flat_map(|it| &it.rules);
    let condition = compiled.find(|it| it.definition.name == rule.name);
    rule.fields.iter().all(reads) && condition.is_some_and(|it| view.reads(owner, &it.condition))
}

/// What bounds the values that callers write, whether the settings say so or the type does: beside the
/// settings, and of a composite value under the names of its parts.
fn limits_of(field: &Field) -> Map<String, Json> {
    let limits = |part| members(serde_json::to_value(field.limits(part)));
    if !field.is_writable() {
        return Map::new();
    }
    if !field.is_composite() || field.column().part.scalar == Scalar::Secret {
        return limits(0);
    }
    let keyed = field.columns.iter().enumerate().filter_map(|(at, column)| {
        let of_part = limits(at);
        let key = column.part.key.filter(|_| !of_part.is_empty())?;
        Some((key.to_owned(), Json::Object(of_part)))
    });
    let parts: Map<String, Json> = keyed.collect();
    let named = (!parts.is_empty()).then(|| ("parts".to_owned(), Json::Object(parts)));
    named.into_iter().collect()
}

fn members(json: serde_json::Result<Json>) -> Map<String, Json> {
    match json {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// Settings with the texts in the language of the caller, and the name of the shared list in the place of its
/// id.
fn shown(view: &SchemaView, settings: &Settings) -> Map<String, Json> {
    let mut settings = settings.clone();
    in_language(&view.languages, &mut settings.options);
    if let Some(inverse) = &mut settings.inverse {
        inverse.label = view.languages.pick(&inverse.labels, &inverse.label);
    }
    let mut shown = members(serde_json::to_value(&settings));
    name_list(&mut shown, &view.catalog, &settings);
    shown
}

/// `{"via": "ship", "field": "flag", "result": {"type": "select", "options": […]}}`
fn of_lookup(view: &SchemaView, lookup: &Lookup) -> Map<String, Json> {
    let (shown_type, of_shown) = lookup.field.value_type();
    // Which options there are is decided where the value is written.
    let mut of_shown = Settings {
        depends_on: None,
        ..of_shown.clone()
    };
    for option in &mut of_shown.options {
        option.when.clear();
    }
    let result = result_of(view, shown_type.name(), &of_shown);
    let members = [
        ("via", Json::from(lookup.via.name.as_str())),
        ("field", Json::from(lookup.field.name.as_str())),
        ("result", Json::Object(result)),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// `{"type": "decimal", "precision": 18, "scale": 2}`
fn result_of(view: &SchemaView, field_type: &str, settings: &Settings) -> Map<String, Json> {
    let mut members = shown(view, settings);
    members.insert("type".to_owned(), Json::from(field_type));
    members
}

fn rollup_of(catalog: &Catalog, owner: Uuid, field: &Field) -> Vec<(String, Json)> {
    let owner = ObjectTypeId::new(owner);
    let Some(of) = field.settings.of else {
        return Vec::new();
    };
    let kind = CollectionKind::from(of);
    let mut is_temporal = false;
    let found = match kind {
        CollectionKind::Inverse { field } => {
            catalog.find_reference(field).and_then(|(from, it)| {
                let name = it.settings.inverse.as_ref()?.name.to_string();
                Some((it.target()?, name, Some(from.id)))
            })
        }
        CollectionKind::Relation {
            relation,
            direction,
        } => catalog.find_relation(relation).map(|relation| {
            is_temporal = relation.temporal;
            let (near, far) = (relation.near(direction), relation.far(direction));
            (owner, near.name.to_string(), far.object)
        }),
    };
    let Some((owner, name, target)) = found else {
        return Vec::new();
    };
    let mut settings = vec![("of".to_owned(), Json::from(name))];
    let operand = match field.settings.field {
        Some(RollupField::Member(id)) => target
            .and_then(|target| catalog.subject_fields(Subject::Object(target)))
            .and_then(|fields| fields.find_by_id(id))
            .map(|field| field.name.to_string()),
        Some(RollupField::Link(id)) => link_fields(catalog, kind)
            .and_then(|fields| fields.find_by_id(id))
            .map(|field| format!("link.{}", field.name)),
        None => None,
    };
    let operand = operand.map(|name| match &field.settings.part {
        Some(part) => format!("{name}.{part}"),
        None => name,
    });
    settings.extend(operand.map(|name| ("field".to_owned(), Json::from(name))));
    let filter = named_filter(catalog, owner, &field.settings);
    settings.extend(filter.map(|filter| ("filter".to_owned(), filter)));
    if is_temporal && field.settings.validity.is_none() {
        settings.push(("validity".to_owned(), Json::from("all")));
    }
    settings
}
