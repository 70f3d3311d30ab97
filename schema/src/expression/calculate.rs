//! Operators: what they take, and what they give.
//!
//! Whole numbers stay whole as in CEL (`7 / 2` is 3); with a decimal on either side the result is an
//! exact decimal, and with a floating point number one of these. What has no result (division by zero, more digits than there are) is no value.

use std::cmp::Ordering;

use cel::common::ast::operators;
use rust_decimal::Decimal;

use super::{
    datum::{Datum, Kind},
    span,
};

/// The longest text that an expression makes, in bytes; a longer one is no value.
const MAX_TEXT: usize = 100_000;

/// An operator that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Math {
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            operators::ADD => Some(Self::Add),
            operators::SUBSTRACT => Some(Self::Subtract),
            operators::MULTIPLY => Some(Self::Multiply),
            operators::DIVIDE => Some(Self::Divide),
            operators::MODULO => Some(Self::Remainder),
            _ => None,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// The type of the result.
    pub(super) fn gives(self, left: Kind, right: Kind) -> Option<Kind> {
        if left.is_number() && right.is_number() {
            let kind = left.unite(right)?;
            return (kind.is_exact() || self != Self::Remainder).then_some(kind);
        }
        match (left, self, right) {
            (Kind::Text, Self::Add, Kind::Text) => Some(Kind::Text),
            (Kind::Money, Self::Add | Self::Subtract, Kind::Money) => Some(Kind::Money),
            (Kind::Money, Self::Divide, Kind::Money) => Some(Kind::Decimal),
            (Kind::Money, Self::Multiply | Self::Divide, number) if number.is_exact() => {
                Some(Kind::Money)
            }
            (number, Self::Multiply, Kind::Money) if number.is_exact() => Some(Kind::Money),
            _ => span::gives(self, left, right),
        }
    }

    /// The result.
    pub(super) fn of(self, left: &Datum, right: &Datum) -> Datum {
        if let Some(result) = span::of(self, left, right) {
            return result;
        }
        let result = match (left, right) {
            (Datum::Integer(left), Datum::Integer(right)) => {
                self.of_integers(*left, *right).map(Datum::Integer)
            }
            (Datum::Text(left), Datum::Text(right)) => (left.len() + right.len() <= MAX_TEXT)
                .then(|| Datum::Text([&**left, right].concat())),
            (Datum::Money(left, currency), Datum::Money(right, other)) => {
                return self.of_money((*left, currency), (*right, other));
            }
            (Datum::Money(amount, currency), number) => number
                .decimal()
                .and_then(|number| self.of_decimals(*amount, number))
                .map(|amount| Datum::Money(amount, currency.clone())),
            (number, Datum::Money(amount, currency)) => number
                .decimal()
                .and_then(|number| self.of_decimals(number, *amount))
                .map(|amount| Datum::Money(amount, currency.clone())),
            (Datum::Float(_), _) | (_, Datum::Float(_)) => left
                .as_float()
                .zip(right.as_float())
                .map(|(left, right)| self.of_floats(left, right)),
            (left, right) => left
                .decimal()
                .zip(right.decimal())
                .and_then(|(left, right)| self.of_decimals(left, right))
                .map(Datum::Decimal),
        };
        result.unwrap_or(Datum::Null)
    }

    fn of_integers(self, left: i64, right: i64) -> Option<i64> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide => left.checked_div(right),
            Self::Remainder => left.checked_rem(right),
        }
    }

    fn of_decimals(self, left: Decimal, right: Decimal) -> Option<Decimal> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide => left.checked_div(right),
            Self::Remainder => left.checked_rem(right),
        }
    }

    /// What is no finite number is no value.
    fn of_floats(self, left: f64, right: f64) -> Datum {
        Datum::float(match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
        })
    }

    /// Amounts of different currencies have no sum and no ratio.
    fn of_money(self, left: (Decimal, &str), right: (Decimal, &str)) -> Datum {
        if left.1 != right.1 {
            return Datum::Null;
        }
        let result = self.of_decimals(left.0, right.0);
        match result {
            Some(ratio) if self == Self::Divide => Datum::Decimal(ratio),
            Some(amount) => Datum::Money(amount, left.1.to_owned()),
            None => Datum::Null,
        }
    }
}

