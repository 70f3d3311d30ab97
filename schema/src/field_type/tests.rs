//! What each field type accepts and refuses.

mod phone_numbers;

use serde_json::{Value as Json, json};

use super::{FIELD_TYPES, FieldOption, Settings, find_field_type};

fn settings() -> Settings {
    Settings {
        max_length: Some(5),
        precision: Some(6),
        scale: Some(2),
        options: vec![FieldOption::new("a", "A"), FieldOption::new("b", "B")],
        ..Settings::default()
    }
}

fn check(field_type: &str, value: &Json, accepted: bool) {
    let short = Settings {
        max_length: None,
        ..settings()
    };
    let settings = if field_type == "text" {
        settings()
    } else {
        short
    };
    let parsed = find_field_type(field_type)
        .expect("the type exists")
        .parse(&settings, value);
    assert_eq!(parsed.is_ok(), accepted, "{field_type} {value}: {parsed:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row per case")]
fn each_type_accepts_its_values_and_refuses_others() {
    let cases = [
        ("text", json!("héllo"), true),
        ("text", json!("toolong"), false),
        ("text", json!("a\0b"), false),
        ("text", json!(1), false),
        ("integer", json!(-2_147_483_648_i64), true),
        ("integer", json!(2_147_483_648_i64), false),
        ("integer", json!(1.5), false),
        ("integer", json!("1"), false),
        ("bigInteger", json!("9223372036854775807"), true),
        ("bigInteger", json!("9223372036854775808"), false),
        ("bigInteger", json!("+1"), false),
        ("decimal", json!("9999.99"), true),
        ("decimal", json!("10000"), false),
        ("decimal", json!("0.001"), false),
        ("decimal", json!("1.500"), true),
        ("decimal", json!(12.5), true),
        (
            "money",
            json!({"amount": 12_345_678_901_234.567_f64, "currency": "EUR"}),
            false,
        ),
        (
            "money",
            json!({"amount": "12345678901234.567", "currency": "EUR"}),
            true,
        ),
        ("decimal", json!("1e30"), false),
        ("decimal", json!("1_000"), false),
        ("decimal", json!("NaN"), false),
        ("decimal", json!(""), false),
        ("percent", json!("0.15"), true),
        ("money", json!({"amount": "1.5", "currency": "EUR"}), true),
        ("money", json!({"amount": "1.5"}), false),
        ("money", json!({"amount": "1.5", "currency": "eur"}), false),
        (
            "money",
            json!({"amount": "1.5", "currency": "EUR", "x": 1}),
            false,
        ),
        ("money", json!({"amount": "1.5", "currency": "ABC"}), false),
        ("float", json!(1.5e-300), true),
        ("float", json!("1.5"), false),
        ("rating", json!(5), true),
        ("rating", json!(0), false),
        ("rating", json!(6), false),
        ("time", json!("09:30"), true),
        ("time", json!("23:59:59.999999"), true),
        ("time", json!("24:00:00"), false),
        ("time", json!("09:3ö:00"), false),
        ("time", json!("09:30:00Z"), false),
        ("duration", json!("P1DT2H"), true),
        ("duration", json!("-PT0.5S"), true),
        ("duration", json!("P1M"), false),
        ("duration", json!("PT"), false),
        ("duration", json!("P"), false),
        ("duration", json!("PT1M1H"), false),
        ("duration", json!("PT99999999999999999H"), false),
        ("stringList", json!(["a", "a"]), true),
        ("stringList", json!(["a", 1]), false),
        ("address", json!({"city": "Utrecht", "country": "NL"}), true),
        ("address", json!({"country": "XX"}), false),
        ("address", json!({"city": " "}), false),
        ("address", json!({}), false),
        (
            "personName",
            json!({"given": "Ada", "formatted": "x"}),
            true,
        ),
        ("personName", json!("Ada"), false),
        ("geoPoint", json!({"latitude": -90, "longitude": 180}), true),
        ("geoPoint", json!({"latitude": 90.1, "longitude": 0}), false),
        ("geoPoint", json!({"latitude": 1}), false),
        (
            "file",
            json!({"name": "a.pdf", "mimeType": "application/pdf", "size": 5}),
            true,
        ),
        (
            "file",
            json!({"name": "../a", "mimeType": "application/pdf", "size": 5}),
            false,
        ),
        (
            "file",
            json!({"name": "a", "mimeType": "pdf", "size": "5"}),
            false,
        ),
        ("secret", json!("s3cret"), true),
        ("secret", json!({"isSet": true}), false),
        ("country", json!("NL"), true),
        ("country", json!("nl"), false),
        ("country", json!("UK"), false),
        ("locale", json!("pt-br"), true),
        ("locale", json!("x"), false),
        ("timeZone", json!("europe/amsterdam"), true),
        ("timeZone", json!("Europe/Nowhere"), false),
        ("color", json!("#1E90FF"), true),
        ("color", json!("red"), false),
        ("boolean", json!(true), true),
        ("boolean", json!("true"), false),
        ("date", json!("2026-02-28"), true),
        ("date", json!("2026-02-30"), false),
        ("date", json!("0000-01-01"), false),
        ("date", json!("2026-2-3"), false),
        (
            "dateTime",
            json!("2026-02-28T09:30:00.123456789+01:00"),
            true,
        ),
        ("dateTime", json!("2026-02-28 09:30"), false),
        ("dateTime", json!("9999-12-31T23:59:59-23:00"), false),
        ("select", json!("a"), true),
        ("select", json!("c"), false),
        ("multiSelect", json!(["b", "a", "b"]), true),
        ("multiSelect", json!("a"), false),
        ("email", json!("ann@example.com"), true),
        ("email", json!("Ann <ann@example.com>"), false),
        ("email", json!("ann"), false),
        ("phone", json!("(503) 555-9831"), true),
        ("phone", json!("none"), false),
        ("url", json!("https://example.com/a?b"), true),
        ("url", json!("javascript:alert(1)"), false),
        ("json", json!({"a": [1, "x"]}), true),
        ("json", json!({"a": "\0"}), false),
        ("uuid", json!("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00"), true),
        ("uuid", json!("0190a6e27b1c7d3e8f4a5b6c7d8e9f00"), false),
        (
            "reference",
            json!({"id": "0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00"}),
            true,
        ),
        (
            "reference",
            json!({"id": "0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00", "name": "x"}),
            false,
        ),
    ];
    for (field_type, value, accepted) in cases {
        check(field_type, &value, accepted);
    }
}

