//! `url`: an absolute address of the web.

use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Scalar, Settings, check_text, constraint, expect_text, text};
use crate::value::{Storage, Value};

const MAX_LENGTH: u32 = 2_000;

/// An absolute `http` or `https` URL, kept as it was written.
#[derive(Debug)]
pub(super) struct Url;

impl FieldType for Url {
    fn name(&self) -> &'static str {
        "url"
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

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err(
            "a field of the type url can't be unique: addresses may be too long for an index"
                .to_owned(),
        )
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, settings.max_length.unwrap_or(MAX_LENGTH))?;
        Ok(Value::Text(text.to_owned()))
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let value = self.parse_part(settings, 0, json)?;
        let is_url = matches!(&value, Value::Text(text)
            if ::url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()));
        if is_url {
            Ok(vec![value])
        } else {
            Err("must be a URL such as \"https://example.com/\"".to_owned())
        }
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits::of_text(settings, MAX_LENGTH)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("https://example.com/")
    }
}
