//! `float`: a floating point number of 64 bits (IEEE 754), for measured things. What must be exact is a
//! decimal.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, constraint, kind_of};
use crate::value::{Storage, Value};

/// A floating point number.
#[derive(Debug)]
pub(super) struct Float;

impl FieldType for Float {
    fn name(&self) -> &'static str {
        "float"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Float, Scalar::Float)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        parse(json).map(Value::Float)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from(36.6)
    }
}

/// A finite number. Zero has no sign: SQLite keeps none.
pub(super) fn parse(json: &Json) -> Result<f64, String> {
    json.as_f64()
        .filter(|number| number.is_finite())
        .map(|number| number + 0.0)
        .ok_or_else(|| format!("must be a number such as 36.6, not {}", kind_of(json)))
}
