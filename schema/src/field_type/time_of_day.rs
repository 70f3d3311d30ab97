//! `time`: a time of day on the clock, of no day and no zone.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, constraint, expect_text};
use crate::value::{Storage, Value, span};

/// A time of day.
#[derive(Debug)]
pub(super) struct TimeOfDay;

impl FieldType for TimeOfDay {
    fn name(&self) -> &'static str {
        "time"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Time, Scalar::Time)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        span::parse_time(expect_text(json)?)
            .map(Value::Integer)
            .ok_or_else(|| "must be a time of day such as \"09:30:00\"".to_owned())
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("09:30:00")
    }
}
