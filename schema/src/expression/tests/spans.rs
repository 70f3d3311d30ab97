//! Floating point numbers, times of day, lengths of time and parts of values.

use time::macros::{date, datetime};
use uuid::Uuid;

use super::{computed, decimal, define, holds};
use crate::{
    field_type::{Settings, find_field_type},
    value::Value,
};

const HOUR: i64 = 3_600_000_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn names() -> Vec<(&'static str, Vec<Value>)> {
    let home = [
        "Damrak 1, 1012 LG Amsterdam, NL",
        "Damrak 1",
        "",
        "Amsterdam",
        "",
        "1012 LG",
        "NL",
    ];
    let scan = ["offer.pdf", "application/pdf"].map(text);
    vec![
        ("weight", vec![Value::Float(0.1)]),
        ("opens", vec![Value::Integer(9 * HOUR + HOUR / 2)]),
        ("length", vec![Value::Integer(HOUR + HOUR / 2)]),
        ("due", vec![Value::Date(date!(2026 - 02 - 28))]),
        (
            "paidAt",
            vec![Value::Instant(datetime!(2026-03-01 23:30:15.5 UTC))],
        ),
        ("home", home.map(text).into()),
        (
            "place",
            [52.379, 4.9, 0.5, 0.5, 0.7].map(Value::Float).into(),
        ),
        (
            "names",
            vec![Value::TextSet(vec!["a".to_owned(), "a".to_owned()])],
        ),
        (
            "scan",
            scan.into_iter()
                .chain([Value::Integer(48_213), Value::Null])
                .collect(),
        ),
        ("stars", vec![Value::Integer(4)]),
        ("seller", vec![Value::Uuid(Uuid::from_u128(7))]),
        ("quantity", vec![Value::Integer(3)]),
        ("discount", vec![decimal("0.25")]),
    ]
}

#[test]
fn floats_are_computed_as_floats() {
    for (text, value) in [
        ("weight + 0.2", "0.30000000000000004"),
        ("decimal(weight) + 0.2", "0.3"),
        ("weight * quantity", "0.30000000000000004"),
        ("weight == 0.1", "true"),
        ("weight < discount", "true"),
        ("weight in [1, 0.1]", "true"),
        ("-weight", "-0.1"),
        ("quantity / weight", "30.0"),
        ("float(quantity) / 2", "1.5"),
        ("double(\"2.5e3\")", "2500.0"),
        ("round(weight * 12.345, 2)", "1.23"),
        ("round(float(2.5))", "3.0"),
        ("round(float(\"1e300\"), 2)", "1e+300"),
        (
            "floor(float(-1.5)) + ceil(float(1.2)) + abs(float(-1))",
            "1.0",
        ),
        ("int(weight * 100)", "10"),
        ("int(float(\"1e19\"))", ""),
        ("max(weight, 1, discount)", "1.0"),
        ("(quantity > 1 ? 7 : weight) / 2", "3.5"),
        ("coalesce(quantity, weight) / 2", "1.5"),
        ("weight / 0", ""),
        ("float(\"1e308\") * 10", ""),
        ("float(\"nan\")", ""),
        ("text(weight)", "0.1"),
        ("place.latitude > 50", "true"),
        ("place.longitude + 0.1", "5.0"),
    ] {
        assert_eq!(
            computed(text, &names()).unwrap_or_default(),
            value,
            "{text}"
        );
    }
}

#[test]
fn times_and_lengths_are_computed() {
    for (text, value) in [
        ("opens + length", "11:00:00"),
        ("opens - duration(\"PT10H\")", "23:30:00"),
        ("opens + duration(\"49h\")", "10:30:00"),
        ("opens - time(\"09:00\")", "PT30M"),
        ("opens < time(\"09:30:01\")", "true"),
        ("hour(opens) * 100 + minute(opens)", "930"),
        ("second(paidAt)", "15"),
        ("time(paidAt)", "23:30:15.500000"),
        ("due + opens", "2026-02-28T09:30:00.000000Z"),
        ("dateTime(due, opens) == due + opens", "true"),
        ("dateTime(due)", "2026-02-28T00:00:00.000000Z"),
        ("due + length", "2026-02-28T01:30:00.000000Z"),
        ("date(due + duration(\"P2D\"))", "2026-03-02"),
        ("paidAt - length", "2026-03-01T22:00:15.500000Z"),
        ("length + paidAt > paidAt", "true"),
        ("paidAt - paidAt", "PT0S"),
        ("paidAt - due", "PT47H30M15.5S"),
        ("due - date(\"2026-02-27\") == duration(\"24h\")", "true"),
        ("length * 2 + duration(\"PT1S\")", "PT3H1S"),
        ("length * discount", "PT22M30S"),
        ("length / 7", "PT12M51.428571S"),
        ("length / duration(\"1h\")", "1.5"),
        ("hours(length)", "1.5"),
        ("minutes(length) + seconds(duration(\"500ms\"))", "90.5"),
        ("-length", "-PT1H30M"),
        ("abs(-length)", "PT1H30M"),
        ("max(length, duration(\"2h\"))", "PT2H"),
        ("duration(\"1h30m\") == length", "true"),
        ("duration(\"-1.5h\") + length", "PT0S"),
        ("duration(\"soon\")", ""),
        ("duration(\"h\")", ""),
        ("duration(\"\")", ""),
        ("time(\"24:00\")", ""),
        ("length / 0", ""),
        ("length * 9000000000000", ""),
        ("date(\"9999-12-31\") + duration(\"P2D\")", ""),
        ("text(opens) + \" \" + string(length)", "09:30:00 PT1H30M"),
    ] {
        assert_eq!(
            computed(text, &names()).unwrap_or_default(),
            value,
            "{text}"
        );
    }
    assert!(holds("now - paidAt < duration(\"1h\")", &names()));
    assert!(holds("time(now) > opens", &names()));
}

#[test]
fn parts_of_values_are_read() {
    for (text, value) in [
        ("home.city + \" \" + home.country", "Amsterdam NL"),
        ("home.formatted", "Damrak 1, 1012 LG Amsterdam, NL"),
        ("scan.size > 1000", "true"),
        ("scan.name.endsWith(\".pdf\")", "true"),
        ("has(scan.checksum)", "false"),
        ("has(home)", "true"),
        ("\"a\" in names && !(\"b\" in names)", "true"),
        ("size(names)", "2"),
        ("stars * 2", "8"),
    ] {
        assert_eq!(
            computed(text, &names()).unwrap_or_default(),
            value,
            "{text}"
        );
    }
    assert!(holds("seller == currentUser", &names()));
}

#[test]
fn results_fit_their_fields() {
    let fits = |expression: &str, field_type: &str| {
        let settings = Settings::default();
        let parts = find_field_type(field_type)
            .expect("a type")
            .parts(&settings);
        define(expression).check_result(&parts).is_ok()
    };
    for (expression, field_type, expected) in [
        ("weight", "float", true),
        ("quantity", "float", true),
        ("discount", "float", true),
        ("weight", "decimal", false),
        ("decimal(weight)", "decimal", true),
        ("opens", "time", true),
        ("length", "duration", true),
        ("length", "time", false),
        ("paidAt - due", "duration", true),
        ("due + opens", "dateTime", true),
        ("home.city", "text", true),
        ("home", "text", false),
    ] {
        assert_eq!(fits(expression, field_type), expected, "{expression}");
    }
}
