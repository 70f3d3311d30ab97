//! `money`: an exact amount and an ISO 4217 currency code, `{"amount": "12.50", "currency": "EUR"}`; beside
//! them what it is worth in the base currency, which the engine writes (`catalog::Currencies`).

use iso_currency::Currency;
use serde_json::{Value as Json, json};

use super::{FieldType, Part, Presence, Scalar, Settings, composite, constraint, number};
use crate::value::{Storage, Value};

const PRECISION: u8 = 18;
/// Digits of an amount after the point.
pub(crate) const SCALE: u8 = 4;
/// The name of the part that holds the amount in the base currency.
pub(crate) const BASE_AMOUNT: &str = "baseAmount";

/// Whether a text is a currency of ISO 4217.
pub(crate) fn is_currency(code: &str) -> bool {
    Currency::from_code(code).is_some()
}

/// An amount with its currency. The constraints of order are on the amount.
#[derive(Debug)]
pub(super) struct Money;

impl FieldType for Money {
    fn name(&self) -> &'static str {
        "money"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        constraint::OF_ORDER
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let amount = Storage::Decimal {
            precision: PRECISION,
            scale: SCALE,
        };
        let (required, currency) = (Presence::Required, ("currency", "_currency"));
        vec![
            Part::member(("amount", ""), amount, Scalar::Decimal, required),
            Part::member(currency, Storage::Text, Scalar::Text, required),
            // No name of a field makes two underscores.
            Part::member(
                (BASE_AMOUNT, "__base"),
                amount,
                Scalar::Decimal,
                Presence::Asked,
            ),
        ]
    }

    /// An operand may be any text: what was a currency once may still be stored.
    fn parse_part(&self, _: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        if part != 1 {
            return number::parse_decimal(json, PRECISION, SCALE).map(Value::Decimal);
        }
        composite::parse_text(json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let values = composite::parse(self, settings, json)?;
        let code = values.get(1).and_then(Value::as_text);
        if !is_currency(code.unwrap_or_default()) {
            return Err("currency must be a code of ISO 4217 such as \"EUR\"".to_owned());
        }
        Ok(values)
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"amount": "12.50", "currency": "EUR"})
    }
}
