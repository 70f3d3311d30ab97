//! What composite types share: values that are JSON objects with named parts.

use serde_json::{Map, Value as Json};

use super::{FieldType, Part, Presence, Settings, check_text, expect_text, kind_of};
use crate::value::Value;

/// The most characters of one text among the parts.
pub(super) const MAX_LENGTH: u32 = 255;

/// Parses the parts of an object, one [`Value`] per part. What callers don't send of the parts that the
/// engine makes is null, for the type to fill in.
pub(super) fn parse(
    field_type: &dyn FieldType,
    settings: &Settings,
    json: &Json,
) -> Result<Vec<Value>, String> {
    let parts = field_type.parts(settings);
    let Json::Object(members) = json else {
        let example = field_type.example(settings);
        let kind = kind_of(json);
        return Err(format!("must be an object such as {example}, not {kind}"));
    };
    check_members(field_type.name(), &parts, members)?;
    let values = parts.iter().enumerate().map(|(at, part)| {
        let key = part.key.unwrap_or_default();
        let sent = members.get(key).filter(|sent| !sent.is_null());
        match (part.presence, sent) {
            (Presence::Derived | Presence::Asked, _) | (Presence::Optional, None) => {
                Ok(Value::Null)
            }
            (Presence::Required, None) => Err(format!("needs the member {key:?}")),
            (Presence::Required | Presence::Optional, Some(json)) => field_type
                .parse_part(settings, at, json)
                .map_err(|message| format!("{key} {message}")),
        }
    });
    values.collect()
}

fn check_members(name: &str, parts: &[Part], members: &Map<String, Json>) -> Result<(), String> {
    let known: Vec<&str> = parts.iter().filter_map(|part| part.key).collect();
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(format!(
            "has an unknown member {unknown:?}; {name} has {}",
            known.join(", ")
        )),
    }
}

/// A part that is free text.
pub(super) fn parse_text(json: &Json) -> Result<Value, String> {
    let text = expect_text(json)?;
    check_text(text, MAX_LENGTH)?;
    Ok(Value::Text(text.to_owned()))
}

/// The texts among the values that say something, joined.
pub(super) fn join<'v>(values: impl Iterator<Item = &'v Value>, separator: &str) -> String {
    let said = values.filter_map(Value::as_text).map(str::trim);
    let said: Vec<&str> = said.filter(|text| !text.is_empty()).collect();
    said.join(separator)
}
