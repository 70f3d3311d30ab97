//! `text` (one line, short) and `longText`.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, check_text, expect_text};
use crate::value::{Storage, Value};

const TEXT_DEFAULT: u32 = 255;
const TEXT_LIMIT: u32 = 4_000;
/// The longest text that an index of PostgreSQL surely holds (2,704 bytes, 4 a character).
const UNIQUE_LIMIT: u32 = 600;
const LONG_TEXT_DEFAULT: u32 = 100_000;
const LONG_TEXT_LIMIT: u32 = 1_000_000;

/// Short text.
#[derive(Debug)]
pub(super) struct Text;

impl FieldType for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["maxLength"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check_limit(settings.max_length, TEXT_LIMIT)
    }

    fn check_unique(&self, settings: &Settings) -> Result<(), String> {
        if settings.max_length.unwrap_or(TEXT_DEFAULT) > UNIQUE_LIMIT {
            return Err(format!(
                "a unique text needs a maxLength of at most {UNIQUE_LIMIT}"
            ));
        }
        Ok(())
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, settings.max_length.unwrap_or(TEXT_DEFAULT))?;
        Ok(Value::Text(text.to_owned()))
    }
}

/// Text of several lines.
#[derive(Debug)]
pub(super) struct LongText;

impl FieldType for LongText {
    fn name(&self) -> &'static str {
        "longText"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["maxLength"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check_limit(settings.max_length, LONG_TEXT_LIMIT)
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err("a field of the type longText can't be unique".to_owned())
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, settings.max_length.unwrap_or(LONG_TEXT_DEFAULT))?;
        Ok(Value::Text(text.to_owned()))
    }
}

fn check_limit(max_length: Option<u32>, limit: u32) -> Result<(), String> {
    match max_length {
        Some(0) => Err("maxLength must be at least 1".to_owned()),
        Some(length) if length > limit => Err(format!("maxLength must be at most {limit}")),
        Some(_) | None => Ok(()),
    }
}
