//! Cells: from the raw bytes of a column straight to JSON, the same bytes from both databases.

use sea_orm::sqlx::{Decode, Sqlite, sqlite::SqliteValueRef};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    error::Result,
    store::rows::unreadable,
    value::{Storage, span},
};

/// 2000-01-01 in microseconds since the Unix epoch: where PostgreSQL counts instants from.
const POSTGRES_EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
/// 2000-01-01 as a Julian day: where PostgreSQL counts days from.
const POSTGRES_EPOCH_JULIAN: i32 = 2_451_545;

/// Writes a cell in PostgreSQL's binary form.
pub(super) fn write_postgres(bytes: &[u8], storage: Storage, out: &mut Vec<u8>) -> Result<()> {
    match storage {
        Storage::Text => write_text(std::str::from_utf8(bytes).map_err(unreadable)?, out),
        Storage::Integer => write_integer(integer(bytes)?, out),
        Storage::BigInteger => write_quoted(out, |out| write_integer(integer(bytes)?, out)),
        Storage::Decimal { scale, .. } => write_scaled(numeric(bytes, scale)?, scale, out),
        Storage::Boolean => write_boolean(bytes.first() == Some(&1), out),
        Storage::Date => {
            let days = i32::from_be_bytes(bytes.try_into().map_err(unreadable)?);
            write_date(
                Date::from_julian_day(days + POSTGRES_EPOCH_JULIAN).map_err(unreadable)?,
                out,
            )
        }
        Storage::Instant => write_instant(
            integer(bytes)?.saturating_add(POSTGRES_EPOCH_MICROSECONDS),
            out,
        ),
        Storage::Uuid => write_uuid(bytes, out),
        // The first byte is the version of the jsonb format.
        Storage::TextSet => write_compact(bytes.get(1..).unwrap_or_default(), out),
        Storage::Json => {
            out.extend_from_slice(bytes);
            Ok(())
        }
        Storage::Float => write_float(
            f64::from_be_bytes(bytes.try_into().map_err(unreadable)?),
            out,
        ),
        Storage::Time => write_text(&span::time_text(integer(bytes)?), out),
        Storage::Duration => write_text(&span::duration_text(integer(bytes)?), out),
        Storage::Secret => write_boolean(true, out),
    }
}

/// Writes a cell of SQLite.
pub(super) fn write_sqlite(
    value: SqliteValueRef<'_>,
    storage: Storage,
    out: &mut Vec<u8>,
) -> Result<()> {
    let text = |value| <&str as Decode<Sqlite>>::decode(value).map_err(unreadable);
    let number = |value| <i64 as Decode<Sqlite>>::decode(value).map_err(unreadable);
    match storage {
        Storage::Text | Storage::Date => write_text(text(value)?, out),
        Storage::Integer => write_integer(number(value)?, out),
        Storage::BigInteger => {
            let number = number(value)?;
            write_quoted(out, |out| write_integer(number, out))
        }
        Storage::Decimal { scale, .. } => write_scaled(i128::from(number(value)?), scale, out),
        Storage::Boolean => write_boolean(number(value)? != 0, out),
        Storage::Instant => write_instant(number(value)?, out),
        Storage::Uuid => write_uuid(
            <&[u8] as Decode<Sqlite>>::decode(value).map_err(unreadable)?,
            out,
        ),
        Storage::TextSet => write_compact(text(value)?.as_bytes(), out),
        Storage::Json => {
            out.extend_from_slice(text(value)?.as_bytes());
            Ok(())
        }
        Storage::Float => write_float(
            <f64 as Decode<Sqlite>>::decode(value).map_err(unreadable)?,
            out,
        ),
        Storage::Time => write_text(&span::time_text(number(value)?), out),
        Storage::Duration => write_text(&span::duration_text(number(value)?), out),
        Storage::Secret => write_boolean(true, out),
    }
}

fn integer(bytes: &[u8]) -> Result<i64> {
    match bytes.len() {
        4 => Ok(i64::from(i32::from_be_bytes(
            bytes.try_into().map_err(unreadable)?,
        ))),
        _ => Ok(i64::from_be_bytes(bytes.try_into().map_err(unreadable)?)),
    }
}

