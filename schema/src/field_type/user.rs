//! `user`: a person who can sign in.
//!
//! Users are no records, so a value is shown as their id alone, `{"id": "…"}`. It is written so, or as
//! the id; that there is such an active user is checked by the write path.

use serde_json::Value as Json;

use super::{FieldType, Part, Settings, id, kind_of};
use crate::value::Value;

/// A pointer to a user.
#[derive(Debug)]
pub(super) struct User;

impl FieldType for User {
    fn name(&self) -> &'static str {
        "user"
    }

    fn type_name(&self) -> &'static str {
        "userReference"
    }

    fn points_at_user(&self) -> bool {
        true
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part {
            key: Some("id"),
            ..Part::id()
        }]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let id = match json {
            Json::Object(members) if members.len() == 1 => members.get("id"),
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)
            | Json::Object(_) => Some(json),
        };
        match id {
            Some(Json::String(text)) => id::parse_uuid(text),
            Some(_) | None => Err(format!("must be the id of a user, not {}", kind_of(json))),
        }
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00")
    }
}
