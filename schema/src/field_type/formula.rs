//! `formula`: a value that an expression gives. It is stored in the columns of the type of its result;
//! nobody writes it, and it reads, filters and sorts like a field of that type.

use serde_json::Value as Json;

use super::{FieldType, Part, ResultType, Scalar, Settings};
use crate::value::{Storage, Value};

/// The types that the result of a formula can have.
pub const RESULTS: &[&str] = &[
    "text",
    "longText",
    "integer",
    "bigInteger",
    "decimal",
    "float",
    "percent",
    "money",
    "boolean",
    "date",
    "dateTime",
    "time",
    "duration",
];

/// A value that is computed of the record and of those that it refers to.
#[derive(Debug)]
pub(super) struct Formula;

impl FieldType for Formula {
    fn name(&self) -> &'static str {
        "formula"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["expression", "result", "precision", "scale"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["expression"]
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn is_formula(&self) -> bool {
        true
    }

    fn value_type<'s>(
        &self,
        settings: &'s Settings,
    ) -> Option<(&'static dyn FieldType, &'s Settings)> {
        settings.result.as_deref().and_then(ResultType::find)
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        let (Some(_), Some((result, settings))) = (&settings.expression, self.value_type(settings))
        else {
            return Err("needs an expression and the type of its result".to_owned());
        };
        result.check_settings(settings)
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err("a formula can't be unique".to_owned())
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        match self.value_type(settings) {
            Some((result, settings)) => result.parts(settings),
            // Only a description of the type itself, which has no settings, comes here.
            None => vec![Part::whole(Storage::Text, Scalar::Text)],
        }
    }

    fn parse_part(&self, settings: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        match self.value_type(settings) {
            Some((result, settings)) => result.parse_part(settings, part, json),
            None => Err("has no type".to_owned()),
        }
    }
    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        match self.value_type(settings) {
            Some((result, settings)) => result.parse_value(settings, json),
            None => Err("has no type".to_owned()),
        }
    }

    fn holds(&self, settings: &Settings, value: &Value) -> bool {
        self.value_type(settings)
            .is_none_or(|(result, settings)| result.holds(settings, value))
    }

    fn example(&self, settings: &Settings) -> Json {
        let result = self.value_type(settings);
        result.map_or(Json::Null, |(result, settings)| result.example(settings))
    }
}
