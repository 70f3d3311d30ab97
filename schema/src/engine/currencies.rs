//! The base currency and the rates: how they are shown and changed.

use std::collections::{BTreeMap, HashSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::Date;

use crate::{
    access::{Caller, Permission, Permit},
    catalog::CurrencyRows,
    engine::Engine,
    error::{Error, Fault, FaultCode, Place, Result},
    field_type::{Settings, find_field_type, is_currency, parse_decimal},
    id::JobId,
    value::{Storage, Value},
};

/// The most rates there may be.
const MAX_RATES: usize = 20_000;
/// All digits of a rate, and those after the point.
const DIGITS: (u8, u8) = (20, 12);

/// The base currency and the rates as they are shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CurrencyTable {
    /// The currency that amounts are converted to.
    pub base: Option<String>,
    /// Changes with each change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Whether amounts are still being converted after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converting: Option<bool>,
    /// The rates, by currency, latest first; only for those who may change them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Vec<Rate>>,
}

/// What one unit of a currency is worth in the base currency, from a day on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// A code of ISO 4217.
    pub currency: String,
    /// The first day on which it is in force, until the next one of the same currency.
    pub valid_from: String,
    /// An exact decimal.
    pub rate: String,
}

/// Which rates are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateQuery {
    /// Only those of this currency.
    pub currency: Option<String>,
    /// Only those that are in force on this day.
    pub on: Option<String>,
}

/// Base currency and rates as they shall be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCurrencyTable {
    /// The currency that amounts are converted to; null for none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub base: Option<String>,
    /// All rates there shall be.
    #[serde(default)]
    pub rates: Vec<NewRate>,
}

/// Rates to add, or to put in the place of those of the same currency and day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRates {
    /// The rates.
    pub rates: Vec<NewRate>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRate {
    /// A code of ISO 4217.
    pub currency: String,
    /// A day, `YYYY-MM-DD`.
    pub valid_from: String,
    /// A decimal greater than zero, as a text or a number.
    pub rate: Json,
}

impl Engine {
    /// The base currency, and for those who may change them the rates.
    pub async fn show_currencies(
        &self,
        caller: &Caller,
        query: &RateQuery,
    ) -> Result<CurrencyTable> {
        let on = query.on.as_deref().map(|text| {
            parse_day(text)
                .map_err(|message| Error::fault(parameter("on"), FaultCode::InvalidValue, message))
        });
        let on = on.transpose()?;
        let currencies = std::sync::Arc::clone(self.state().catalog.currencies());
        let base = currencies.base().map(str::to_owned);
        if self.manage_currencies(caller).is_err() {
            return Ok(CurrencyTable {
                base,
                version: None,
                converting: None,
                rates: None,
            });
        }
        let in_force = |currency: &str, from: Date| {
            on.is_none_or(|day| {
                currencies
                    .rate(currency, day)
                    .is_some_and(|it| it.0 == from)
            })
        };
        let wanted = |currency: &str| query.currency.as_deref().is_none_or(|it| it == currency);
        let rates = currencies.rates().into_iter();
        let rates =
            rates.filter(|(currency, from, _)| wanted(currency) && in_force(currency, *from));
        let rates = rates.map(|(currency, from, rate)| Rate {
            currency: currency.to_owned(),
            valid_from: day_text(from),
            rate: rate.normalize().to_string(),
        });
        Ok(CurrencyTable {
            base,
            version: Some(currencies.version()),
            converting: Some(self.store.is_converting().await?),
            rates: Some(rates.collect()),
        })
    }

    /// Puts base currency and rates in the place of those that are there, if they are at the version
    /// that the caller knows.
    pub async fn replace_currencies(
        &self,
        caller: &Caller,
        new: NewCurrencyTable,
        if_match: Option<i64>,
    ) -> Result<()> {
        let permit = self.manage_currencies(caller)?;
        let base = new.base;
        let mut faults = Vec::new();
        if base.as_deref().is_some_and(|base| !is_currency(base)) {
            faults.push(invalid(root().child("base"), NO_CURRENCY));
        }
        let rates = parse_rates(&new.rates, base.as_deref(), faults)?;
        self.change_currencies(caller, &permit, &|before: &CurrencyRows| {
            check_version(before, if_match)?;
            with_rates(base.clone(), rates.clone()).map(Some)
        })
        .await
    }

    /// Adds rates; one of the same currency and day is replaced.
    pub async fn add_rates(&self, caller: &Caller, new: NewRates) -> Result<()> {
        let permit = self.manage_currencies(caller)?;
        let base = self.state().catalog.currencies().base().map(str::to_owned);
        let rates = parse_rates(&new.rates, base.as_deref(), Vec::new())?;
        self.change_currencies(caller, &permit, &|before: &CurrencyRows| {
            if before.base != base {
                return Err(Error::Busy); // another one was chosen meanwhile
            }
            let mut all = known_rates(before)?;
            all.extend(rates.clone());
            with_rates(before.base.clone(), all).map(Some)
        })
        .await
    }

