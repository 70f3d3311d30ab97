//! Values of expressions: exact, and missing where something is missing.

use super::{LINE, ORDER, Types, computed, decimal, define_for, holds, line, moment};
use crate::{
    expression::{Inputs, Purpose, Template, render_template},
    field_type::{Settings, find_field_type},
    value::Value,
};

fn parts(field_type: &str, settings: &Settings) -> Vec<crate::field_type::Part> {
    find_field_type(field_type).expect("a type").parts(settings)
}

fn text(text: &str) -> Vec<Value> {
    vec![Value::Text(text.to_owned())]
}

#[test]
fn decimals_are_exact() {
    let price = vec![decimal("14.40"), Value::Text("EUR".to_owned())];
    let names = [
        ("unitPrice", price),
        ("quantity", vec![Value::Integer(10)]),
        ("discount", vec![decimal("0.15")]),
    ];
    let revenue = computed("unitPrice.amount * quantity * (1 - discount)", &names);
    assert_eq!(revenue.as_deref(), Some("122.4"));
    let money = computed("unitPrice * quantity * (1 - discount)", &names);
    assert_eq!(money.as_deref(), Some("122.4 EUR"));
    assert_eq!(computed("0.1 + 0.2", &[]).as_deref(), Some("0.3"));
    assert_eq!(computed("0.000001 * 3", &[]).as_deref(), Some("0.000003"));
    assert_eq!(computed("1e3 + 0.5", &[]).as_deref(), Some("1000.5"));
}

#[test]
fn whole_numbers_stay_whole() {
    for (text, value) in [
        ("7 / 2", "3"),
        ("7 / 2.0", "3.5"),
        ("-7 % 3", "-1"),
        ("decimal(7) / 2", "3.5"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.5)", "-3"),
        ("floor(-2.5) + ceil(2.1) + abs(-1)", "1"),
        ("int(\"12\") + int(3.9)", "15"),
        ("min(3, 1.5, 2)", "1.5"),
        ("max(\"a\", \"B\")", "a"),
    ] {
        assert_eq!(computed(text, &[]).as_deref(), Some(value), "{text}");
    }
}

#[test]
fn what_can_not_be_computed_is_no_value() {
    for text in [
        "1 / 0",
        "1 % 0",
        "1.0 / 0",
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9e18 * 9e18",
        "quantity + 1",
        "note + \"x\"",
        "isPaid && true",
        "!isPaid",
        "quantity > 1",
        "note == \"x\"",
        "note in [\"x\"]",
        "isPaid ? 1 : 2",
        "int(\"x\")",
        "decimal(\"\")",
        "date(\"2026-02-30\")",
        "dateTime(\"soon\")",
        "addDays(date(\"9999-12-31\"), 1)",
        "addDays(date(\"2026-01-01\"), 9223372036854775807)",
        "round(1.5, quantity)",
        "money(1, \"euro\")",
        "order.freight * 2",
    ] {
        assert_eq!(computed(text, &[]), None, "{text}");
    }
    let two = [(
        "unitPrice",
        vec![decimal("1"), Value::Text("EUR".to_owned())],
    )];
    assert_eq!(computed("unitPrice + money(1, \"USD\")", &two), None);
    assert_eq!(
        computed("unitPrice + money(1, \"EUR\")", &two).as_deref(),
        Some("2 EUR")
    );
    assert_eq!(
        computed("unitPrice / money(4, \"EUR\")", &two).as_deref(),
        Some("0.25")
    );
}

#[test]
fn missing_values_can_be_asked_for() {
    for (text, value) in [
        ("coalesce(quantity, 0) + 1", "1"),
        ("note == null", "true"),
        ("null != note", "false"),
        ("has(note)", "false"),
        ("has(order.number)", "false"),
        ("has(extra)", "false"),
        ("isBlank(note)", "true"),
        ("isPaid && false", "false"),
        ("isPaid || true", "true"),
        ("has(quantity) ? quantity : -1", "-1"),
    ] {
        assert_eq!(computed(text, &[]).as_deref(), Some(value), "{text}");
    }
    assert_eq!(
        computed("isBlank(note)", &[("note", text("  "))]).as_deref(),
        Some("true")
    );
}

#[test]
fn conditions_are_true_or_false() {
    for (text, expected) in [
        ("quantity > 1", false),
        ("!(quantity > 1)", true),
        ("quantity != 1", true),
        ("quantity == 1", false),
        ("!isPaid", true),
        ("note.startsWith(\"a\")", false),
        ("!note.startsWith(\"a\")", true),
        ("note in [\"a\"]", false),
        ("paidAt == null || paidAt <= now", true),
        ("today == date(\"2026-02-28\")", true),
        ("currentUser == currentUser", true),
    ] {
        assert_eq!(holds(text, &[]), expected, "{text}");
    }
}

