//! What a form wants of the properties of a body beyond what they may hold: label, help, default, labels of
//! options, and under `x-relata` the field type. Generators of code would trip over some of it, so it is no
//! part of the contract.

use schema::FieldDescription;
use serde_json::{Map, Value as Json, json};

use super::SchemaFor;

/// Settings that say more than JSON Schema can: of decimals, days and durations, which are texts, and of
/// what a value points at.
const SHOWN: &[&str] = &[
    "target",
    "targets",
    "any",
    "precision",
    "scale",
    "min",
    "max",
    "parts",
    "optionList",
    "dependsOn",
];

/// Puts the properties of the fields into their order, and annotates them.
pub(super) fn properties(body: &mut Json, fields: &[FieldDescription], of: SchemaFor) {
    let Some(properties) = body.get_mut("properties").and_then(Json::as_object_mut) else {
        return;
    };
    let mut ordered = Map::new();
    let mut position = 0;
    for field in fields {
        let place = (!field.system).then_some(position);
        position += usize::from(!field.system);
        if let Some(mut property) = properties.shift_remove(&field.name) {
            if let Some(members) = property.as_object_mut() {
                annotate(members, (field, place), of);
            }
            ordered.insert(field.name.clone(), property);
        }
    }
    ordered.append(properties);
    *properties = ordered;
}

fn annotate(
    property: &mut Map<String, Json>,
    (field, position): (&FieldDescription, Option<usize>),
    of: SchemaFor,
) {
    property.insert("title".to_owned(), json!(field.label));
    if field.help.is_empty() {
        property.shift_remove("description");
    } else {
        property.insert("description".to_owned(), json!(field.help));
    }
    if let (SchemaFor::Create, Some(default)) = (of, &field.default) {
        property.insert("default".to_owned(), default.clone());
    }
    if let Some(options) = field.settings.get("options").and_then(Json::as_array) {
        label_options(property, options, of);
    }
    let mut about = Map::new();
    about.insert("type".to_owned(), json!(field.field_type));
    about.extend(position.map(|position| ("position".to_owned(), json!(position))));
    let settings = SHOWN.iter().filter_map(|name| {
        let value = field.settings.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    about.extend(settings);
    property.insert("x-relata".to_owned(), Json::Object(about));
}

/// Puts options with their labels in the place of their names. A new record can't take inactive ones.
fn label_options(property: &mut Map<String, Json>, options: &[Json], of: SchemaFor) {
    let labelled = options.iter().filter_map(|option| {
        let is_active = option["active"] != json!(false);
        match (of, is_active) {
            (_, true) => Some(json!({"const": option["name"], "title": option["label"]})),
            (SchemaFor::Create, false) => None,
            (SchemaFor::Update, false) => {
                Some(json!({"const": option["name"], "title": option["label"], "deprecated": true}))
            }
        }
    });
    let mut labelled: Vec<Json> = labelled.collect();
    if labelled.is_empty() {
        return;
    }
    if let Some(items) = property.get_mut("items").and_then(Json::as_object_mut) {
        items.shift_remove("enum");
        items.insert("oneOf".to_owned(), Json::Array(labelled));
        return;
    }
    let names = property.shift_remove("enum").unwrap_or_default();
    let mut names = names.as_array().into_iter().flatten();
    if names.any(Json::is_null) {
        labelled.push(json!({"type": "null"}));
    }
    property.insert("oneOf".to_owned(), Json::Array(labelled));
}
