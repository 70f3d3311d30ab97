//! `autoNumber`: a number that each new record is given, such as `INV-2026-0001`.
//!
//! The format is literal text with `{YYYY}`, `{YY}`, `{MM}`, `{DD}` (the day of creation, UTC) and one run of
//! zeros, `{0000}`, for the counter: it is padded to that many digits and grows beyond them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::Date;

use super::{FieldType, Part, Scalar, Settings, check_text, expect_text};
use crate::value::{Storage, Value};

const MAX_FORMAT: u32 = 60;
const MAX_DIGITS: usize = 18;
const MAX_OPERAND: u32 = 255;

/// A number given by the engine.
#[derive(Debug)]
pub(super) struct AutoNumber;

impl FieldType for AutoNumber {
    fn name(&self) -> &'static str {
        "autoNumber"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["format", "restart"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        let Some(format) = &settings.format else {
            return Err("needs a format such as \"INV-{YYYY}-{0000}\"".to_owned());
        };
        NumberFormat::parse(format, settings.restart)
            .map(drop)
            .map_err(|message| format!("format {message}"))
    }

    fn check_unique(&self, _: &Settings) -> Result<(), String> {
        Ok(())
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn number_format(&self, settings: &Settings) -> Option<NumberFormat> {
        NumberFormat::parse(settings.format.as_ref()?, settings.restart).ok()
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Text)]
    }

    /// An operand: nobody writes a value.
    fn parse_part(&self, _: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        let text = expect_text(json)?;
        check_text(text, MAX_OPERAND)?;
        Ok(Value::Text(text.to_owned()))
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("INV-2026-0001")
    }
}

/// When a counter begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Restart {
    /// With each year.
    Year,
    /// With each month.
    Month,
    /// With each day.
    Day,
}

/// A format, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    pieces: Vec<Piece>,
    restart: Option<Restart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Year,
    ShortYear,
    Month,
    Day,
    Counter(usize),
}

impl NumberFormat {
    fn parse(format: &str, restart: Option<Restart>) -> Result<Self, String> {
        check_text(format, MAX_FORMAT)?;
        if format.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        let mut pieces = Vec::new();
        let mut rest = format;
        while let Some((text, behind)) = rest.split_once('{') {
            let (token, behind) = behind
                .split_once('}')
                .ok_or("has a \"{\" without its \"}\"")?;
            pieces.push(Piece::literal(text)?);
            pieces.push(Piece::token(token)?);
            rest = behind;
        }
        pieces.push(Piece::literal(rest)?);
        let counters = pieces.iter().filter(|it| matches!(it, Piece::Counter(_)));
        if counters.count() != 1 {
            return Err("needs the counter once, such as {0000}".to_owned());
        }
        let format = Self { pieces, restart };
        format.tells_periods_apart()?;
        Ok(format)
    }

    /// A counter that begins anew makes the same numbers again unless they name the period.
    fn tells_periods_apart(&self) -> Result<(), String> {
        let has = |piece: &Piece| self.pieces.contains(piece);
        let year = has(&Piece::Year) || has(&Piece::ShortYear);
        let (fits, needed) = match self.restart {
            None => (true, ""),
            Some(Restart::Year) => (year, "{YYYY}"),
            Some(Restart::Month) => (year && has(&Piece::Month), "{YYYY} and {MM}"),
            Some(Restart::Day) => {
                let fits = year && has(&Piece::Month) && has(&Piece::Day);
                (fits, "{YYYY}, {MM} and {DD}")
            }
        };
        if fits {
            return Ok(());
        }
        Err(format!("needs {needed}, because the counter restarts"))
    }

    /// The period in which a counter of this day counts; one that never restarts has but one.
    pub(crate) fn period(&self, day: Date) -> String {
        let (year, month) = (day.year(), u8::from(day.month()));
        match self.restart {
            None => String::new(),
            Some(Restart::Year) => format!("{year:04}"),
            Some(Restart::Month) => format!("{year:04}-{month:02}"),
            Some(Restart::Day) => format!("{year:04}-{month:02}-{:02}", day.day()),
        }
    }

    /// The number.
    pub(crate) fn write(&self, day: Date, counter: i64) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Year => format!("{:04}", day.year()),
            Piece::ShortYear => format!("{:02}", day.year().rem_euclid(100)),
            Piece::Month => format!("{:02}", u8::from(day.month())),
            Piece::Day => format!("{:02}", day.day()),
            Piece::Counter(digits) => format!("{counter:0digits$}"),
        };
        self.pieces.iter().map(piece).collect()
    }
}

impl Piece {
    fn literal(text: &str) -> Result<Self, String> {
        if text.contains('}') {
            return Err("has a \"}\" without its \"{\"".to_owned());
        }
        Ok(Self::Text(text.to_owned()))
    }

    fn token(token: &str) -> Result<Self, String> {
        match token {
            "YYYY" => Ok(Self::Year),
            "YY" => Ok(Self::ShortYear),
            "MM" => Ok(Self::Month),
            "DD" => Ok(Self::Day),
            zeros if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
                if zeros.len() > MAX_DIGITS {
                    return Err(format!("has a counter of more than {MAX_DIGITS} digits"));
                }
                Ok(Self::Counter(zeros.len()))
            }
            _ => Err(format!(
                "has {{{token}}}; there are {{YYYY}}, {{YY}}, {{MM}}, {{DD}} and a counter such as {{0000}}"
            )),
        }
    }
}
