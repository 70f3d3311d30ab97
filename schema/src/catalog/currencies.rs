//! The base currency and its rates, and what an amount is worth in it.
//!
//! An amount is converted at the rate that is in force on the day on which its record was created (in
//! UTC): whoever computes it, and whenever, the same amount comes out.

use std::collections::HashMap;

use rust_decimal::Decimal;
use time::{Date, OffsetDateTime, UtcOffset};

use super::Field;
use crate::{
    error::{Error, Result},
    field_type::MONEY_SCALE,
    value::Value,
};

/// The most digits of an amount, whatever the currency.
const MAX_DIGITS: u32 = 18;

/// Base currency and rates as they are stored.
#[derive(Clone, Debug, Default)]
pub struct CurrencyRows {
    /// Changes with each change of them.
    pub version: i64,
    /// The base currency, if there is one.
    pub base: Option<String>,
    /// What one unit of a currency is worth in it.
    pub rates: Vec<entity::currency_rate::Model>,
}

/// A base currency with the rates of others. Without a base currency nothing is converted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Currencies {
    version: i64,
    base: Option<String>,
    /// By currency, in the order of their first days.
    rates: HashMap<String, Vec<(Date, Decimal)>>,
}

impl Currencies {
    /// Reads what is stored.
    pub(super) fn load(rows: &CurrencyRows) -> Result<Self> {
        let mut rates: HashMap<String, Vec<(Date, Decimal)>> = HashMap::new();
        for row in &rows.rates {
            let rate = row.rate.parse();
            let rate = rate.map_err(|error| Error::internal("reading the rates", error))?;
            let of_currency = rates.entry(row.currency.clone()).or_default();
            of_currency.push((row.valid_from, rate));
        }
        for of_currency in rates.values_mut() {
            of_currency.sort_unstable_by_key(|(from, _)| *from);
        }
        Ok(Self {
            version: rows.version,
            base: rows.base.clone(),
            rates,
        })
    }

    /// Changes with each change of base currency or rates.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The base currency.
    pub fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// Every rate: currency, first day, value; ordered by currency, latest first.
    pub fn rates(&self) -> Vec<(&str, Date, Decimal)> {
        let all = self.rates.iter().flat_map(|(currency, rates)| {
            let rates = rates.iter().rev();
            rates.map(move |(from, rate)| (currency.as_str(), *from, *rate))
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(currency, ..)| *currency);
        all
    }

    /// The rate that is in force on a day, with its first day.
    pub fn rate(&self, currency: &str, on: Date) -> Option<(Date, Decimal)> {
        let rates = self.rates.get(currency)?;
        let behind = rates.partition_point(|(from, _)| *from <= on);
        rates.get(behind.checked_sub(1)?).copied()
    }

    /// An amount in the base currency, rounded half away from zero to the digits of amounts. `None`
    /// without a rate, or when it has too many digits.
    pub fn convert(&self, amount: Decimal, currency: &str, on: Date) -> Option<Decimal> {
        if self.base()? == currency {
            return Some(amount);
        }
        let (_, rate) = self.rate(currency, on)?;
        let product = amount.mantissa().checked_mul(rate.mantissa())?;
        let scale = amount.scale() + rate.scale();
        let kept = u32::from(MONEY_SCALE);
        let units = if scale > kept {
            let divisor = 10_i128.checked_pow(scale - kept)?;
            let half = if product < 0 {
                -(divisor / 2)
            } else {
                divisor / 2
            };
            product.checked_add(half)? / divisor
        } else {
            product.checked_mul(10_i128.checked_pow(kept - scale)?)?
        };
        let fits = units.unsigned_abs() < 10_u128.pow(MAX_DIGITS);
        fits.then(|| Decimal::from_i128_with_scale(units, kept))
    }

    /// Sets the amount in the base currency among the values of a field of a record that was created at
    /// this instant; does nothing to what is no money.
    pub(crate) fn fill(&self, field: &Field, values: &mut [Value], created: OffsetDateTime) {
        let Some(at) = field.base_amount() else {
            return;
        };
        let day = created.to_offset(UtcOffset::UTC).date();
        let converted = match &*values {
            [Value::Decimal(amount), Value::Text(currency), ..] => {
                self.convert(*amount, currency, day)
            }
            _ => None,
        };
        if let Some(value) = values.get_mut(at) {
            *value = converted.map_or(Value::Null, Value::Decimal);
        }
    }
}
