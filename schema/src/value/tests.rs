//! What is written as JSON reads back as the same value: cursors and events rest on it.

use proptest::prelude::*;
use rust_decimal::Decimal;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Storage, Value};
use crate::field_type::{Settings, find_field_type};

/// A value with its storage and the field types that would have accepted its JSON.
fn values() -> impl Strategy<Value = (Value, Storage, &'static [&'static str])> {
    let decimal = Storage::Decimal {
        precision: 18,
        scale: 4,
    };
    let digits = 999_999_999_999_999_999_i64;
    let first = -62_135_596_800_000_000_i64; // the year 1
    let last = 253_402_300_799_999_999_i64; // the end of the year 9999
    let instant = move |micros: i64| {
        let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
        Value::Instant(instant.expect("an instant"))
    };
    prop_oneof![
        any::<i64>().prop_map(|number| (
            Value::Integer(number),
            Storage::BigInteger,
            &["bigInteger"][..]
        )),
        any::<i32>().prop_map(|number| (
            Value::Integer(number.into()),
            Storage::Integer,
            &["integer"][..]
        )),
        (-digits..=digits).prop_map(move |number| (
            Value::Decimal(Decimal::new(number, 4)),
            decimal,
            &["decimal"][..]
        )),
        any::<bool>().prop_map(|flag| (Value::Boolean(flag), Storage::Boolean, &["boolean"][..])),
        (first..=last).prop_map(move |micros| (
            instant(micros),
            Storage::Instant,
            &["dateTime"][..]
        )),
        (1_721_426..=5_373_484_i32).prop_map(|day| {
            let date = Date::from_julian_day(day).expect("a day");
            (Value::Date(date), Storage::Date, &["date"][..])
        }),
        any::<u128>().prop_map(|id| (
            Value::Uuid(Uuid::from_u128(id)),
            Storage::Uuid,
            &["uuid"][..]
        )),
        "[^\\x00]{0,40}".prop_map(|text| (
            Value::Text(text),
            Storage::Text,
            &["text", "longText"][..]
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_value_survives_its_json((value, storage, types) in values()) {
        let json = value.to_json(storage);
        prop_assert_eq!(Value::from_json(&json, storage), Some(value.clone()));
        let settings = Settings {
            scale: types.contains(&"decimal").then_some(4),
            ..Settings::default()
        };
        for name in types {
            let field_type = find_field_type(name).expect("a field type");
            let parsed = field_type.parse(&settings, &json);
            prop_assert_eq!(parsed, Ok(vec![value.clone()]), "{} as {}", json, name);
        }
    }
}
