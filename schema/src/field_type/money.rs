//! `money`: an exact amount and an ISO 4217 currency code, `{"amount": "12.50", "currency": "EUR"}`.

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, expect_text, kind_of, number};
use crate::value::{Storage, Value};

const PRECISION: u8 = 18;
const SCALE: u8 = 4;

/// An amount with its currency.
#[derive(Debug)]
pub(super) struct Money;

impl FieldType for Money {
    fn name(&self) -> &'static str {
        "money"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![
            Part {
                key: Some("amount"),
                suffix: "",
                storage: Storage::Decimal {
                    precision: PRECISION,
                    scale: SCALE,
                },
                scalar: Scalar::Decimal,
            },
            Part {
                key: Some("currency"),
                suffix: "_currency",
                storage: Storage::Text,
                scalar: Scalar::Text,
            },
        ]
    }

    fn parse_part(&self, _: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        if part == 0 {
            return number::parse_decimal(json, PRECISION, SCALE).map(Value::Decimal);
        }
        let code = expect_text(json)?;
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Value::Text(code.to_owned()))
        } else {
            Err("must be a currency code of ISO 4217 such as \"EUR\"".to_owned())
        }
    }

    fn parse(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let Json::Object(members) = json else {
            return Err(format!(
                "must be an object such as {{\"amount\": \"12.50\", \"currency\": \"EUR\"}}, not {}",
                kind_of(json)
            ));
        };
        if let Some(unknown) = members
            .keys()
            .find(|key| !matches!(key.as_str(), "amount" | "currency"))
        {
            return Err(format!(
                "has an unknown member {unknown:?}; money has amount and currency"
            ));
        }
        let member = |key: &str, part: usize| {
            let value = members
                .get(key)
                .ok_or_else(|| format!("needs the member {key:?}"))?;
            self.parse_part(settings, part, value)
                .map_err(|message| format!("{key} {message}"))
        };
        Ok(vec![member("amount", 0)?, member("currency", 1)?])
    }
}
