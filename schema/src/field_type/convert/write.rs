//! Values of the old type: as JSON, and as the texts and numbers that other types can be made of.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{Form, Typed, form, whole};
use crate::value::Value;

/// A value on its way to another type.
#[derive(Debug)]
pub(super) enum Sent {
    /// A text.
    Text(String),
    /// An exact number, and its text.
    Number(Decimal, String),
    /// An amount, and its currency.
    Amount(Decimal, String),
    /// A floating point number.
    Float(f64),
    /// True or false.
    Flag(bool),
    /// Several texts.
    Items(Vec<String>),
}

/// The whole value as JSON.
pub(super) fn json((field_type, settings): Typed<'_>, values: &[Value]) -> Json {
    if values.first().is_none_or(Value::is_null) {
        return Json::Null;
    }
    whole(&field_type.parts(settings), values)
}

/// A value that is there.
pub(super) fn sent(from: Typed<'_>, values: &[Value]) -> Sent {
    let json = json(from, values);
    match (form(from.0), values.first()) {
        (_, Some(Value::Boolean(flag))) => Sent::Flag(*flag),
        (_, Some(Value::Float(number))) => Sent::Float(*number),
        (_, Some(Value::TextSet(items))) => Sent::Items(items.clone()),
        (Some(Form::Money), Some(Value::Decimal(amount))) => {
            let currency = json["currency"].as_str().unwrap_or_default();
            Sent::Amount(*amount, currency.to_owned())
        }
        (Some(Form::Exact), Some(Value::Decimal(number))) => Sent::Number(*number, text(&json)),
        (Some(Form::Whole), Some(Value::Integer(number))) => {
            Sent::Number(Decimal::from(*number), text(&json))
        }
        (Some(Form::Line), _) => Sent::Text(text(&json["formatted"])),
        _ => Sent::Text(text(&json)),
    }
}

/// JSON as a plain text.
fn text(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

impl Sent {
    /// The value as a text.
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Number(_, text) => text.clone(),
            Self::Amount(amount, currency) => format!("{} {currency}", amount.normalize()),
            Self::Float(number) => Json::from(*number).to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Items(items) => items.join(", "),
        }
    }
}
