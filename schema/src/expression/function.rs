//! The functions. Each is total: what can't be computed is no value. All but `coalesce` and `isBlank`
//! give no value when an argument has none.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use std::str::FromStr;
use time::{Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{
    calculate::order,
    datum::{Datum, Kind},
    span,
};

/// The most digits that `round` keeps after the point.
const MAX_SCALE: i64 = 18;

macro_rules! functions {
    ($($variant:ident $name:literal $usage:literal;)*) => {
        /// A function of expressions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant,)*
        }

        impl Function {
            /// The function with this name.
            pub(super) fn find(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    // As CEL calls them.
                    "double" => Some(Self::ToFloat),
                    "string" => Some(Self::ToText),
                    "timestamp" => Some(Self::ToInstant),
                    _ => None,
                }
            }

            /// Every name.
            pub(super) fn names() -> &'static [&'static str] {
                &[$($name,)*]
            }

            /// How it is called.
            pub(super) fn usage(self) -> &'static str {
                match self {
                    $(Self::$variant => $usage,)*
                }
            }
        }
    };
}

functions! {
    Round "round" "round(number) or round(number, digits)";
    Floor "floor" "floor(number)";
    Ceil "ceil" "ceil(number)";
    Abs "abs" "abs(number)";
    Min "min" "min(value, value, …)";
    Max "max" "max(value, value, …)";
    Coalesce "coalesce" "coalesce(value, value, …)";
    IsBlank "isBlank" "isBlank(value)";
    Size "size" "size(text) or size(set)";
    Contains "contains" "contains(text, part)";
    StartsWith "startsWith" "startsWith(text, start)";
    EndsWith "endsWith" "endsWith(text, end)";
    Lower "lower" "lower(text)";
    Upper "upper" "upper(text)";
    Trim "trim" "trim(text)";
    DateDiff "dateDiff" "dateDiff(from, to), the days between two dates or instants";
    AddDays "addDays" "addDays(date, days)";
    Year "year" "year(date)";
    Month "month" "month(date)";
    Day "day" "day(date)";
    Hour "hour" "hour(time or instant)";
    Minute "minute" "minute(time or instant)";
    Second "second" "second(time or instant)";
    Hours "hours" "hours(duration), with its part of one";
    Minutes "minutes" "minutes(duration), with its part of one";
    Seconds "seconds" "seconds(duration), with its part of one";
    ToText "text" "text(value)";
    ToInteger "int" "int(number or text)";
    ToDecimal "decimal" "decimal(number or text)";
    ToFloat "float" "float(number or text)";
    ToDate "date" "date(instant or text)";
    ToInstant "dateTime" "dateTime(text), dateTime(date) or dateTime(date, time)";
    ToTime "time" "time(instant or text)";
    ToDuration "duration" "duration(text), such as \"PT1H30M\" or \"1h30m\"";
    ToMoney "money" "money(number, currency)";
}

impl Function {
    /// The type of the result; `None` when it does not take such arguments.
    pub(super) fn gives(self, kinds: &[Kind]) -> Option<Kind> {
        use Kind as K;
        match (self, kinds) {
            (Self::Abs, [K::Duration]) | (Self::ToDuration, [K::Duration | K::Text]) => {
                Some(K::Duration)
            }
            (Self::Round, [number, K::Integer])
            | (Self::Round | Self::Floor | Self::Ceil | Self::Abs, [number]) => amount(*number),
            (Self::Min | Self::Max, [first, ..]) => {
                united(*first, kinds).filter(|kind| super::calculate::Comparison::Less.takes(*kind))
            }
            (Self::Coalesce, [first, _, ..]) => united(*first, kinds),
            (Self::IsBlank, [_])
            | (Self::Contains | Self::StartsWith | Self::EndsWith, [K::Text, K::Text])
            | (Self::Contains, [K::Texts, K::Text]) => Some(K::Boolean),
            (Self::Lower | Self::Upper | Self::Trim, [K::Text]) => Some(K::Text),
            (Self::Hour | Self::Minute | Self::Second, [K::Time | K::Instant])
            | (Self::Size, [K::Text | K::Texts])
            | (Self::ToInteger, [K::Integer | K::Decimal | K::Float | K::Text])
            | (Self::DateDiff, [K::Date | K::Instant, K::Date | K::Instant])
            | (Self::Year | Self::Month | Self::Day, [K::Date | K::Instant]) => Some(K::Integer),
            (Self::AddDays, [kind @ (K::Date | K::Instant), K::Integer]) => Some(*kind),
            (Self::ToText, [kind]) if *kind != K::Opaque => Some(K::Text),
            (Self::ToDecimal, [K::Integer | K::Decimal | K::Float | K::Text])
            | (Self::Hours | Self::Minutes | Self::Seconds, [K::Duration]) => Some(K::Decimal),
            (Self::ToFloat, [K::Integer | K::Decimal | K::Float | K::Text]) => Some(K::Float),
            (Self::ToDate, [K::Instant | K::Date | K::Text]) => Some(K::Date),
            (Self::ToInstant, [K::Instant | K::Date | K::Text] | [K::Date, K::Time]) => {
                Some(K::Instant)
            }
            (Self::ToTime, [K::Instant | K::Time | K::Text]) => Some(K::Time),
            (Self::ToMoney, [number, K::Text]) if number.is_exact() => Some(K::Money),
            _ => None,
        }
    }