/// PostgreSQL's numeric as an integer of 10^-scale.
pub(super) fn numeric(bytes: &[u8], scale: u8) -> Result<i128> {
    let word = |at: usize| -> Result<i16> {
        let word = bytes
            .get(at..at + 2)
            .ok_or_else(|| unreadable("a numeric is cut off"))?;
        Ok(i16::from_be_bytes(word.try_into().map_err(unreadable)?))
    };
    let (digits, weight, sign) = (word(0)?, i32::from(word(2)?), word(4)?);
    let mut number: i128 = 0;
    for digit in 0..digits {
        number = number * 10_000
            + i128::from(word(8 + 2 * usize::try_from(digit).map_err(unreadable)?)?);
    }
    let exponent = 4 * (weight + 1 - i32::from(digits)) + i32::from(scale);
    let power = 10_i128
        .checked_pow(exponent.unsigned_abs())
        .ok_or_else(|| unreadable("a numeric is out of range"))?;
    let scaled = if exponent >= 0 {
        number * power
    } else {
        number / power
    };
    Ok(if sign == 0x4000 { -scaled } else { scaled })
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(out, text).map_err(unreadable)
}

/// The shortest text that reads as the same number.
fn write_float(number: f64, out: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(out, &number).map_err(unreadable)
}

#[expect(clippy::unnecessary_wraps, reason = "the writers are alike")]
fn write_integer(number: i64, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(number.to_string().as_bytes());
    Ok(())
}

fn write_quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    out.push(b'"');
    write(out)?;
    out.push(b'"');
    Ok(())
}

/// An integer of 10^-scale as a quoted decimal with all digits of its scale.
#[expect(clippy::unnecessary_wraps, reason = "the writers are alike")]
fn write_scaled(number: i128, scale: u8, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'"');
    if number < 0 {
        out.push(b'-');
    }
    let digits = number.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if scale == 0 {
        out.extend_from_slice(digits.as_bytes());
    } else {
        let padded = if digits.len() <= scale {
            "0".repeat(scale + 1 - digits.len()) + &digits
        } else {
            digits
        };
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        out.extend_from_slice(whole.as_bytes());
        out.push(b'.');
        out.extend_from_slice(fraction.as_bytes());
    }
    out.push(b'"');
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the writers are alike")]
fn write_boolean(flag: bool, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the writers are alike")]
fn write_date(date: Date, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'"');
    push_date(out, date);
    out.push(b'"');
    Ok(())
}

fn push_date(out: &mut Vec<u8>, date: Date) {
    push_digits(out, date.year().unsigned_abs(), 4);
    out.push(b'-');
    push_digits(out, u32::from(u8::from(date.month())), 2);
    out.push(b'-');
    push_digits(out, u32::from(date.day()), 2);
}

fn push_digits(out: &mut Vec<u8>, mut number: u32, width: usize) {
    let at = out.len();
    out.resize(at + width, b'0');
    for digit in out[at..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// Microseconds since the Unix epoch as RFC 3339.
fn write_instant(microseconds: i64, out: &mut Vec<u8>) -> Result<()> {
    let instant = OffsetDateTime::from_unix_timestamp(microseconds.div_euclid(1_000_000))
        .map_err(unreadable)?;
    let (hour, minute, second) = instant.to_hms();
    let fraction = u32::try_from(microseconds.rem_euclid(1_000_000)).map_err(unreadable)?;
    out.push(b'"');
    push_date(out, instant.date());
    out.push(b'T');
    push_digits(out, u32::from(hour), 2);
    out.push(b':');
    push_digits(out, u32::from(minute), 2);
    out.push(b':');
    push_digits(out, u32::from(second), 2);
    out.push(b'.');
    push_digits(out, fraction, 6);
    out.extend_from_slice(b"Z\"");
    Ok(())
}

fn write_uuid(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let uuid = Uuid::from_slice(bytes).map_err(unreadable)?;
    out.push(b'"');
    out.extend_from_slice(
        uuid.hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .as_bytes(),
    );
    out.push(b'"');
    Ok(())
}

/// JSON without the blanks that PostgreSQL puts between items.
#[expect(clippy::unnecessary_wraps, reason = "the writers are alike")]
fn write_compact(json: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let (mut in_text, mut escaped) = (false, false);
    for &byte in json {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b' ' {
            continue;
        } else {
            in_text = byte == b'"';
        }
        out.push(byte);
    }
    Ok(())
}
