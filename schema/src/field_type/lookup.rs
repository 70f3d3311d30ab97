//! `lookup`: a field of the record that a reference of the same record points at, read through.
//!
//! It has no column and is never written. The catalog gives such a field the form of the field that it
//! shows, so that it is read, filtered and sorted like that one.

use serde_json::Value as Json;

use super::{FieldType, Part, Settings};
use crate::value::Value;

/// A field of a referenced record.
#[derive(Debug)]
pub(super) struct Lookup;

impl FieldType for Lookup {
    fn name(&self) -> &'static str {
        "lookup"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["via", "field"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        if settings.via.is_none() || settings.field.is_none() {
            return Err(
                "needs `via`, a reference of this type, and `field`, a field of its target"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err("a lookup can't be unique".to_owned())
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn is_virtual(&self) -> bool {
        true
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        Vec::new()
    }

    fn parse_part(&self, _: &Settings, _: usize, _: &Json) -> Result<Value, String> {
        Err("a lookup is never written".to_owned())
    }

    fn example(&self, _: &Settings) -> Json {
        Json::Null
    }
}
