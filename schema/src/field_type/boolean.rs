//! `boolean`.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, kind_of};
use crate::value::{Storage, Value};

/// True or false.
#[derive(Debug)]
pub(super) struct Boolean;

impl FieldType for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Boolean, Scalar::Boolean)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        json.as_bool()
            .map(Value::Boolean)
            .ok_or_else(|| format!("must be true or false, not {}", kind_of(json)))
    }

    fn example(&self, _: &Settings) -> Json {
        Json::Bool(true)
    }
}
