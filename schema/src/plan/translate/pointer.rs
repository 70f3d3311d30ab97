//! The filter of a rule on a reference to several types: the names of the types become ids, and back.

use serde_json::{Map, Value as Json};

use crate::{
    catalog::{Catalog, Field, ObjectType, Subject},
    field_type::Operator,
    plan::filter::{Keys, is_operator_on_reference},
};

/// The conditions with each type called by the other kind; `None` when one of them is no target.
pub(super) fn translate(
    catalog: &Catalog,
    from: Keys,
    field: &Field,
    value: &Json,
) -> Option<Json> {
    let mut named = Map::new();
    for (key, value) in value.as_object()? {
        let (key, value) = match key.as_str() {
            "id" => (key.clone(), value.clone()),
            "type" => (key.clone(), translate_types(catalog, from, field, value)?),
            operator if Operator::find(operator).is_some() => (key.clone(), value.clone()),
            _ => {
                let target = find(catalog, from, field, key)?;
                let on = Subject::Object(target.id);
                let value = if is_operator_on_reference(value) {
                    value.clone()
                } else {
                    super::translate(catalog, from, on, value)?
                };
                (called(from, target), value)
            }
        };
        named.insert(key, value);
    }
    Some(Json::Object(named))
}

/// The conditions on members of several types, which may be joined by `and`, `or` and `not`.
pub(super) fn translate_members(
    catalog: &Catalog,
    from: Keys,
    pointer: &Field,
    json: &Json,
) -> Option<Json> {
    let mut named = Map::new();
    for (key, value) in json.as_object()? {
        match key.as_str() {
            "and" | "or" => {
                let items = value.as_array()?.iter();
                let items = items.map(|item| translate_members(catalog, from, pointer, item));
                let items = items.collect::<Option<Vec<Json>>>()?;
                named.insert(key.clone(), Json::Array(items));
            }
            "not" => {
                let inner = translate_members(catalog, from, pointer, value)?;
                named.insert(key.clone(), inner);
            }
            _ => {
                let one = Json::Object(Map::from_iter([(key.clone(), value.clone())]));
                let one = translate(catalog, from, pointer, &one)?;
                named.extend(one.as_object()?.clone());
            }
        }
    }
    Some(Json::Object(named))
}

/// Whether a key speaks of a member of several types.
pub(super) fn has(catalog: &Catalog, from: Keys, pointer: &Field, key: &str) -> bool {
    matches!(key, "id" | "type") || find(catalog, from, pointer, key).is_some()
}

fn translate_types(catalog: &Catalog, from: Keys, field: &Field, value: &Json) -> Option<Json> {
    let other = |json: &Json| {
        let target = find(catalog, from, field, json.as_str()?)?;
        Some(Json::from(called(from, target)))
    };
    let mut operators = Map::new();
    for (operator, operand) in value.as_object()? {
        let operand = match operand {
            Json::String(_) => other(operand)?,
            Json::Array(names) => Json::Array(names.iter().map(other).collect::<Option<_>>()?),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => operand.clone(),
        };
        operators.insert(operator.clone(), operand);
    }
    Some(Json::Object(operators))
}

fn find<'c>(catalog: &'c Catalog, from: Keys, field: &Field, key: &str) -> Option<&'c ObjectType> {
    match from {
        Keys::Names => catalog.find_target(field, key).map(|target| &**target),
        Keys::Ids => {
            let mut targets = catalog.targets(field).into_iter();
            let found = targets.find(|target| target.id.to_string() == key);
            found.map(|target| &**target)
        }
    }
}

/// What the other side calls it.
fn called(from: Keys, target: &ObjectType) -> String {
    match from {
        Keys::Names => target.id.to_string(),
        Keys::Ids => target.name.to_string(),
    }
}
