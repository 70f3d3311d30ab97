//! Input coercion: variables and arguments become the JSON that REST would have sent.
//!
//! async-graphql checks most of this while it validates, but neither fills in defaults nor requires
//! variables, and takes any value for an input object.

use std::collections::HashMap;

use async_graphql::{
    Positioned, Variables,
    parser::types::VariableDefinition,
    registry::{MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value;
use serde_json::{Map, Value as Json};

use crate::graphql::error::GraphError;

/// The variables of an operation: coerced, defaults filled in, required ones present.
pub(super) fn coerce_variables(
    registry: &Registry,
    definitions: &[Positioned<VariableDefinition>],
    sent: &Map<String, Json>,
) -> Result<HashMap<String, Json>, Vec<GraphError>> {
    let mut variables = HashMap::new();
    let mut errors = Vec::new();
    for definition in definitions {
        let name = definition.node.name.node.as_str();
        let of = definition.node.var_type.node.to_string();
        let default = definition.node.default_value.as_ref();
        let value = match (sent.get(name), default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => match default.node.clone().into_json() {
                Ok(value) => value,
                Err(_) => continue,
            },
            (None, None) if of.ends_with('!') => Json::Null,
            (None, None) => continue,
        };
        match coerce(registry, &of, value) {
            Ok(value) => {
                variables.insert(name.to_owned(), value);
            }
            Err(fault) => {
                let message = format!("Variable \"${name}\" of type {of:?}{fault}.");
                errors.push(GraphError::invalid(message).at(definition.pos));
            }
        }
    }
    if errors.is_empty() {
        Ok(variables)
    } else {
        Err(errors)
    }
}

/// The variables as async-graphql takes them.
pub(super) fn to_graphql(variables: &HashMap<String, Json>) -> Variables {
    let members = variables.iter().map(|(k, v)| (k.clone(), v.clone()));
    Variables::from_json(Json::Object(members.collect()))
}

/// The value of an argument, with variables put in; `None` when it is absent.
pub(super) fn resolve(value: &Value, variables: &HashMap<String, Json>) -> Option<Json> {
    Some(match value {
        Value::Variable(name) => return variables.get(name.as_str()).cloned(),
        Value::Null | Value::Binary(_) => Json::Null,
        Value::Number(number) => Json::Number(number.clone()),
        Value::String(text) => Json::String(text.clone()),
        Value::Boolean(flag) => Json::Bool(*flag),
        Value::Enum(name) => Json::String(name.to_string()),
        Value::List(items) => items
            .iter()
            .map(|item| resolve(item, variables).unwrap_or(Json::Null))
            .collect(),
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), resolve(value, variables)?)))
            .collect::<Map<_, _>>()
            .into(),
    })
}

/// A value made to fit a type. The error begins with where in the value it is.
pub(super) fn coerce(registry: &Registry, of: &str, value: Json) -> Result<Json, String> {
    match MetaTypeName::create(of) {
        MetaTypeName::NonNull(_) if value.is_null() => Err(" must not be null".to_owned()),
        MetaTypeName::NonNull(inner) => coerce(registry, inner, value),
        MetaTypeName::List(_) | MetaTypeName::Named(_) if value.is_null() => Ok(Json::Null),
        MetaTypeName::List(inner) => match value {
            Json::Array(items) => items
                .into_iter()
                .enumerate()
                .map(|(at, item)| {
                    coerce(registry, inner, item).map_err(|fault| format!("[{at}]{fault}"))
                })
                .collect(),
            one @ (Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Object(_)
            | Json::Null) => Ok(Json::Array(vec![coerce(registry, inner, one)?])),
        },
        MetaTypeName::Named(name) => coerce_named(registry, name, value),
    }
}

fn coerce_named(registry: &Registry, name: &str, value: Json) -> Result<Json, String> {
    match registry.types.get(name) {
        Some(MetaType::InputObject {
            input_fields,
            oneof,
            ..
        }) => {
            let Json::Object(mut sent) = value else {
                return Err(format!(" must be an object of the type {name:?}"));
            };
            let mut members = Map::new();
            for field in input_fields.values() {
                let given = match sent.shift_remove(&field.name) {
                    Some(given) => given,
                    None if field.ty.ends_with('!') => Json::Null,
                    None => continue,
                };
                let given = coerce(registry, &field.ty, given)
                    .map_err(|fault| format!(".{}{fault}", field.name))?;
                members.insert(field.name.clone(), given);
            }
            if let Some(unknown) = sent.keys().next() {
                return Err(format!(" has no member {unknown:?}"));
            }
            if *oneof && (members.len() != 1 || members.values().any(Json::is_null)) {
                return Err(" must have exactly one member, and not null".to_owned());
            }
            Ok(Json::Object(members))
        }
        Some(MetaType::Enum { enum_values, .. }) => match value.as_str() {
            Some(text) if enum_values.contains_key(text) => Ok(value),
            Some(_) | None => Err(format!(" must be a value of the enum {name:?}")),
        },
        Some(MetaType::Scalar { .. }) => coerce_scalar(name, value),
        Some(MetaType::Object { .. } | MetaType::Interface { .. } | MetaType::Union { .. })
        | None => Err(format!(" has the type {name:?}, which is no input type")),
    }
}

fn coerce_scalar(name: &str, value: Json) -> Result<Json, String> {
    let fits = match name {
        "Int" => value
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "String" => value.is_string(),
        "ID" => {
            if let Some(number) = value.as_i64() {
                return Ok(Json::String(number.to_string()));
            }
            value.is_string()
        }
        // What a custom scalar takes is for the engine to say.
        _ => true,
    };
    if fits {
        Ok(value)
    } else {
        Err(format!(" must be of the type {name:?}"))
    }
}
