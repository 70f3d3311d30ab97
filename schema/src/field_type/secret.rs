//! `secret`: a text that is written and never read, such as a key of another system. It is stored sealed;
//! answers, events and filters know only whether there is one.

use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Presence, Scalar, Settings, check_text, expect_text};
use crate::value::{Secret, Storage, Value};

const MAX_LENGTH: u32 = 4_000;

/// A sealed text, read as `{"isSet": true}` or null.
#[derive(Debug)]
pub(super) struct SecretText;

impl FieldType for SecretText {
    fn name(&self) -> &'static str {
        "secret"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let is_set = ("isSet", "");
        let (storage, scalar) = (Storage::Secret, Scalar::Secret);
        vec![Part::member(is_set, storage, scalar, Presence::Derived)]
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err("a secret can't be unique: that would tell who else has it".to_owned())
    }

    fn check_default(&self, _: &Settings) -> Result<(), String> {
        Err("a secret can't have a default: everybody could read it here".to_owned())
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, MAX_LENGTH)?;
        if text.is_empty() {
            return Err("must not be empty; null takes a secret away".to_owned());
        }
        Ok(Value::Secret(Secret::new(text)))
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits {
            min_length: Some(1),
            ..Limits::of_text(settings, MAX_LENGTH)
        }
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("a secret that is written but never read")
    }
}
