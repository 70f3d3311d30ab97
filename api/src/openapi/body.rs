//! JSON Schema (2020-12) of what creates and what changes a record, from the same source as the contract.

mod annotate;

use schema::{Error, SchemaView};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Reader, document::Document, objects};

/// Which body a schema is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SchemaFor {
    /// What creates a record.
    #[default]
    Create,
    /// What changes one.
    Update,
}

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Where the contract keeps the schemas that others refer to.
const COMPONENTS: &str = "#/components/schemas/";

/// The schema of a body that the caller may send for an object type.
pub(crate) fn body_schema(view: &SchemaView, name: &str, of: SchemaFor) -> schema::Result<Json> {
    let (surface, object) = (view.surface(), view.find_object(name)?);
    let described = view.object(name)?;
    let document = Document::new(surface, Reader::Person);
    let names = document.names();
    let (verb, body) = match of {
        SchemaFor::Create => (
            "create",
            object
                .creatable
                .as_deref()
                .map(|it| objects::create((names, surface), object, it)),
        ),
        SchemaFor::Update => (
            "change",
            object
                .updatable
                .as_deref()
                .map(|it| objects::update_record((names, surface), object, it)),
        ),
    };
    let plural = &object.object.plural;
    let body = body.ok_or_else(|| Error::Forbidden(format!("you may not {verb} {plural}")))?;
    let failed = |error: serde_json::Error| Error::internal("writing a JSON Schema", error);
    let mut body = serde_json::to_value(body).map_err(failed)?;
    annotate::properties(&mut body, &described.fields, of);
    let mut definitions = Map::new();
    let mut wanted = moved_references(&mut body);
    if !wanted.is_empty() {
        let schemas = serde_json::to_value(document.schemas_for(object)).map_err(failed)?;
        while let Some(name) = wanted.pop() {
            if definitions.contains_key(&name) {
                continue;
            }
            let definition = schemas.get(&name).cloned();
            let mut definition = definition.ok_or_else(|| {
                Error::internal(
                    "writing a JSON Schema",
                    format!("there is no schema {name}"),
                )
            })?;
            wanted.extend(moved_references(&mut definition));
            definitions.insert(name, definition);
        }
    }
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("title".to_owned(), json!(described.label));
    if let Json::Object(members) = body {
        schema.extend(members);
    }
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), Json::Object(definitions));
    }
    Ok(Json::Object(schema))
}

/// Turns references into the contract into references to `$defs`; gives the names that they need.
fn moved_references(schema: &mut Json) -> Vec<String> {
    let mut names = Vec::new();
    match schema {
        Json::Object(members) => {
            for (key, value) in members {
                let name = value
                    .as_str()
                    .filter(|_| key == "$ref")
                    .and_then(|reference| reference.strip_prefix(COMPONENTS))
                    .map(str::to_owned);
                if let Some(name) = name {
                    *value = json!(format!("#/$defs/{name}"));
                    names.push(name);
                } else {
                    names.extend(moved_references(value));
                }
            }
        }
        Json::Array(items) => names.extend(items.iter_mut().flat_map(moved_references)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    names
}
