//! `text` (one line, short), `longText` and `richText` (Markdown).

use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Scalar, Settings, check_text, constraint, expect_text};
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
        constraint::OF_TEXT
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_TEXT
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check_limit(settings, TEXT_DEFAULT, TEXT_LIMIT)
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
        parse(json, settings.max_length.unwrap_or(TEXT_DEFAULT))
    }

    fn holds(&self, settings: &Settings, value: &Value) -> bool {
        is_within(value, settings.max_length.unwrap_or(TEXT_DEFAULT))
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits::of_text(settings, TEXT_DEFAULT)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("A text")
    }
}

/// The value is no text, or one of at most so many characters.
fn is_within(value: &Value, limit: u32) -> bool {
    let Value::Text(text) = value else {
        return true;
    };
    usize::try_from(limit).is_ok_and(|limit| text.chars().nth(limit).is_none())
}

/// Makes a type of long text, which differ in what a text means.
macro_rules! long_text {
    ($(#[$about:meta])* $type:ident, $name:literal, $example:literal) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $type;

        impl FieldType for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn allowed_settings(&self) -> &'static [&'static str] {
                constraint::OF_TEXT
            }

            fn changeable_settings(&self) -> &'static [&'static str] {
                constraint::OF_TEXT
            }

            fn check_settings(&self, settings: &Settings) -> Result<(), String> {
                check_limit(settings, LONG_TEXT_DEFAULT, LONG_TEXT_LIMIT)
            }

            fn check_unique(&self, _: &Settings) -> Result<(), String> {
                Err(concat!("a field of the type ", $name, " can't be unique").to_owned())
            }

            fn parts(&self, _: &Settings) -> Vec<Part> {
                vec![Part::whole(Storage::Text, Scalar::Text)]
            }

            fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
                parse(json, settings.max_length.unwrap_or(LONG_TEXT_DEFAULT))
            }

            fn holds(&self, settings: &Settings, value: &Value) -> bool {
                is_within(value, settings.max_length.unwrap_or(LONG_TEXT_DEFAULT))
    }

            fn limits(&self, settings: &Settings, _: usize) -> Limits {
                Limits::of_text(settings, LONG_TEXT_DEFAULT)
            }

            fn example(&self, _: &Settings) -> Json {
                Json::from($example)
            }
        }
    };
}

long_text!(
    /// Text of several lines.
    LongText, "longText", "A text\nof two lines"
);
long_text!(
    /// Markdown, kept as it was written: whoever shows it as HTML must clean that.
    RichText, "richText", "# A heading\n\nA text with *emphasis*."
);

fn parse(json: &Json, max_length: u32) -> Result<Value, String> {
    let text = expect_text(json)?;
    check_text(text, max_length)?;
    Ok(Value::Text(text.to_owned()))
}

/// Checks the lengths of a text type: what it allows unless told, and at most.
pub(super) fn check_limit(settings: &Settings, default: u32, limit: u32) -> Result<(), String> {
    match settings.max_length {
        Some(0) => return Err("maxLength must be at least 1".to_owned()),
        Some(length) if length > limit => {
            return Err(format!("maxLength must be at most {limit}"));
        }
        Some(_) | None => {}
    }
    let most = settings.max_length.unwrap_or(default);
    match settings.min_length {
        Some(length) if length > most => Err(format!("minLength must be at most {most}")),
        Some(_) | None => Ok(()),
    }
}
