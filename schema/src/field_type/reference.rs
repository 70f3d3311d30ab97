//! `reference`: points at one record of one object type.
//!
//! Written as the id of the target, or as an object with its `id`, which is the form in which it is
//! read. Whether the target exists for the caller is checked by the write path.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, id, kind_of};
use crate::value::{Storage, Value};

/// A pointer to a record.
#[derive(Debug)]
pub(super) struct Reference;

impl FieldType for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["target", "inverse"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["inverse"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        if settings.target.is_none() {
            return Err("needs a target: the object type that it points at".to_owned());
        }
        if settings.inverse.is_none() {
            return Err(
                "needs an inverse: {\"name\", \"label\"} of the collection on the target"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Uuid, Scalar::Id)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        match json {
            Json::String(text) => id::parse_uuid(text),
            Json::Object(members) if members.len() == 1 => match members.get("id") {
                Some(Json::String(text)) => id::parse_uuid(text),
                Some(_) | None => Err("must be the id of a record".to_owned()),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(format!("must be the id of a record, not {}", kind_of(json)))
            }
        }
    }
}
