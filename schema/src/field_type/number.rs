//! `integer`, `bigInteger`, `decimal` and `percent`: all exact.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, constraint, kind_of};
use crate::value::{Storage, Value};

/// The most digits of a decimal: what a 64-bit integer holds, so that sums stay exact on SQLite.
pub(super) const MAX_PRECISION: u8 = 18;
const DEFAULT_PRECISION: u8 = 18;
const DEFAULT_SCALE: u8 = 2;
const PERCENT_SCALE: u8 = 6;

/// A whole number of 32 bits, a JSON number and a GraphQL `Int`.
#[derive(Debug)]
pub(super) struct Integer;

impl FieldType for Integer {
    fn name(&self) -> &'static str {
        "integer"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Integer, Scalar::Int)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        json.as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .map(|number| Value::Integer(i64::from(number)))
            .ok_or_else(|| "must be a whole number from -2147483648 to 2147483647".to_owned())
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from(42)
    }
}

/// A whole number of 64 bits, a JSON string.
#[derive(Debug)]
pub(super) struct BigInteger;

impl FieldType for BigInteger {
    fn name(&self) -> &'static str {
        "bigInteger"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::BigInteger, Scalar::BigInt)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let number = match json {
            Json::String(text) if is_plain_integer(text) => text.parse().ok(),
            Json::Number(number) => number.as_i64(),
            Json::String(_) | Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        };
        number.map(Value::Integer).ok_or_else(|| {
            "must be a whole number of 64 bits, as a text such as \"9007199254740993\"".to_owned()
        })
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("9007199254740993")
    }
}

fn is_plain_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An exact decimal.
#[derive(Debug)]
pub(super) struct DecimalNumber;

impl FieldType for DecimalNumber {
    fn name(&self) -> &'static str {
        "decimal"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["precision", "scale", "min", "max"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        let (precision, scale) = precision_and_scale(settings);
        if !(1..=MAX_PRECISION).contains(&precision) {
            return Err(format!("precision must be from 1 to {MAX_PRECISION}"));
        }
        if scale > precision {
            return Err("scale must not be greater than precision".to_owned());
        }
        Ok(())
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        let (precision, scale) = precision_and_scale(settings);
        vec![Part::whole(
            Storage::Decimal { precision, scale },
            Scalar::Decimal,
        )]
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let (precision, scale) = precision_and_scale(settings);
        parse_decimal(json, precision, scale).map(Value::Decimal)
    }

    fn example(&self, settings: &Settings) -> Json {
        let (precision, scale) = precision_and_scale(settings);
        let number = Decimal::new(1, u32::from(scale.min(precision.saturating_sub(1))));
        Json::from(number.to_string())
    }
}

fn precision_and_scale(settings: &Settings) -> (u8, u8) {
    let precision = settings.precision.unwrap_or(DEFAULT_PRECISION);
    (
        precision,
        settings
            .scale
            .unwrap_or_else(|| DEFAULT_SCALE.min(precision)),
    )
}

/// A fraction of one: `"0.15"` is 15 %.
#[derive(Debug)]
pub(super) struct Percent;

impl FieldType for Percent {
    fn name(&self) -> &'static str {
        "percent"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let storage = Storage::Decimal {
            precision: MAX_PRECISION,
            scale: PERCENT_SCALE,
        };
        vec![Part::whole(storage, Scalar::Decimal)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        parse_decimal(json, MAX_PRECISION, PERCENT_SCALE).map(Value::Decimal)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("0.15")
    }
}

/// The digits that every JSON number keeps on its way through a 64-bit floating point number.
const SAFE_DIGITS: usize = 15;

/// An exact decimal from a JSON string or number. Nothing is rounded: a number that may have lost digits
/// before it came here is refused.
pub(crate) fn parse_decimal(json: &Json, precision: u8, scale: u8) -> Result<Decimal, String> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => {
            let text = number.to_string();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if number.is_f64() && digits > SAFE_DIGITS {
                let message = "has more digits than a JSON number keeps; send it as a text such as";
                return Err(format!("{message} \"12.50\""));
            }
            text
        }
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            return Err(format!(
                "must be a decimal such as \"12.50\", not {}",
                kind_of(json)
            ));
        }
    };
    let parsed = if text.contains(['e', 'E']) {
        Decimal::from_scientific(&text)
    } else if text.contains(['_', '+']) {
        return Err("must be a decimal such as \"12.50\"".to_owned());
    } else {
        Decimal::from_str(&text).and_then(|_| Decimal::from_str_exact(&text))
    };
    let number = parsed
        .map_err(|_| "must be a decimal such as \"12.50\"".to_owned())?
        .normalize();
    if number.scale() > u32::from(scale) {
        return Err(format!("has more than {scale} digits after the point"));
    }
    let limit = Decimal::from_i128_with_scale(10_i128.pow(u32::from(precision - scale)), 0);
    if number.abs() >= limit {
        return Err(format!(
            "has more than {} digits before the point",
            precision - scale
        ));
    }
    Ok(number)
}
