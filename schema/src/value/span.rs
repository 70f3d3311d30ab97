//! Times of day and lengths of time: microseconds in the engine, texts of ISO 8601 outside.

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Microseconds since midnight from `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff`; further digits are cut.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let two = |from: usize| -> Option<i64> { digits(text.get(from..from + 2)?) };
    let (hour, minute) = (two(0)?, two(3)?);
    let (second, fraction) = match text.len() {
        5 => (0, 0),
        8 => (two(6)?, 0),
        _ => (two(6)?, fraction(text.get(8..)?.strip_prefix('.')?)?),
    };
    let colon = |at: usize| text.as_bytes().get(at) == Some(&b':');
    let is_time =
        colon(2) && (text.len() == 5 || colon(5)) && hour < 24 && minute < 60 && second < 60;
    is_time.then_some(hour * HOUR + minute * MINUTE + second * SECOND + fraction)
}

/// Microseconds since midnight as `HH:MM:SS`, with six digits of a second where there is a part of one.
pub(crate) fn time_text(microseconds: i64) -> String {
    let (hour, minute) = (microseconds / HOUR, microseconds % HOUR / MINUTE);
    let (second, fraction) = (microseconds % MINUTE / SECOND, microseconds % SECOND);
    if fraction == 0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}.{fraction:06}")
    }
}

/// Microseconds from a duration of days, hours, minutes and seconds. A day is 24 hours; months and
/// years have no length of their own and are none.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let text = text.strip_prefix('P')?;
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let (date, rest) = units(date, &[('D', DAY)])?;
    if !rest.is_empty() {
        return None;
    }
    let (time, rest) = units(time, &[('H', HOUR), ('M', MINUTE)])?;
    let seconds = match rest.strip_suffix('S') {
        None if rest.is_empty() => 0,
        None => return None,
        Some(number) => {
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            digits(whole)?
                .checked_mul(SECOND)?
                .checked_add(fraction(part)?)?
        }
    };
    date.checked_add(time)?
        .checked_add(seconds)?
        .checked_mul(sign)
}

/// Microseconds as the shortest duration of hours, minutes and seconds.
pub(crate) fn duration_text(microseconds: i64) -> String {
    let all = microseconds.unsigned_abs();
    let unit = |length: i64| length.unsigned_abs();
    let (hours, minutes) = (all / unit(HOUR), all % unit(HOUR) / unit(MINUTE));
    let (seconds, fraction) = (all % unit(MINUTE) / unit(SECOND), all % unit(SECOND));
    let mut text = String::from(if microseconds < 0 { "-PT" } else { "PT" });
    if hours > 0 {
        text += &hours.to_string();
        text.push('H');
    }
    if minutes > 0 {
        text += &minutes.to_string();
        text.push('M');
    }
    if fraction > 0 {
        let fraction = format!("{fraction:06}");
        text += &seconds.to_string();
        text.push('.');
        text += fraction.trim_end_matches('0');
        text.push('S');
    } else if seconds > 0 || all == 0 {
        text += &seconds.to_string();
        text.push('S');
    }
    text
}

/// The sum of the units at the head of a text, each at most once and in order; and what follows them.
fn units<'t>(mut text: &'t str, lengths: &[(char, i64)]) -> Option<(i64, &'t str)> {
    let mut sum = 0_i64;
    for (letter, length) in lengths {
        if let Some((number, rest)) = text.split_once(*letter) {
            sum = sum.checked_add(digits(number)?.checked_mul(*length)?)?;
            text = rest;
        }
    }
    Some((sum, text))
}

/// A number of digits only.
fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Microseconds from the digits after the point.
fn fraction(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut padded = text.get(..text.len().min(6)).unwrap_or_default().to_owned();
    while padded.len() < 6 {
        padded.push('0');
    }
    plain.then(|| padded.parse().ok()).flatten()
}
