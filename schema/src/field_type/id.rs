//! `uuid`: an id from elsewhere, and the type of the system fields that hold ids.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{FieldType, Part, Scalar, Settings, expect_text};
use crate::value::{Storage, Value};

/// A UUID.
#[derive(Debug)]
pub(super) struct UuidField;

impl FieldType for UuidField {
    fn name(&self) -> &'static str {
        "uuid"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Uuid, Scalar::Id)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        parse_uuid(expect_text(json)?)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00")
    }
}

/// A UUID in its hyphenated form of 36 characters.
pub(super) fn parse_uuid(text: &str) -> Result<Value, String> {
    Uuid::try_parse(text)
        .ok()
        .filter(|_| text.len() == 36)
        .map(Value::Uuid)
        .ok_or_else(|| "must be a UUID such as \"0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00\"".to_owned())
}
