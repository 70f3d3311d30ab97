//! Times of day and lengths of time among the values: what they are added to, and how they are read.
//!
//! A day has 24 hours, for instants are in UTC. A time of day goes round the clock: two hours after 23:00
//! it is 01:00. What leaves the calendar is no value.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use std::str::FromStr;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use super::{
    calculate::Math,
    datum::{Datum, Kind},
};
use crate::value::span;

/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds of a minute.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Microseconds of an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day.
const DAY: i64 = 24 * HOUR;

/// The type of a result in which there are days, times or lengths of time.
pub(super) fn gives(math: Math, left: Kind, right: Kind) -> Option<Kind> {
    use Kind as K;
    match (left, math, right) {
        (K::Instant | K::Date, Math::Add | Math::Subtract, K::Duration)
        | (K::Duration, Math::Add, K::Instant | K::Date)
        | (K::Date, Math::Add, K::Time)
        | (K::Time, Math::Add, K::Date) => Some(K::Instant),
        (K::Instant | K::Date, Math::Subtract, K::Instant | K::Date)
        | (K::Time, Math::Subtract, K::Time)
        | (K::Duration, Math::Add | Math::Subtract, K::Duration) => Some(K::Duration),
        (K::Time, Math::Add | Math::Subtract, K::Duration) | (K::Duration, Math::Add, K::Time) => {
            Some(K::Time)
        }
        (K::Duration, Math::Divide, K::Duration) => Some(K::Decimal),
        (K::Duration, Math::Multiply | Math::Divide, number) if number.is_exact() => {
            Some(K::Duration)
        }
        (number, Math::Multiply, K::Duration) if number.is_exact() => Some(K::Duration),
        _ => None,
    }
}

/// The result; `None` where no day, time or length of time takes part.
pub(super) fn of(math: Math, left: &Datum, right: &Datum) -> Option<Datum> {
    use Datum as D;
    let sign = if math == Math::Subtract { -1 } else { 1 };
    let result = match (left, right) {
        (D::Duration(left), D::Duration(right)) => of_lengths(math, *left, *right),
        (D::Time(time), D::Duration(length)) | (D::Duration(length), D::Time(time)) => {
            let turned = (length % DAY) * sign;
            Some(D::Time((time + turned).rem_euclid(DAY)))
        }
        (D::Time(left), D::Time(right)) => Some(D::Duration(left - right)),
        (D::Date(_), D::Time(_)) => instant_at(left, Some(right)),
        (D::Time(_), D::Date(_)) => instant_at(right, Some(left)),
        (D::Instant(_) | D::Date(_), D::Duration(length)) => length
            .checked_mul(sign)
            .and_then(|length| moved(instant_of(left)?, length)),
        (D::Duration(length), D::Instant(_) | D::Date(_)) => {
            instant_of(right).and_then(|instant| moved(instant, *length))
        }
        (D::Instant(_) | D::Date(_), D::Instant(_) | D::Date(_)) => between(right, left),
        (D::Duration(length), number) | (number, D::Duration(length)) => {
            let number = number.decimal();
            number.and_then(|number| scaled(math, *length, number))
        }
        _ => return None,
    };
    Some(result.unwrap_or(D::Null))
}

fn of_lengths(math: Math, left: i64, right: i64) -> Option<Datum> {
    match math {
        Math::Add => left.checked_add(right).map(Datum::Duration),
        Math::Subtract => left.checked_sub(right).map(Datum::Duration),
        Math::Divide => Decimal::from(left)
            .checked_div(Decimal::from(right))
            .map(Datum::Decimal),
        Math::Multiply | Math::Remainder => None,
    }
}

/// A length so many times, rounded to microseconds.
fn scaled(math: Math, length: i64, number: Decimal) -> Option<Datum> {
    let length = Decimal::from(length);
    let scaled = match math {
        Math::Multiply => length.checked_mul(number),
        Math::Divide => length.checked_div(number),
        Math::Add | Math::Subtract | Math::Remainder => None,
    };
    let rounded = scaled?.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    rounded.to_i64().map(Datum::Duration)
}

