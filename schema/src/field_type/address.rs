//! `address`: a postal address by its parts, and all of it in one line.

use serde_json::{Value as Json, json};

use super::{FieldType, Part, Presence, Scalar, Settings, code, composite};
use crate::value::{Storage, Value};

const PARTS: &[(&str, &str)] = &[
    ("line1", "_line1"),
    ("line2", "_line2"),
    ("city", "_city"),
    ("region", "_region"),
    ("postalCode", "_postal_code"),
    ("country", "_country"),
];

/// An address; the country is a code of ISO 3166-1. `formatted` comes first, for it is never null.
#[derive(Debug)]
pub(super) struct Address;

impl FieldType for Address {
    fn name(&self) -> &'static str {
        "address"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let text = |names, presence| Part::member(names, Storage::Text, Scalar::Text, presence);
        let formatted = text(("formatted", ""), Presence::Derived);
        let sent = PARTS.iter().map(|names| text(*names, Presence::Optional));
        std::iter::once(formatted).chain(sent).collect()
    }

    /// An operand may be any part of a text.
    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        composite::parse_text(json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let mut values = composite::parse(self, settings, json)?;
        let formatted = match values.as_slice() {
            [_, line1, line2, city, region, postal_code, country] => {
                if let Value::Text(country) = country {
                    code::check_country(country).map_err(|message| format!("country {message}"))?;
                }
                let place = Value::Text(composite::join([postal_code, city].into_iter(), " "));
                let lines = [line1, line2, &place, region, country];
                composite::join(lines.into_iter(), ", ")
            }
            _ => String::new(),
        };
        if formatted.is_empty() {
            return Err("needs at least one member that says something".to_owned());
        }
        values[0] = Value::Text(formatted);
        Ok(values)
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"line1": "Damrak 1", "city": "Amsterdam", "postalCode": "1012 LG", "country": "NL"})
    }
}
