//! `money`: an exact amount and an ISO 4217 currency code, `{"amount": "12.50", "currency": "EUR"}`.

use iso_currency::Currency;
use serde_json::{Value as Json, json};

use super::{FieldType, Part, Presence, Scalar, Settings, composite, constraint, number};
use crate::value::{Storage, Value};

const PRECISION: u8 = 18;
const SCALE: u8 = 4;

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
        ]
    }

    /// An operand may be any text: what was a currency once may still be stored.
    fn parse_part(&self, _: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        if part == 0 {
            return number::parse_decimal(json, PRECISION, SCALE).map(Value::Decimal);
        }
        composite::parse_text(json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let values = composite::parse(self, settings, json)?;
        let code = values.last().and_then(Value::as_text).unwrap_or_default();
        if Currency::from_code(code).is_none() {
            return Err("currency must be a code of ISO 4217 such as \"EUR\"".to_owned());
        }
        Ok(values)
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"amount": "12.50", "currency": "EUR"})
    }
}
