//! `personName`: the name of a person by its parts, and all of it in one line.

use serde_json::{Value as Json, json};

use super::{FieldType, Part, Presence, Scalar, Settings, composite};
use crate::value::{Storage, Value};

const PARTS: &[(&str, &str)] = &[
    ("prefix", "_prefix"),
    ("given", "_given"),
    ("middle", "_middle"),
    ("family", "_family"),
    ("suffix", "_suffix"),
];

/// A name. None of the parts must be there, for many people have one name only; `formatted` comes first,
/// for it is never null.
#[derive(Debug)]
pub(super) struct PersonName;

impl FieldType for PersonName {
    fn name(&self) -> &'static str {
        "personName"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let text = |names, presence| Part::member(names, Storage::Text, Scalar::Text, presence);
        let formatted = text(("formatted", ""), Presence::Derived);
        let sent = PARTS.iter().map(|names| text(*names, Presence::Optional));
        std::iter::once(formatted).chain(sent).collect()
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        composite::parse_text(json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let mut values = composite::parse(self, settings, json)?;
        let formatted = composite::join(values.iter(), " ");
        if formatted.is_empty() {
            return Err("needs at least one member that says something".to_owned());
        }
        values[0] = Value::Text(formatted);
        Ok(values)
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"prefix": "Dr.", "given": "Ada", "family": "Lovelace"})
    }
}
