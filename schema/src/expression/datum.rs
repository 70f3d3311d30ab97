//! The types and the values that an expression computes with.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    field_type::{Part, Scalar},
    value::{Storage, Value, span},
};

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// An exact decimal.
    Decimal,
    /// A floating point number of 64 bits.
    Float,
    /// Text, also the name of an option.
    Text,
    /// A day of the calendar.
    Date,
    /// An instant.
    Instant,
    /// A time of day.
    Time,
    /// A length of time.
    Duration,
    /// The id of a record, a user or another UUID.
    Id,
    /// A set of texts, such as the options of a multiSelect.
    Texts,
    /// An amount with its currency.
    Money,
    /// Only `null`.
    Null,
    /// A value that expressions can't compute with; they can ask whether it is there.
    Opaque,
}

impl Kind {
    /// The type of a field with these parts.
    pub(super) fn of_parts(parts: &[Part]) -> Self {
        match parts {
            [part] => Self::of_part(part),
            [amount, currency, ..]
                if amount.key == Some("amount") && currency.key == Some("currency") =>
            {
                Self::Money
            }
            _ => Self::Opaque,
        }
    }

    /// The type of one part.
    pub(super) fn of_part(part: &Part) -> Self {
        match part.scalar {
            // The type of a record, which is stored by its id.
            Scalar::Choice if part.storage == Storage::Uuid => Self::Id,
            Scalar::Text | Scalar::Choice => Self::Text,
            Scalar::ChoiceSet | Scalar::TextList => Self::Texts,
            Scalar::Int | Scalar::BigInt => Self::Integer,
            Scalar::Decimal => Self::Decimal,
            Scalar::Float => Self::Float,
            Scalar::Boolean => Self::Boolean,
            Scalar::Date => Self::Date,
            Scalar::DateTime => Self::Instant,
            Scalar::Time => Self::Time,
            Scalar::Duration => Self::Duration,
            Scalar::Id => Self::Id,
            Scalar::Json | Scalar::Secret => Self::Opaque,
        }
    }

    /// What it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Decimal => "a decimal",
            Self::Float => "a floating point number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Instant => "an instant",
            Self::Time => "a time of day",
            Self::Duration => "a length of time",
            Self::Id => "an id",
            Self::Texts => "a set of texts",
            Self::Money => "an amount of money",
            Self::Null => "null",
            Self::Opaque => "a value that can't be computed with",
        }
    }

    /// Whether it is a number.
    pub(super) fn is_number(self) -> bool {
        self.is_exact() || self == Self::Float
    }

    /// Whether it is a number without rounding.
    pub(super) fn is_exact(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }

    /// Whether a field with these parts can hold it.
    pub(super) fn fits(self, parts: &[Part]) -> bool {
        match (self, Self::of_parts(parts)) {
            (Self::Null, _)
            | (Self::Integer, Self::Decimal)
            | (Self::Integer | Self::Decimal, Self::Float) => true,
            (Self::Opaque, _) => false,
            (own, held) => own == held,
        }
    }

    /// The type that holds both.
    pub(super) fn unite(self, other: Self) -> Option<Self> {
        match (self, other) {
            (one, two) if one == two => Some(one),
            (Self::Null, kind) | (kind, Self::Null) => Some(kind),
            (Self::Integer, Self::Decimal) | (Self::Decimal, Self::Integer) => Some(Self::Decimal),
            (Self::Float, exact) | (exact, Self::Float) if exact.is_exact() => Some(Self::Float),
            _ => None,
        }
    }
}

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    /// Finite; zero has no sign.
    Float(f64),
    Text(String),
    Date(Date),
    Instant(OffsetDateTime),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds.
    Duration(i64),
    Id(Uuid),
    Texts(Vec<String>),
    Money(Decimal, String),
}

impl Datum {
    /// The value of one part of a field that has this type.
    pub(super) fn of_value(value: &Value, kind: Kind) -> Self {
        match value {
            Value::Text(text) => Self::Text(text.clone()),
            Value::Integer(number) if kind == Kind::Time => Self::Time(*number),
            Value::Integer(number) if kind == Kind::Duration => Self::Duration(*number),
            Value::Integer(number) => Self::Integer(*number),
            Value::Float(number) if kind == Kind::Float => Self::float(*number),
            Value::Decimal(number) => Self::Decimal(*number),
            Value::Boolean(flag) => Self::Boolean(*flag),
            Value::Date(date) => Self::Date(*date),
            Value::Instant(instant) => Self::Instant(*instant),
            Value::Uuid(uuid) => Self::Id(*uuid),
            Value::TextSet(texts) => Self::Texts(texts.clone()),
            // What can't be computed with is only asked whether it is there.
            Value::Json(_) | Value::Float(_) | Value::Secret(_) => Self::Boolean(true),
            Value::Null => Self::Null,
        }
    }