    /// Whether the result is one of the arguments.
    pub(super) fn unites(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::Coalesce)
    }

    /// The result.
    pub(super) fn of(self, arguments: &[Datum]) -> Datum {
        match self {
            Self::Coalesce => {
                let there = arguments.iter().find(|datum| !datum.is_null());
                return there.cloned().unwrap_or(Datum::Null);
            }
            Self::IsBlank => {
                return Datum::Boolean(arguments.first().is_none_or(Datum::is_blank));
            }
            Self::Round
            | Self::Floor
            | Self::Ceil
            | Self::Abs
            | Self::Min
            | Self::Max
            | Self::Size
            | Self::Contains
            | Self::StartsWith
            | Self::EndsWith
            | Self::Lower
            | Self::Upper
            | Self::Trim
            | Self::DateDiff
            | Self::AddDays
            | Self::Year
            | Self::Month
            | Self::Day
            | Self::Hour
            | Self::Minute
            | Self::Second
            | Self::Hours
            | Self::Minutes
            | Self::Seconds
            | Self::ToText
            | Self::ToInteger
            | Self::ToDecimal
            | Self::ToFloat
            | Self::ToDate
            | Self::ToInstant
            | Self::ToTime
            | Self::ToDuration
            | Self::ToMoney => {}
        }
        if arguments.iter().any(Datum::is_null) {
            return Datum::Null;
        }
        self.strict(arguments).unwrap_or(Datum::Null)
    }

    /// The result for arguments that are all there; `None` when there is none.
    fn strict(self, arguments: &[Datum]) -> Option<Datum> {
        let first = arguments.first()?;
        let second = arguments.get(1);
        match self {
            Self::Round => rounded(first, second),
            Self::Floor => with_amount(first, f64::floor, |number| Some(number.floor())),
            Self::Ceil => with_amount(first, f64::ceil, |number| Some(number.ceil())),
            Self::Abs => absolute(first),
            Self::Min => extreme(arguments, std::cmp::Ordering::Less),
            Self::Max => extreme(arguments, std::cmp::Ordering::Greater),
            Self::Coalesce | Self::IsBlank => None,
            Self::Size => size_of(first),
            Self::Contains => match (first, text_of(second?)?) {
                (Datum::Texts(texts), part) => {
                    Some(Datum::Boolean(texts.iter().any(|text| text == part)))
                }
                (first, part) => Some(Datum::Boolean(text_of(first)?.contains(part))),
            },
            Self::StartsWith => Some(Datum::Boolean(
                text_of(first)?.starts_with(text_of(second?)?),
            )),
            Self::EndsWith => Some(Datum::Boolean(text_of(first)?.ends_with(text_of(second?)?))),
            Self::Lower => Some(Datum::Text(text_of(first)?.to_lowercase())),
            Self::Upper => Some(Datum::Text(text_of(first)?.to_uppercase())),
            Self::Trim => Some(Datum::Text(text_of(first)?.trim().to_owned())),
            Self::DateDiff => {
                let days = day_of(second?)? - day_of(first)?;
                Some(Datum::Integer(days.whole_days()))
            }
            Self::AddDays => add_days(first, second?.integer()?),
            Self::Year => Some(Datum::Integer(day_of(first)?.year().into())),
            Self::Month => Some(Datum::Integer(u8::from(day_of(first)?.month()).into())),
            Self::Day => Some(Datum::Integer(day_of(first)?.day().into())),
            Self::Hour => span::on_the_clock(first).map(|clock| Datum::Integer(clock[0])),
            Self::Minute => span::on_the_clock(first).map(|clock| Datum::Integer(clock[1])),
            Self::Second => span::on_the_clock(first).map(|clock| Datum::Integer(clock[2])),
            Self::Hours => span::in_units(first, span::HOUR),
            Self::Minutes => span::in_units(first, span::MINUTE),
            Self::Seconds => span::in_units(first, span::SECOND),
            Self::ToText => first.text().map(Datum::Text),
            Self::ToInteger => number_of(first)?.trunc().to_i64().map(Datum::Integer),
            Self::ToDecimal => number_of(first).map(Datum::Decimal),
            Self::ToFloat => to_float(first),
            Self::ToDate => to_date(first),
            Self::ToInstant => match (first, second) {
                (Datum::Date(_), time) => span::instant_at(first, time),
                (first, _) => to_instant(first),
            },
            Self::ToTime => span::to_time(first),
            Self::ToDuration => span::to_duration(first),
            Self::ToMoney => to_money(first, text_of(second?)?),
        }
    }
}

fn amount(kind: Kind) -> Option<Kind> {
    (kind.is_number() || kind == Kind::Money).then_some(kind)
}

