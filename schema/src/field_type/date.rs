//! `date` (a calendar day) and `dateTime` (an instant).

use serde_json::Value as Json;
use time::{
    Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339,
    macros::format_description,
};

use super::{FieldType, Part, Scalar, Settings, constraint, expect_text};
use crate::value::{Storage, Value};

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
#[derive(Debug)]
pub(super) struct CalendarDate;

impl FieldType for CalendarDate {
    fn name(&self) -> &'static str {
        "date"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Date, Scalar::Date)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        let format = format_description!("[year]-[month]-[day]");
        Date::parse(text, &format)
            .ok()
            .filter(|date| date.year() >= 1 && text.len() == 10)
            .map(Value::Date)
            .ok_or_else(|| "must be a day of the calendar such as \"2026-02-28\"".to_owned())
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("2026-02-28")
    }
}

/// An instant; digits beyond microseconds are cut.
#[derive(Debug)]
pub(super) struct DateTime;

impl FieldType for DateTime {
    fn name(&self) -> &'static str {
        "dateTime"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Instant, Scalar::DateTime)]
    }

    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .and_then(|instant| instant.checked_to_offset(UtcOffset::UTC))
            .filter(|instant| (1..=9999).contains(&instant.year()))
            .and_then(|instant| {
                instant
                    .replace_nanosecond(instant.microsecond() * 1_000)
                    .ok()
            })
            .map(Value::Instant)
            .ok_or_else(|| {
                "must be an instant of RFC 3339 such as \"2026-02-28T09:30:00Z\"".to_owned()
            })
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("2026-02-28T09:30:00.000000Z")
    }
}
