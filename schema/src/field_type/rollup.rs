//! `rollup`: a number, or the least or greatest value, that the server keeps of the members of a
//! collection. Nobody writes it; it reads, filters and sorts like a field of the type of its result.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{FieldType, MONEY_SCALE, Part, ResultType, Scalar, Settings, number::MAX_PRECISION};
use crate::{
    id::{FieldId, RelationTypeId},
    value::{Storage, Value},
};

/// The digits after the point that an average has at least.
const AVERAGE_SCALE: u8 = 6;

/// A value that is computed of the members of a collection.
#[derive(Debug)]
pub(super) struct Rollup;

/// The collection that a rollup is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RollupOf {
    /// The records whose reference points at the record.
    Inverse(FieldId),
    /// The links of a relation type that begin at the record.
    Forward(RelationTypeId),
    /// The links of a relation type that end at the record.
    Reverse(RelationTypeId),
    /// The links of a symmetric relation type at whichever end the record stands.
    Either(RelationTypeId),
}

/// Which links count of a relation type whose links hold for a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RollupValidity {
    /// Those that hold today.
    Current,
    /// All that ever held or will.
    All,
}

/// What a rollup computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RollupFunction {
    /// How many members there are.
    Count,
    /// The sum of a field.
    Sum,
    /// The least value of a field.
    Min,
    /// The greatest value of a field.
    Max,
    /// The mean of a field.
    Avg,
}

impl RollupFunction {
    /// All functions with their names.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Count, "count"),
        (Self::Sum, "sum"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Avg, "avg"),
    ];
}

/// The field that a rollup computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RollupField {
    /// A field of the member.
    Member(FieldId),
    /// A field of the link to the member.
    Link(FieldId),
}

impl ResultType {
    fn new(field_type: &str, settings: Settings) -> Self {
        Self {
            field_type: field_type.to_owned(),
            settings,
        }
    }

    fn decimal(scale: u8) -> Self {
        let settings = Settings {
            precision: Some(MAX_PRECISION),
            scale: Some(scale),
            ..Settings::default()
        };
        Self::new("decimal", settings)
    }

    /// What a rollup gives that computes with converted amounts.
    pub(crate) fn of_converted(function: RollupFunction) -> Result<Self, String> {
        match function {
            RollupFunction::Count => Err("count has no field".to_owned()),
            RollupFunction::Avg => Ok(Self::decimal(MONEY_SCALE.max(AVERAGE_SCALE))),
            RollupFunction::Sum | RollupFunction::Min | RollupFunction::Max => {
                Ok(Self::decimal(MONEY_SCALE))
            }
        }
    }

    /// What a rollup gives that counts, or computes with a field of this type. The message says which
    /// fields the function takes.
    pub fn of_rollup(
        function: RollupFunction,
        operand: Option<(&dyn FieldType, &Settings)>,
    ) -> Result<Self, String> {
        let operand = match (function, operand) {
            (RollupFunction::Count, None) => return Ok(Self::new("integer", Settings::default())),
            (RollupFunction::Count, Some(_)) => return Err("count has no field".to_owned()),
            (_, operand) => operand.ok_or("needs the field to compute with")?,
        };
        let (field_type, settings) = operand;
        let (field_type, settings) = field_type
            .value_type(settings)
            .unwrap_or((field_type, settings));
        let parts = field_type.parts(settings);
        let is_money = matches!(parts.as_slice(), [amount, ..] if amount.key == Some("amount"));
        let storage = parts.first().map(|part| part.storage);
        let whole = (parts.len() == 1).then_some(()).and(storage);
        match (function, whole) {
            (RollupFunction::Count, _) => Ok(Self::new("integer", Settings::default())),
            _ if is_money => Ok(Self::new(field_type.name(), settings.clone())),
            (RollupFunction::Sum, Some(Storage::Integer | Storage::BigInteger)) => {
                Ok(Self::new("bigInteger", Settings::default()))
            }
            (RollupFunction::Sum, Some(Storage::Decimal { scale, .. })) => Ok(Self::decimal(scale)),
            (RollupFunction::Sum | RollupFunction::Avg, Some(Storage::Duration)) => {
                Ok(Self::new("duration", Settings::default()))
            }
            (RollupFunction::Avg, Some(Storage::Integer | Storage::BigInteger)) => {
                Ok(Self::decimal(AVERAGE_SCALE))
            }
            (RollupFunction::Avg, Some(Storage::Decimal { scale, .. })) => {
                Ok(Self::decimal(scale.max(AVERAGE_SCALE)))
            }
            (RollupFunction::Sum | RollupFunction::Avg, _) => Err(
                "sum and avg take a field of whole numbers, decimals, durations or money"
                    .to_owned(),
            ),
            (RollupFunction::Min | RollupFunction::Max, Some(_))
                if parts[0].scalar.is_ordered() =>
            {
                Ok(Self::new(field_type.name(), settings.clone()))
            }
            (RollupFunction::Min | RollupFunction::Max, _) => Err(
                "min and max take a field of numbers, money, texts, dates or instants".to_owned(),
            ),
        }
    }
}

impl FieldType for Rollup {
    fn name(&self) -> &'static str {
        "rollup"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["of", "function", "field", "filter", "validity"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["filter", "validity"]
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn is_rollup(&self) -> bool {
        true
    }

    fn value_type<'s>(
        &self,
        settings: &'s Settings,
    ) -> Option<(&'static dyn FieldType, &'s Settings)> {
        settings.result.as_deref().and_then(ResultType::find)
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Err("a rollup can't be unique".to_owned())
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        match self.value_type(settings) {
            Some((field_type, settings)) => field_type.parts(settings),
            // Only a description of the type itself, which has no settings, comes here.
            None => vec![Part::whole(Storage::Integer, Scalar::Int)],
        }
    }

    fn parse_part(&self, settings: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        match self.value_type(settings) {
            Some((field_type, settings)) => field_type.parse_part(settings, part, json),
            None => Err("has no type".to_owned()),
        }
    }
    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        match self.value_type(settings) {
            Some((field_type, settings)) => field_type.parse_value(settings, json),
            None => Err("has no type".to_owned()),
        }
    }

    fn example(&self, settings: &Settings) -> Json {
        let result = self.value_type(settings);
        result.map_or(Json::Null, |(result, settings)| result.example(settings))
    }
}