/// The number with the other sign.
pub(super) fn negated(datum: Datum) -> Datum {
    match datum {
        Datum::Integer(number) => number.checked_neg().map_or(Datum::Null, Datum::Integer),
        Datum::Decimal(number) => Datum::Decimal(-number),
        Datum::Float(number) => Datum::float(-number),
        Datum::Duration(number) => number.checked_neg().map_or(Datum::Null, Datum::Duration),
        Datum::Money(amount, currency) => Datum::Money(-amount, currency),
        Datum::Null
        | Datum::Boolean(_)
        | Datum::Text(_)
        | Datum::Date(_)
        | Datum::Instant(_)
        | Datum::Time(_)
        | Datum::Id(_)
        | Datum::Texts(_) => Datum::Null,
    }
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            operators::EQUALS => Some(Self::Equal),
            operators::NOT_EQUALS => Some(Self::NotEqual),
            operators::LESS => Some(Self::Less),
            operators::LESS_EQUALS => Some(Self::LessOrEqual),
            operators::GREATER => Some(Self::Greater),
            operators::GREATER_EQUALS => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether values of the type can be compared so.
    pub(super) fn takes(self, kind: Kind) -> bool {
        match kind {
            Kind::Integer
            | Kind::Decimal
            | Kind::Float
            | Kind::Text
            | Kind::Date
            | Kind::Instant
            | Kind::Time
            | Kind::Duration
            | Kind::Money => true,
            Kind::Boolean | Kind::Id | Kind::Null => {
                matches!(self, Self::Equal | Self::NotEqual)
            }
            Kind::Texts | Kind::Opaque => false,
        }
    }

    /// Whether it holds; `None` where values can't be compared, as one is missing.
    pub(super) fn of(self, left: &Datum, right: &Datum) -> Option<bool> {
        if left.is_null() || right.is_null() {
            return None;
        }
        let Some(order) = order(left, right) else {
            // Amounts of different currencies differ and have no order.
            return match self {
                Self::Equal => Some(false),
                Self::NotEqual => Some(true),
                Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => None,
            };
        };
        Some(match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }

    /// The answer where a value is missing and nothing but true and false will do: what is missing
    /// differs from everything that is there, as in filters.
    pub(super) fn of_missing(self, both: bool) -> bool {
        match self {
            Self::Equal => both,
            Self::NotEqual => !both,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => false,
        }
    }
}

/// The order of two values of one type; texts order by bytes.
pub(super) fn order(left: &Datum, right: &Datum) -> Option<Ordering> {
    match (left, right) {
        (Datum::Boolean(left), Datum::Boolean(right)) => Some(left.cmp(right)),
        (Datum::Text(left), Datum::Text(right)) => Some(left.cmp(right)),
        (Datum::Date(left), Datum::Date(right)) => Some(left.cmp(right)),
        (Datum::Instant(left), Datum::Instant(right)) => Some(left.cmp(right)),
        (Datum::Id(left), Datum::Id(right)) => Some(left.cmp(right)),
        (Datum::Money(left, currency), Datum::Money(right, other)) => {
            (currency == other).then(|| left.cmp(right))
        }
        (Datum::Time(left), Datum::Time(right))
        | (Datum::Duration(left), Datum::Duration(right)) => Some(left.cmp(right)),
        (Datum::Float(_), _) | (_, Datum::Float(_)) => {
            left.as_float()?.partial_cmp(&right.as_float()?)
        }
        (left, right) => Some(left.decimal()?.cmp(&right.decimal()?)),
    }
}
