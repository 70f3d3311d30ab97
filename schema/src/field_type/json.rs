//! `json`: any JSON value but null, kept as it was sent (numbers as 64-bit floating point numbers keep them).

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings};
use crate::value::{Storage, Value};

const MAX_BYTES: usize = 256 * 1024;

/// Any JSON.
#[derive(Debug)]
pub(super) struct AnyJson;

impl FieldType for AnyJson {
    fn name(&self) -> &'static str {
        "json"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Json, Scalar::Json)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = json.to_string();
        if text.len() > MAX_BYTES {
            return Err(format!(
                "has {} bytes; at most {MAX_BYTES} are allowed",
                text.len()
            ));
        }
        if text.contains("\\u0000") && contains_nul(json) {
            return Err("must not contain the NUL character".to_owned());
        }
        Ok(Value::Json(json.clone()))
    }

    fn example(&self, _: &Settings) -> Json {
        serde_json::json!({"any": ["JSON", 1, true]})
    }
}

fn contains_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(contains_nul),
        Json::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains('\0') || contains_nul(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}
