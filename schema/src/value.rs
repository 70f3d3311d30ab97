//! Values as the engine holds them between a request and a bound parameter, and the physical forms
//! that columns give them.

pub(crate) mod span;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::Value as Json;
use time::{
    Date, OffsetDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};
use uuid::Uuid;

/// The physical form of one column. Each form has one column type, one way to bind and one way to
/// write JSON per database; they stand in [`crate::sql`] and [`crate::store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// UTF-8 text without NUL, ordered by bytes.
    Text,
    /// A 64-bit integer, written as a JSON number.
    Integer,
    /// A 64-bit integer, written as a JSON string so that no client loses digits.
    BigInteger,
    /// An exact decimal with this many digits after the point, written as a JSON string.
    Decimal {
        /// All digits, at most 18.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// True or false.
    Boolean,
    /// A calendar day, `YYYY-MM-DD`.
    Date,
    /// An instant with microseconds, RFC 3339 in UTC.
    Instant,
    /// A UUID.
    Uuid,
    /// Texts in order, written as a JSON array.
    TextSet,
    /// Any JSON value, kept as it was sent.
    Json,
    /// A floating point number of 64 bits, written as a JSON number.
    Float,
    /// Microseconds since midnight, written as `HH:MM:SS`.
    Time,
    /// Microseconds, written as a duration of ISO 8601.
    Duration,
    /// A sealed text, written as `true`.
    Secret,
}

/// One value for one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// True or false.
    Boolean(bool),
    /// A calendar day.
    Date(Date),
    /// An instant.
    Instant(OffsetDateTime),
    /// A UUID.
    Uuid(Uuid),
    /// Texts in the order given.
    TextSet(Vec<String>),
    /// A JSON value.
    Json(Json),
    /// A floating point number, neither infinite nor negative zero.
    Float(f64),
    /// A text that nobody may read.
    Secret(Secret),
}

/// A text on its way to being sealed. It shows in no log, and no database is given it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, for the one who seals it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

impl Value {
    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Json(json) => json.to_string().len(),
            Self::TextSet(items) => items.iter().map(|item| item.len() + 3).sum(),
            Self::Null
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Instant(_)
            | Self::Uuid(_)
            | Self::Float(_)
            | Self::Secret(_) => 16, // a secret has no default
        }
    }

    /// The value that [`Self::to_json`] wrote; `None` when the JSON is not of that form.
    pub(crate) fn from_json(json: &Json, storage: Storage) -> Option<Self> {
        if json.is_null() {
            return Some(Self::Null);
        }
        Some(match storage {
            Storage::Text => Self::Text(json.as_str()?.to_owned()),
            Storage::Integer => Self::Integer(json.as_i64()?),
            Storage::BigInteger => Self::Integer(json.as_str()?.parse().ok()?),
            Storage::Decimal { .. } => Self::Decimal(json.as_str()?.parse().ok()?),
            Storage::Boolean => Self::Boolean(json.as_bool()?),
            Storage::Date => Self::Date(Date::parse(json.as_str()?, &Iso8601::DATE).ok()?),
            Storage::Instant => {
                Self::Instant(OffsetDateTime::parse(json.as_str()?, &Rfc3339).ok()?)
            }
            Storage::Uuid => Self::Uuid(Uuid::try_parse(json.as_str()?).ok()?),
            Storage::TextSet => {
                let items = json
                    .as_array()?
                    .iter()
                    .map(|item| item.as_str().map(str::to_owned));
                Self::TextSet(items.collect::<Option<_>>()?)
            }
            Storage::Json => Self::Json(json.clone()),
            Storage::Float => Self::Float(json.as_f64()?),
            Storage::Time => Self::Integer(span::parse_time(json.as_str()?)?),
            Storage::Duration => Self::Integer(span::parse_duration(json.as_str()?)?),
            // That there is one is all that anybody is told.
            Storage::Secret => Self::Boolean(true),
        })
    }

    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The floating point number, if it is one.
    pub(crate) fn as_float(&self) -> Option<f64> {
        if let Self::Float(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// Whether this is a text that says nothing: none but spaces.
    pub(crate) fn is_blank(&self) -> bool {
        self.as_text().is_some_and(|text| text.trim().is_empty())
    }

    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value as it appears in JSON answers, for events and cursors.
    pub fn to_json(&self, storage: Storage) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::String(text.clone()),
            Self::Integer(number) if storage == Storage::BigInteger => {
                Json::String(number.to_string())
            }
            Self::Integer(number) if storage == Storage::Time => {
                Json::String(span::time_text(*number))
            }
            Self::Integer(number) if storage == Storage::Duration => {
                Json::String(span::duration_text(*number))
            }
            Self::Integer(number) => Json::from(*number),
            Self::Decimal(number) => Json::String(decimal_text(*number, storage)),
            Self::Boolean(flag) => Json::Bool(*flag),
            Self::Date(date) => Json::String(date_text(*date)),
            Self::Instant(instant) => Json::String(instant_text(*instant)),
            Self::Uuid(uuid) => Json::String(uuid.to_string()),
            Self::TextSet(items) => Json::from(items.clone()),
            Self::Json(json) => json.clone(),
            Self::Float(number) => Json::from(*number),
            Self::Secret(_) => Json::Bool(true),
        }
    }

    /// The order of two values of one form; none where the form has no order.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(other)),
            (Self::Decimal(one), Self::Decimal(other)) => Some(one.cmp(other)),
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(other),
            (Self::Date(one), Self::Date(other)) => Some(one.cmp(other)),
            (Self::Instant(one), Self::Instant(other)) => Some(one.cmp(other)),
            (
                Self::Null
                | Self::Text(_)
                | Self::Integer(_)
                | Self::Decimal(_)
                | Self::Float(_)
                | Self::Boolean(_)
                | Self::Date(_)
                | Self::Instant(_)
                | Self::Uuid(_)
                | Self::TextSet(_)
                | Self::Json(_)
                | Self::Secret(_),
                _,
            ) => None,
        }
    }
}

fn decimal_text(number: Decimal, storage: Storage) -> String {
    let mut scaled = number;
    if let Storage::Decimal { scale, .. } = storage {
        scaled.rescale(u32::from(scale));
    }
    scaled.to_string()
}

fn date_text(date: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

/// An instant as the API writes it: RFC 3339, UTC, always six digits of a second.
pub fn instant_text(instant: OffsetDateTime) -> String {
    let utc = instant.to_offset(time::UtcOffset::UTC);
    format!(
        "{}T{:02}:{:02}:{:02}.{:06}Z",
        date_text(utc.date()),
        utc.hour(),
        utc.minute(),
        utc.second(),
        utc.microsecond()
    )
}
