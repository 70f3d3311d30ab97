//! `duration`: a length of time, in ISO 8601. Read in hours, minutes and seconds; a day that is sent is 24
//! hours. Years and months are refused, for they have no length of their own.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, constraint, expect_text};
use crate::value::{Storage, Value, span};

/// A length of time, exact to the microsecond.
#[derive(Debug)]
pub(super) struct Duration;

impl FieldType for Duration {
    fn name(&self) -> &'static str {
        "duration"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Duration, Scalar::Duration)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        span::parse_duration(text)
            .map(Value::Integer)
            .ok_or_else(|| {
                "must be a duration of days, hours, minutes and seconds such as \"PT1H30M\""
                    .to_owned()
            })
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("PT1H30M")
    }
}
