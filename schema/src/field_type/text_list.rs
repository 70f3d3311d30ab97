//! `stringList`: texts in an order, where one may stand twice.

use serde_json::{Value as Json, json};

use super::{
    FieldType, Limits, Part, Scalar, Settings, check_text, constraint, expect_text, kind_of, text,
};
use crate::value::{Storage, Value};

const MAX_ITEMS: usize = 200;
const ITEM_DEFAULT: u32 = 255;
const ITEM_LIMIT: u32 = 1_000;

/// A list of texts. The constraints of length and pattern are on its items.
#[derive(Debug)]
pub(super) struct StringList;

impl FieldType for StringList {
    fn name(&self) -> &'static str {
        "stringList"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_TEXT
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_PATTERN
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        text::check_limit(settings, ITEM_DEFAULT, ITEM_LIMIT)
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::TextSet, Scalar::TextList)]
    }

    /// An operand: one item.
    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, settings.max_length.unwrap_or(ITEM_DEFAULT))?;
        Ok(Value::Text(text.to_owned()))
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let Json::Array(items) = json else {
            return Err(format!("must be an array of texts, not {}", kind_of(json)));
        };
        if items.len() > MAX_ITEMS {
            let count = items.len();
            return Err(format!(
                "has {count} items; at most {MAX_ITEMS} are allowed"
            ));
        }
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let text = expect_text(item).map_err(|message| format!("item {at} {message}"))?;
            check_text(text, settings.max_length.unwrap_or(ITEM_DEFAULT))
                .map_err(|message| format!("item {at} {message}"))?;
            texts.push(text.to_owned());
        }
        Ok(vec![Value::TextSet(texts)])
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits {
            max_items: Some(MAX_ITEMS),
            ..Limits::of_text(settings, ITEM_DEFAULT)
        }
    }

    fn example(&self, _: &Settings) -> Json {
        json!(["first", "second"])
    }
}