fn united(first: Kind, kinds: &[Kind]) -> Option<Kind> {
    kinds
        .iter()
        .try_fold(first, |united, kind| united.unite(*kind))
}

fn with_amount(
    datum: &Datum,
    of_float: impl Fn(f64) -> f64,
    change: impl Fn(Decimal) -> Option<Decimal>,
) -> Option<Datum> {
    if let Datum::Float(number) = datum {
        return Some(Datum::float(of_float(*number)));
    }
    if let Datum::Money(amount, currency) = datum {
        return Some(Datum::Money(change(*amount)?, currency.clone()));
    }
    let number = change(datum.decimal()?)?;
    if let Datum::Integer(_) = datum {
        return number.to_i64().map(Datum::Integer);
    }
    Some(Datum::Decimal(number))
}

/// Half away from zero, as people round money.
fn rounded(datum: &Datum, digits: Option<&Datum>) -> Option<Datum> {
    let digits = digits.map_or(Some(0), Datum::integer)?.clamp(0, MAX_SCALE);
    let digits = u32::try_from(digits).ok()?;
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    let round = |number: Decimal| number.round_dp_with_strategy(digits, strategy);
    // A floating point number is rounded by the digits that it shows; one of more digits stays.
    let of_float = |number: f64| {
        let rounded = exact(number).map(round);
        let rounded = rounded.and_then(|number| Datum::Decimal(number).as_float());
        rounded.unwrap_or(number)
    };
    with_amount(datum, of_float, |number| Some(round(number)))
}

/// The argument that stands at one end of the order.
fn extreme(arguments: &[Datum], end: std::cmp::Ordering) -> Option<Datum> {
    let mut best = arguments.first()?;
    for datum in arguments {
        if order(datum, best)? == end {
            best = datum;
        }
    }
    Some(best.clone())
}

fn text_of(datum: &Datum) -> Option<&str> {
    if let Datum::Text(text) = datum {
        Some(text)
    } else {
        None
    }
}

fn number_of(datum: &Datum) -> Option<Decimal> {
    if let Datum::Text(text) = datum {
        return Decimal::from_str(text.trim()).ok();
    }
    if let Datum::Float(number) = datum {
        return exact(*number);
    }
    datum.decimal()
}

/// The decimal with the digits that a floating point number shows, the fewest that read as it.
fn exact(number: f64) -> Option<Decimal> {
    Decimal::from_str_exact(&number.to_string()).ok()
}

fn absolute(datum: &Datum) -> Option<Datum> {
    if let Datum::Duration(length) = datum {
        return length.checked_abs().map(Datum::Duration);
    }
    with_amount(datum, f64::abs, |number| Some(number.abs()))
}

fn size_of(datum: &Datum) -> Option<Datum> {
    let size = if let Datum::Texts(texts) = datum {
        texts.len()
    } else {
        text_of(datum)?.chars().count()
    };
    i64::try_from(size).ok().map(Datum::Integer)
}

fn to_money(number: &Datum, currency: &str) -> Option<Datum> {
    let is_code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    let amount = number.decimal().filter(|_| is_code)?;
    Some(Datum::Money(amount, currency.to_owned()))
}

fn to_float(datum: &Datum) -> Option<Datum> {
    let Datum::Text(text) = datum else {
        return datum.as_float().map(Datum::float);
    };
    text.trim().parse().ok().map(Datum::float)
}

/// The day of a date, or of an instant in UTC.
fn day_of(datum: &Datum) -> Option<Date> {
    if let Datum::Date(date) = datum {
        return Some(*date);
    }
    let Datum::Instant(instant) = datum else {
        return None;
    };
    Some(instant.to_offset(UtcOffset::UTC).date())
}

fn in_range(date: Date) -> Option<Date> {
    (1..=9999).contains(&date.year()).then_some(date)
}

fn add_days(datum: &Datum, days: i64) -> Option<Datum> {
    // Longer spans leave the calendar at any rate.
    if !(-4_000_000..=4_000_000).contains(&days) {
        return None;
    }
    let days = Duration::days(days);
    if let Datum::Date(date) = datum {
        let moved = date.checked_add(days).and_then(in_range);
        return moved.map(Datum::Date);
    }
    let Datum::Instant(instant) = datum else {
        return None;
    };
    let moved = instant.checked_add(days)?;
    in_range(moved.date()).map(|_| Datum::Instant(moved))
}

fn to_date(datum: &Datum) -> Option<Datum> {
    let Datum::Text(text) = datum else {
        return day_of(datum).map(Datum::Date);
    };
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = Date::parse(text, &format).ok()?;
    in_range(date).map(Datum::Date)
}

fn to_instant(datum: &Datum) -> Option<Datum> {
    if let Datum::Instant(instant) = datum {
        return Some(Datum::Instant(*instant));
    }
    let instant = OffsetDateTime::parse(text_of(datum)?, &Rfc3339).ok()?;
    let instant = instant.checked_to_offset(UtcOffset::UTC)?;
    let instant = instant
        .replace_nanosecond(instant.microsecond() * 1_000)
        .ok()?;
    in_range(instant.date()).map(|_| Datum::Instant(instant))
}
