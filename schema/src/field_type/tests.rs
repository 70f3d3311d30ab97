//! What each field type accepts and refuses.

use serde_json::{Value as Json, json};

use super::{FieldOption, Settings, find_field_type};

fn settings() -> Settings {
    Settings {
        max_length: Some(5),
        precision: Some(6),
        scale: Some(2),
        options: vec![
            FieldOption {
                name: "a".into(),
                label: "A".into(),
            },
            FieldOption {
                name: "b".into(),
                label: "B".into(),
            },
        ],
        ..Settings::default()
    }
}

fn check(field_type: &str, value: &Json, accepted: bool) {
    let parsed = find_field_type(field_type)
        .expect("the type exists")
        .parse(&settings(), value);
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