    /// The value of a whole field.
    pub(super) fn of_values(values: &[Value], kind: Kind) -> Self {
        match values {
            [Value::Decimal(amount), Value::Text(currency), ..] => {
                Self::Money(*amount, currency.clone())
            }
            [value, ..] => Self::of_value(value, kind),
            [] => Self::Null,
        }
    }

    /// A floating point number; one that is none is no value.
    pub(super) fn float(number: f64) -> Self {
        if number.is_finite() {
            Self::Float(number + 0.0)
        } else {
            Self::Null
        }
    }

    /// The value as a field with these parts holds it; one that does not fit is missing.
    pub(super) fn into_values(self, parts: &[Part]) -> Vec<Value> {
        let storage = |at: usize| parts.get(at).map(|part| part.storage);
        let first = match (self, storage(0)) {
            (Self::Money(amount, currency), Some(storage)) if parts.len() > 1 => {
                let mut values = vec![Value::Null; parts.len()];
                if let Some(amount) = fitting(amount, storage) {
                    values[0] = Value::Decimal(amount);
                    values[1] = Value::Text(currency);
                }
                return values;
            }
            (Self::Boolean(flag), Some(Storage::Boolean)) => Value::Boolean(flag),
            (number, Some(Storage::Float)) => number.as_float().map_or(Value::Null, Value::Float),
            (Self::Time(number), Some(Storage::Time))
            | (Self::Duration(number), Some(Storage::Duration))
            | (Self::Integer(number), Some(Storage::BigInteger)) => Value::Integer(number),
            (Self::Integer(number), Some(storage @ Storage::Decimal { .. })) => {
                fitting(Decimal::from(number), storage).map_or(Value::Null, Value::Decimal)
            }
            (Self::Integer(number), Some(Storage::Integer)) => {
                i32::try_from(number).map_or(Value::Null, |number| Value::Integer(number.into()))
            }
            (Self::Decimal(number), Some(storage)) => {
                fitting(number, storage).map_or(Value::Null, Value::Decimal)
            }
            (Self::Text(text), Some(Storage::Text)) => Value::Text(text),
            (Self::Date(date), Some(Storage::Date)) => Value::Date(date),
            (Self::Instant(instant), Some(Storage::Instant)) => Value::Instant(instant),
            (Self::Id(uuid), Some(Storage::Uuid)) => Value::Uuid(uuid),
            (Self::Texts(texts), Some(Storage::TextSet)) => Value::TextSet(texts),
            _ => Value::Null,
        };
        let mut values = vec![first];
        values.resize(parts.len(), Value::Null);
        values
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    /// What a person would call no value: nothing, an empty text, an empty set.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Boolean(_)
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Float(_)
            | Self::Date(_)
            | Self::Instant(_)
            | Self::Time(_)
            | Self::Duration(_)
            | Self::Id(_)
            | Self::Money(..) => false,
        }
    }

    /// A number as a floating point one, the nearest that there is.
    pub(super) fn as_float(&self) -> Option<f64> {
        let Self::Float(number) = self else {
            // By its text, which is read as the nearest number.
            return self.decimal()?.to_string().parse().ok();
        };
        Some(*number)
    }

    /// An exact number as a decimal.
    pub(super) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Decimal(number) => Some(*number),
            Self::Null
            | Self::Boolean(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Date(_)
            | Self::Instant(_)
            | Self::Time(_)
            | Self::Duration(_)
            | Self::Id(_)
            | Self::Texts(_)
            | Self::Money(..) => None,
        }
    }

    /// A number as a whole one; digits after the point are cut.
    pub(super) fn integer(&self) -> Option<i64> {
        self.decimal()?.trunc().to_i64()
    }

    /// The value as people read it.
    pub(super) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.normalize().to_string(),
            Self::Float(number) => serde_json::Value::from(*number).to_string(),
            Self::Time(number) => span::time_text(*number),
            Self::Duration(number) => span::duration_text(*number),
            Self::Text(text) => text.clone(),
            Self::Date(date) => Value::Date(*date)
                .to_json(Storage::Date)
                .as_str()?
                .to_owned(),
            Self::Instant(instant) => crate::value::instant_text(*instant),
            Self::Id(id) => id.to_string(),
            Self::Texts(texts) => texts.join(", "),
            Self::Money(amount, currency) => format!("{} {currency}", amount.normalize()),
        })
    }
}

/// A decimal with the digits of a column: the last one is rounded half away from zero.
fn fitting(number: Decimal, storage: Storage) -> Option<Decimal> {
    let Storage::Decimal { precision, scale } = storage else {
        return None;
    };
    let rounded =
        number.round_dp_with_strategy(u32::from(scale), RoundingStrategy::MidpointAwayFromZero);
    let limit = Decimal::from(10_i64.checked_pow(u32::from(precision.saturating_sub(scale)))?);
    (rounded.abs() < limit).then_some(rounded)
}
