//! The functions. Each is total: what can't be computed is no value. All but `coalesce` and `isBlank`
//! give no value when an argument has none.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use std::str::FromStr;
use time::{Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{
    calculate::order,
    datum::{Datum, Kind},
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
    ToText "text" "text(value)";
    ToInteger "int" "int(number or text)";
    ToDecimal "decimal" "decimal(number or text)";
    ToDate "date" "date(instant or text)";
    ToInstant "dateTime" "dateTime(text)";
    ToMoney "money" "money(number, currency)";
}

impl Function {
    /// The type of the result; `None` when it does not take such arguments.
    pub(super) fn gives(self, kinds: &[Kind]) -> Option<Kind> {
        use Kind as K;
        match (self, kinds) {
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
            (Self::Size, [K::Text | K::Texts])
            | (Self::ToInteger, [K::Integer | K::Decimal | K::Text])
            | (Self::DateDiff, [K::Date | K::Instant, K::Date | K::Instant])
            | (Self::Year | Self::Month | Self::Day, [K::Date | K::Instant]) => Some(K::Integer),
            (Self::AddDays, [kind @ (K::Date | K::Instant), K::Integer]) => Some(*kind),
            (Self::ToText, [kind]) if *kind != K::Opaque => Some(K::Text),
            (Self::ToDecimal, [K::Integer | K::Decimal | K::Text]) => Some(K::Decimal),
            (Self::ToDate, [K::Instant | K::Date | K::Text]) => Some(K::Date),
            (Self::ToInstant, [K::Instant | K::Text]) => Some(K::Instant),
            (Self::ToMoney, [number, K::Text]) if number.is_number() => Some(K::Money),
            _ => None,
        }
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
            | Self::ToText
            | Self::ToInteger
            | Self::ToDecimal
            | Self::ToDate
            | Self::ToInstant
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
            Self::Floor => with_amount(first, |number| Some(number.floor())),
            Self::Ceil => with_amount(first, |number| Some(number.ceil())),
            Self::Abs => with_amount(first, |number| Some(number.abs())),
            Self::Min => extreme(arguments, std::cmp::Ordering::Less),
            Self::Max => extreme(arguments, std::cmp::Ordering::Greater),
            Self::Coalesce | Self::IsBlank => None,
            Self::Size => {
                let size = if let Datum::Texts(texts) = first {
                    texts.len()
                } else {
                    text_of(first)?.chars().count()
                };
                i64::try_from(size).ok().map(Datum::Integer)
            }
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
            Self::ToText => first.text().map(Datum::Text),
            Self::ToInteger => number_of(first)?.trunc().to_i64().map(Datum::Integer),
            Self::ToDecimal => number_of(first).map(Datum::Decimal),
            Self::ToDate => to_date(first),
            Self::ToInstant => to_instant(first),
            Self::ToMoney => {
                let currency = text_of(second?)?;
                let is_code =
                    currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
                let amount = first.decimal().filter(|_| is_code)?;
                Some(Datum::Money(amount, currency.to_owned()))
            }
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

fn with_amount(datum: &Datum, change: impl Fn(Decimal) -> Option<Decimal>) -> Option<Datum> {
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
    with_amount(datum, |number| {
        Some(number.round_dp_with_strategy(digits, strategy))
    })
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
    datum.decimal()
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