#[test]
fn texts_dates_and_sets_have_functions() {
    let names = [
        ("note", text(" Ärger 😀 ")),
        (
            "tags",
            vec![Value::TextSet(vec!["vip".to_owned(), "new".to_owned()])],
        ),
        (
            "due",
            vec![Value::Date(time::macros::date!(2024 - 02 - 29))],
        ),
        ("number", text("SO-1")),
    ];
    for (text, value) in [
        ("upper(trim(note))", "ÄRGER 😀"),
        ("size(trim(note))", "7"),
        ("trim(note).size()", "7"),
        ("note.contains(\"😀\")", "true"),
        ("\"vip\" in tags", "true"),
        ("tags.contains(\"old\")", "false"),
        ("size(tags)", "2"),
        ("dateDiff(due, date(\"2024-03-01\"))", "1"),
        ("addDays(due, 1)", "2024-03-01"),
        (
            "year(due) * 10000 + month(due) * 100 + day(due)",
            "20240229",
        ),
        ("addDays(due, 1) > due", "true"),
        ("order.number + \"/\" + text(7) + r'\\n'", "SO-1/7\\n"),
        ("text(true) + text(1.50)", "true1.5"),
    ] {
        assert_eq!(computed(text, &names).as_deref(), Some(value), "{text}");
    }
}

#[test]
fn a_value_has_the_digits_of_its_field() {
    let program = define_for("1.0 / 3", Purpose::Formula);
    let values = line(&[], &program);
    let inputs = Inputs {
        values: &values,
        moment: moment(),
    };
    let settings = Settings {
        precision: Some(5),
        scale: Some(4),
        ..Settings::default()
    };
    let stored = program.evaluate(&inputs, &parts("decimal", &settings));
    assert_eq!(stored, [decimal("0.3333")]);
    let half = define_for("0.00005 * 1", Purpose::Formula);
    assert_eq!(
        half.evaluate(&inputs, &parts("decimal", &settings)),
        [decimal("0.0001")]
    );
    let large = define_for("100000.5 * 1", Purpose::Formula);
    assert_eq!(
        large.evaluate(&inputs, &parts("decimal", &settings)),
        [Value::Null]
    );
    let whole = define_for("3000000000", Purpose::Formula);
    assert_eq!(
        whole.evaluate(&inputs, &parts("integer", &settings)),
        [Value::Null]
    );
    assert!(program.check_result(&parts("integer", &settings)).is_err());
}

#[test]
fn a_template_leaves_out_what_is_missing() {
    let types = Types::new();
    let made =
        Template::define("{note} ({order.number}) {quantity}", LINE, &types).expect("a template");
    let shown = render_template(made.stored(), LINE, &types);
    assert_eq!(shown.as_deref(), Some("{note} ({order.number}) {quantity}"));
    let values = vec![text("Nails"), vec![Value::Null], vec![Value::Integer(3)]];
    let inputs = Inputs {
        values: &values,
        moment: moment(),
    };
    assert_eq!(made.text(&inputs), "Nails 3");
    let wrong = [
        "plain", "{", "{note", "note}", "{nope}", "{}", "{now}", "{extra}",
    ];
    for wrong in wrong {
        assert!(Template::define(wrong, LINE, &types).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_missing_takes_its_separators_along() {
    let types = Types::new();
    let made = Template::define("#{order.number} – {note}, {package}", LINE, &types);
    let made = made.expect("a template");
    let shown = |values: [Option<&str>; 3]| {
        let values = values.map(|it| it.map_or(vec![Value::Null], text));
        made.text(&Inputs {
            values: &values,
            moment: moment(),
        })
    };
    assert_eq!(shown([Some("7"), Some("a-"), Some("b")]), "#7 – a-, b");
    assert_eq!(shown([Some("7"), None, Some("b")]), "#7, b");
    assert_eq!(shown([Some("7"), Some("a"), None]), "#7 – a");
    assert_eq!(shown([Some("7"), None, None]), "#7");
    assert_eq!(shown([None, Some("  "), None]), "");
}

#[test]
fn a_template_goes_on_without_what_is_gone() {
    let mut types = Types::new();
    let made = Template::define("{note} – {order.number} ({quantity})", LINE, &types);
    let stored = made.expect("a template").stored().to_owned();
    types.remove(ORDER, "number");
    let shown = render_template(&stored, LINE, &types);
    assert_eq!(shown.as_deref(), Some("{note} ({quantity})"));
    let left = Template::load(&stored, LINE, &types).expect("the rest");
    assert_eq!(left.inputs().len(), 2);
    for name in ["note", "quantity"] {
        types.remove(LINE, name);
    }
    assert_eq!(render_template(&stored, LINE, &types), None);
    assert!(Template::load(&stored, LINE, &types).is_none());
}