#[test]
fn the_example_of_each_type_is_a_value_of_it() {
    let settings = Settings {
        max_length: None,
        ..settings()
    };
    for field_type in FIELD_TYPES.iter().filter(|it| !it.is_computed()) {
        let example = field_type.example(&settings);
        let parsed = field_type.parse(&settings, &example);
        assert!(parsed.is_ok(), "{field_type:?} {example}: {parsed:?}");
        assert_eq!(
            parsed.map(|values| values.len()),
            Ok(field_type.parts(&settings).len())
        );
    }
}

#[test]
fn constraints_are_checked_when_they_are_set() {
    let cases = [
        ("integer", json!({"min": 1, "max": 1}), true),
        ("integer", json!({"min": 2, "max": 1}), false),
        ("integer", json!({"min": "1"}), false),
        ("decimal", json!({"min": "0.001"}), false),
        ("date", json!({"max": "2026-02-30"}), false),
        ("duration", json!({"min": "PT1H", "max": "PT60M"}), true),
        ("duration", json!({"min": "PT1H", "max": "PT59M"}), false),
        ("money", json!({"min": "0"}), true),
        ("rating", json!({"max": 10}), true),
        ("rating", json!({"max": 0}), false),
        ("rating", json!({"max": "5"}), false),
        ("text", json!({"minLength": 3, "maxLength": 2}), false),
        ("text", json!({"minLength": 256}), false),
        ("text", json!({"pattern": "[A-Z]{3}"}), true),
        ("text", json!({"pattern": "("}), false),
        ("text", json!({"pattern": "a)(?:b"}), false),
        ("text", json!({"pattern": "(a{1000}){1000}"}), false),
        ("phone", json!({"region": "NL"}), true),
        ("phone", json!({"region": "nowhere"}), false),
    ];
    for (name, settings, accepted) in cases {
        let field_type = find_field_type(name).expect("the type exists");
        let settings = serde_json::from_value(settings).expect("settings");
        let checked = field_type.check(&settings);
        assert_eq!(
            checked.is_ok(),
            accepted,
            "{name} {settings:?}: {checked:?}"
        );
    }
}

#[test]
fn constraints_are_checked_when_a_value_is_written() {
    let cases = [
        ("integer", json!({"min": 1}), json!(0), "must be at least 1"),
        (
            "money",
            json!({"max": "100"}),
            json!({"amount": "100.01", "currency": "EUR"}),
            "must be at most 100",
        ),
        (
            "time",
            json!({"min": "09:00:00"}),
            json!("08:59:59.999999"),
            "must be at least 09:00:00",
        ),
        (
            "text",
            json!({"minLength": 3}),
            json!("é1"),
            "has 2 characters; at least 3 are needed",
        ),
        (
            "text",
            json!({"pattern": "a|bc"}),
            json!("bcd"),
            "must match the pattern a|bc",
        ),
        (
            "stringList",
            json!({"pattern": "[a-z]+"}),
            json!(["ok", "No"]),
            "\"No\" must match the pattern [a-z]+",
        ),
    ];
    for (name, settings, value, message) in cases {
        let field_type = find_field_type(name).expect("the type exists");
        let settings = serde_json::from_value(settings).expect("settings");
        let parsed = field_type.parse(&settings, &value);
        assert_eq!(parsed, Err(message.to_owned()), "{name} {value}");
    }
}
