//! `phone`: a telephone number as people write it.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, check_text, expect_text};
use crate::value::{Storage, Value};

const MAX_LENGTH: u32 = 40;

/// A telephone number.
#[derive(Debug)]
pub(super) struct Phone;

impl FieldType for Phone {
    fn name(&self) -> &'static str {
        "phone"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, MAX_LENGTH)?;
        Ok(Value::Text(text.to_owned()))
    }

    fn parse(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let value = self.parse_part(settings, 0, json)?;
        let is_number = matches!(&value, Value::Text(text)
            if text.chars().any(|c| c.is_ascii_digit())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || " +-./()#*,".contains(c)));
        if is_number {
            Ok(vec![value])
        } else {
            Err("must be a telephone number such as \"+31 30 123 4567\"".to_owned())
        }
    }
}
