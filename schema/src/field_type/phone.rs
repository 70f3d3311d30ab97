//! `phone`: a telephone number, in E.164 where it is known what country it is of.
//!
//! A number with its country code, or with the field's `region` to read it by, is checked against the
//! numbering plans and stored as `+31201234567`, an extension behind it as `;ext=12` (RFC 3966). A field
//! with a region refuses what is no number there. One without keeps what it can't place as it was
//! written: an import of old cards must not fail on `(503) 555-9831`.

use std::fmt::Write;

use phonenumber::{Mode, PhoneNumber, country, metadata::DATABASE};
use serde_json::Value as Json;

use super::{FieldType, Limits, Part, Scalar, Settings, check_text, expect_text};
use crate::value::{Storage, Value};

const MAX_LENGTH: u32 = 40;

/// A telephone number.
#[derive(Debug)]
pub(super) struct Phone;

impl FieldType for Phone {
    fn name(&self) -> &'static str {
        "phone"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["region"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["region"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        match &settings.region {
            Some(code) if code.parse::<country::Id>().is_err() => {
                Err("region must be a country code of ISO 3166-1 such as \"NL\"".to_owned())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    /// An operand may be any part of a number; a whole one is compared as it is stored.
    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, MAX_LENGTH)?;
        let number = normalize(text, settings).unwrap_or_else(|| text.to_owned());
        Ok(Value::Text(number))
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let text = expect_text(json)?;
        check_text(text, MAX_LENGTH)?;
        match (normalize(text, settings), &settings.region) {
            (Some(number), _) => Ok(vec![Value::Text(number)]),
            (None, None) if looks_like_one(text) => Ok(vec![Value::Text(text.to_owned())]),
            (None, None) => {
                Err("must be a telephone number such as \"+31 30 123 4567\"".to_owned())
            }
            (None, Some(region)) => Err(format!(
                "must be a telephone number of {region}, or one with its country code such as \
                 \"+31 30 123 4567\""
            )),
        }
    }

    fn limits(&self, settings: &Settings, _: usize) -> Limits {
        Limits::of_text(settings, MAX_LENGTH)
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("+31201234567")
    }
}

/// The number in E.164, if it is a valid one.
fn normalize(text: &str, settings: &Settings) -> Option<String> {
    let region = settings.region.as_ref().and_then(|code| code.parse().ok());
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    // The crate is given plain texts only: what else people write in numbers it was not made for.
    if !looks_like_one(text) || (region.is_none() && !text.starts_with('+')) {
        return None;
    }
    let region = region.filter(|_| !text.starts_with('+'));
    // An extension as it is stored: the crate does not take it back in that form.
    let (text, stored) = match text.split_once(";ext=") {
        Some((text, extension)) if is_extension(extension) => (text, Some(extension)),
        Some(_) | None => (text, None),
    };
    let number = parse_valid(region, text)?;
    let mut plain = String::new();
    write!(plain, "{}", number.format().mode(Mode::E164)).ok()?;
    let found = number.extension().map(|found| -> &str { found.as_ref() });
    if let Some(extension) = stored.or(found) {
        write!(plain, ";ext={extension}").ok()?;
    }
    Some(plain)
}

/// The number, if it is a valid one. The crate takes a country code off local numbers that begin like one,
/// and a national prefix, up to twice, off international numbers, which have none: such a number is
/// given a code, or prefixes, to lose.
fn parse_valid(region: Option<country::Id>, text: &str) -> Option<PhoneNumber> {
    let number = phonenumber::parse(region, text).ok()?;
    if number.is_valid() {
        return Some(number);
    }
    let code = number.country().code();
    let metadata = DATABASE.by_code(&code)?.into_iter().next()?;
    let prefix = metadata.national_prefix().unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of a crate that we do not name"
    )]
    let way_out = metadata.international_prefix().map(|way| way.as_str());
    let abroad = match digits.strip_prefix("00") {
        Some(digits) if way_out == Some("00") => Some(digits),
        Some(_) | None => Some(digits.as_str()).filter(|_| text.starts_with('+')),
    };
    let national = abroad.and_then(|digits| digits.strip_prefix(&code.to_string()));
    let prefixed = national.into_iter().flat_map(|national| {
        [1, 2].map(|times| format!("+{code}{}{national}", prefix.repeat(times)))
    });
    let local = region.filter(|_| abroad.is_none());
    let local = local
        .into_iter()
        .flat_map(|_| ["", prefix].map(|prefix| format!("+{code}{prefix}{digits}")));
    let mut parsed = prefixed
        .chain(local)
        .filter_map(|text| phonenumber::parse(None, text).ok());
    parsed.find(PhoneNumber::is_valid)
}

fn is_extension(text: &str) -> bool {
    (1..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn looks_like_one(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " +-./()#*,;=:~".contains(c))
}