/// An instant, or the midnight with which a day begins.
fn instant_of(datum: &Datum) -> Option<OffsetDateTime> {
    if let Datum::Date(date) = datum {
        return Some(date.midnight().assume_utc());
    }
    let Datum::Instant(instant) = datum else {
        return None;
    };
    Some(*instant)
}

fn moved(instant: OffsetDateTime, length: i64) -> Option<Datum> {
    let moved = instant.checked_add(Duration::microseconds(length))?;
    is_of_calendar(moved.date()).then_some(Datum::Instant(moved))
}

fn is_of_calendar(date: Date) -> bool {
    (1..=9999).contains(&date.year())
}

fn between(from: &Datum, to: &Datum) -> Option<Datum> {
    let length = instant_of(to)? - instant_of(from)?;
    i64::try_from(length.whole_microseconds())
        .ok()
        .map(Datum::Duration)
}

/// A day at a time of it, midnight when there is none.
pub(super) fn instant_at(day: &Datum, time: Option<&Datum>) -> Option<Datum> {
    let length = match time {
        Some(Datum::Time(time)) => *time,
        Some(_) => return None,
        None => 0,
    };
    moved(instant_of(day)?, length)
}

/// Microseconds since midnight, of an instant in UTC.
fn time_of(datum: &Datum) -> Option<i64> {
    if let Datum::Time(time) = datum {
        return Some(*time);
    }
    let Datum::Instant(instant) = datum else {
        return None;
    };
    let (hour, minute, second, micro) = instant.to_offset(UtcOffset::UTC).to_hms_micro();
    let [hour, minute, second] = [hour, minute, second].map(i64::from);
    Some(hour * HOUR + minute * MINUTE + second * SECOND + i64::from(micro))
}

/// Hour, minute and second.
pub(super) fn on_the_clock(datum: &Datum) -> Option<[i64; 3]> {
    let time = time_of(datum)?;
    Some([time / HOUR, time % HOUR / MINUTE, time % MINUTE / SECOND])
}

/// How many units a length of time has.
pub(super) fn in_units(datum: &Datum, unit: i64) -> Option<Datum> {
    let Datum::Duration(length) = datum else {
        return None;
    };
    let number = Decimal::from(*length).checked_div(Decimal::from(unit));
    number.map(Datum::Decimal)
}

/// The time of day of an instant, or that a text says.
pub(super) fn to_time(datum: &Datum) -> Option<Datum> {
    let time = if let Datum::Text(text) = datum {
        span::parse_time(text)
    } else {
        time_of(datum)
    };
    time.map(Datum::Time)
}

/// The length of time that a text says, as fields have it or as CEL does.
pub(super) fn to_duration(datum: &Datum) -> Option<Datum> {
    let Datum::Text(text) = datum else {
        return matches!(datum, Datum::Duration(_)).then(|| datum.clone());
    };
    let length = span::parse_duration(text).or_else(|| parse_units(text));
    length.map(Datum::Duration)
}

/// Reads `1h30m`, `-1.5h` or `90s`.
fn parse_units(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 5] = [
        ("ms", 1_000),
        ("us", 1),
        ("h", HOUR),
        ("m", MINUTE),
        ("s", SECOND),
    ];
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut sum = Decimal::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let number = Decimal::from_str(&rest[..end]).ok()?;
        let behind = &rest[end..];
        let found = UNITS.iter().find_map(|(name, length)| {
            let rest = behind.strip_prefix(name)?;
            Some((rest, *length))
        });
        let (left, length) = found?;
        sum = sum.checked_add(number.checked_mul(Decimal::from(length))?)?;
        rest = left;
    }
    sum.trunc().to_i64()?.checked_mul(sign)
}
