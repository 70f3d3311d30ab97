//! What bounds the values of a field: what its settings say, and what its type says where they say nothing.
//! For those who draw forms and read the contract; values are checked by the types themselves.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Part, Presence, Settings, composite};
use crate::value::Storage;

/// What bounds one part of a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The fewest characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The most characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The most items of a list. The lengths are those of an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<usize>,
    /// The least value, in the JSON form of the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    /// The greatest value, in the JSON form of the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    /// All digits of a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<u8>,
    /// Digits of a decimal after the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
}

impl Limits {
    /// Those that the settings of a field name.
    pub fn set(settings: &Settings) -> Self {
        Self {
            min_length: settings.min_length,
            max_length: settings.max_length,
            min: settings.min.clone(),
            max: settings.max.clone(),
            ..Self::default()
        }
    }

    /// Those of a text that may have so many characters unless the settings say otherwise.
    pub(super) fn of_text(settings: &Settings, most: u32) -> Self {
        Self {
            max_length: Some(settings.max_length.unwrap_or(most)),
            ..Self::set(settings)
        }
    }

    /// Those of numbers from one to another.
    pub(super) fn between(least: impl Into<Json>, greatest: impl Into<Json>) -> Self {
        Self {
            min: Some(least.into()),
            max: Some(greatest.into()),
            ..Self::default()
        }
    }

    /// Those of a part by the form in which it is stored, where the settings do not draw them tighter. The
    /// settings are about the first part.
    pub(super) fn of_part(part: &Part, settings: Option<&Settings>) -> Self {
        let set = settings.map(Self::set).unwrap_or_default();
        let stored = Self::of_storage(part);
        Self {
            min_length: set.min_length.or(stored.min_length),
            max_length: set.max_length.or(stored.max_length),
            min: set.min.or(stored.min),
            max: set.max.or(stored.max),
            ..stored
        }
    }

    fn of_storage(part: &Part) -> Self {
        let is_sent = matches!(part.presence, Presence::Required | Presence::Optional);
        if !is_sent {
            return Self::default();
        }
        match part.storage {
            Storage::Integer => Self::between(i32::MIN, i32::MAX),
            Storage::BigInteger => Self::between(i64::MIN.to_string(), i64::MAX.to_string()),
            Storage::Decimal { precision, scale } => Self::of_decimal(precision, scale),
            Storage::Text if part.key.is_some() => Self {
                max_length: Some(composite::MAX_LENGTH),
                ..Self::default()
            },
            Storage::Text
            | Storage::Boolean
            | Storage::Date
            | Storage::Instant
            | Storage::Uuid
            | Storage::TextSet
            | Storage::Json
            | Storage::Float
            | Storage::Time
            | Storage::Duration
            | Storage::Secret => Self::default(),
        }
    }

    fn of_decimal(precision: u8, scale: u8) -> Self {
        let nines = |digits: u8| "9".repeat(usize::from(digits));
        let whole = match precision - scale {
            0 => "0".to_owned(),
            digits => nines(digits),
        };
        let point = if scale == 0 { "" } else { "." };
        let greatest = format!("{whole}{point}{}", nines(scale));
        Self {
            precision: Some(precision),
            scale: Some(scale),
            ..Self::between(format!("-{greatest}"), greatest)
        }
    }
}
