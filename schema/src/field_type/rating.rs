//! `rating`: a number of stars, from 1 to the most that the field has.

use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Scalar, Settings, number};
use crate::value::{Storage, Value};

const MAX_DEFAULT: i64 = 5;
const MAX_LIMIT: i64 = 100;

/// A whole number from 1 to `max`, which is 5 unless the field says otherwise.
#[derive(Debug)]
pub(super) struct Rating;

impl FieldType for Rating {
    fn name(&self) -> &'static str {
        "rating"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["max"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["max"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        match &settings.max {
            Some(json) if !(1..=MAX_LIMIT).contains(&json.as_i64().unwrap_or(0)) => {
                Err(format!("max must be a whole number from 1 to {MAX_LIMIT}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Integer, Scalar::Int)]
    }

    fn parse_part(&self, settings: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        number::Integer.parse_part(settings, part, json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let max = most(settings);
        let value = self.parse_part(settings, 0, json)?;
        if matches!(value, Value::Integer(number) if (1..=max).contains(&number)) {
            Ok(vec![value])
        } else {
            Err(format!("must be a whole number from 1 to {max}"))
        }
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits::between(1, most(settings))
    }

    fn example(&self, settings: &Settings) -> Json {
        Json::from(most(settings).min(4))
    }
}

fn most(settings: &Settings) -> i64 {
    let max = settings.max.as_ref().and_then(Json::as_i64);
    max.unwrap_or(MAX_DEFAULT)
}
