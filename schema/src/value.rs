//! Values as the engine holds them between a request and a bound parameter, and the physical forms
//! that columns give them.

#[cfg(test)]
mod tests;

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
    /// A set of short texts, written as a JSON array.
    TextSet,
    /// Any JSON value, kept as it was sent.
    Json,
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
    /// A set of texts, in the order given, without repetitions.
    TextSet(Vec<String>),
    /// A JSON value.
    Json(Json),
}

impl Value {
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
        })
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
            Self::Integer(number) => Json::from(*number),
            Self::Decimal(number) => Json::String(decimal_text(*number, storage)),
            Self::Boolean(flag) => Json::Bool(*flag),
            Self::Date(date) => Json::String(date_text(*date)),
            Self::Instant(instant) => Json::String(instant_text(*instant)),
            Self::Uuid(uuid) => Json::String(uuid.to_string()),
            Self::TextSet(items) => Json::from(items.clone()),
            Self::Json(json) => json.clone(),
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