    /// Takes a rate away.
    pub async fn delete_rate(&self, caller: &Caller, currency: &str, from: &str) -> Result<()> {
        let permit = self.manage_currencies(caller)?;
        let missing = || Error::NotFound {
            kind: "rate",
            name: format!("{currency} {from}"),
        };
        let day = parse_day(from).map_err(|_| missing())?;
        self.change_currencies(caller, &permit, &|before: &CurrencyRows| {
            let mut all = known_rates(before)?;
            let gone = all.remove(&(currency.to_owned(), day));
            gone.ok_or_else(missing)?;
            with_rates(before.base.clone(), all).map(Some)
        })
        .await
    }

    fn manage_currencies(&self, caller: &Caller) -> Result<Permit> {
        let permit = self.permit(caller, Permission::ManageCurrencies);
        permit.or_else(|error| {
            let permit = self.permit(caller, Permission::ManageSchema);
            permit.map_err(|_| error)
        })
    }

    async fn change_currencies(
        &self,
        caller: &Caller,
        permit: &Permit,
        change: crate::store::NewCurrencies<'_>,
    ) -> Result<()> {
        let now = self.clock.now();
        let job = JobId::new(self.ids.uuid(now));
        if self
            .store
            .change_currencies(permit, change, (job, now))
            .await?
        {
            tracing::info!(actor.kind = caller.actor_kind(), actor.id = ?caller.actor(), "the rates were changed");
            self.refresh().await?;
            self.jobs.wake();
        }
        Ok(())
    }
}

const NO_CURRENCY: &str = "must be a code of ISO 4217 such as \"EUR\"";

/// The rates by currency and first day.
type Rates = BTreeMap<(String, Date), Decimal>;

fn root() -> Place {
    Place::Pointer(String::new())
}

fn parameter(name: &str) -> Place {
    Place::Parameter(name.to_owned())
}

fn invalid(place: Place, message: impl Into<String>) -> Fault {
    Fault {
        place,
        code: FaultCode::InvalidValue,
        message: message.into(),
    }
}

fn check_version(before: &CurrencyRows, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(expected) if expected != before.version => {
            let message = format!(
                "the rates are at version {}, not {expected}; read them again",
                before.version
            );
            Err(Error::Conflict(message))
        }
        Some(_) | None => Ok(()),
    }
}

/// All faults at once, those that were found before included.
fn parse_rates(sent: &[NewRate], base: Option<&str>, mut faults: Vec<Fault>) -> Result<Rates> {
    let at = |number: usize, member: &str| root().child("rates").child(number).child(member);
    if base.is_none() && !sent.is_empty() {
        let message = "there are no rates without a base currency; set \"base\" first";
        faults.push(invalid(root().child("rates"), message));
    }
    let mut rates = Rates::new();
    let mut seen = HashSet::new();
    for (number, one) in sent.iter().enumerate() {
        if !is_currency(&one.currency) {
            faults.push(invalid(at(number, "currency"), NO_CURRENCY));
        } else if base == Some(one.currency.as_str()) {
            let message = "must not be the base currency, whose rate is 1";
            faults.push(invalid(at(number, "currency"), message));
        }
        let day = parse_day(&one.valid_from)
            .map_err(|message| faults.push(invalid(at(number, "validFrom"), message)));
        let rate = parse_rate(&one.rate)
            .map_err(|message| faults.push(invalid(at(number, "rate"), message)));
        if let (Ok(day), Ok(rate)) = (day, rate) {
            if !seen.insert((one.currency.as_str(), day)) {
                let message = "is the second rate of this currency for this day";
                faults.push(invalid(at(number, "validFrom"), message));
            }
            rates.insert((one.currency.clone(), day), rate);
        }
    }
    if faults.is_empty() {
        Ok(rates)
    } else {
        Err(Error::Invalid(faults))
    }
}

fn parse_rate(json: &Json) -> Result<Decimal, String> {
    let rate = parse_decimal(json, DIGITS.0, DIGITS.1)?;
    if rate <= Decimal::ZERO {
        return Err("must be greater than 0".to_owned());
    }
    Ok(rate)
}

fn parse_day(text: &str) -> Result<Date, String> {
    let date = find_field_type("date").ok_or("can't be read")?;
    if let Value::Date(day) = date.parse_part(&Settings::default(), 0, &Json::from(text))? {
        return Ok(day);
    }
    Err("must be a day".to_owned())
}

fn day_text(day: Date) -> String {
    let json = Value::Date(day).to_json(Storage::Date);
    json.as_str().unwrap_or_default().to_owned()
}

fn known_rates(rows: &CurrencyRows) -> Result<Rates> {
    let rates = rows.rates.iter().map(|row| {
        let rate = row.rate.parse::<Decimal>();
        let rate = rate.map_err(|error| Error::internal("reading the rates", error))?;
        Ok(((row.currency.clone(), row.valid_from), rate))
    });
    rates.collect()
}

fn with_rates(base: Option<String>, rates: Rates) -> Result<CurrencyRows> {
    if rates.len() > MAX_RATES {
        let message = format!("there would be more than {MAX_RATES} rates");
        let place = root().child("rates");
        return Err(Error::fault(place, FaultCode::InvalidValue, message));
    }
    let rates =
        rates.into_iter().map(
            |((currency, valid_from), rate)| entity::currency_rate::Model {
                currency,
                valid_from,
                rate: rate.normalize().to_string(),
            },
        );
    Ok(CurrencyRows {
        version: 0,
        base,
        rates: rates.collect(),
    })
}
