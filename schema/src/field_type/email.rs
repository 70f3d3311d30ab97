//! `email`: an address of RFC 5321, without a display name.

use std::str::FromStr;

use email_address::EmailAddress;
use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Scalar, Settings, check_text, constraint, expect_text, text};
use crate::value::{Storage, Value};

const MAX_LENGTH: u32 = 254;

/// A mail address.
#[derive(Debug)]
pub(super) struct Email;

impl FieldType for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_TEXT
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_TEXT
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        text::check_limit(settings, MAX_LENGTH, MAX_LENGTH)
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    /// An operand may be any part of an address, such as `"@example.com"`.
    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, settings.max_length.unwrap_or(MAX_LENGTH))?;
        Ok(Value::Text(text.to_owned()))
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let value = self.parse_part(settings, 0, json)?;
        let is_address = matches!(&value, Value::Text(text)
            if EmailAddress::from_str(text).is_ok_and(|address| address.display_part().is_empty()));
        if is_address {
            Ok(vec![value])
        } else {
            Err("must be a mail address such as \"ann@example.com\"".to_owned())
        }
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits::of_text(settings, MAX_LENGTH)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("ann@example.com")
    }
}
