//! A new required field with a default on a type that has many records.

use serde_json::{Value as Json, json};

use super::{doubled, many, thing};
use crate::support::{Client, TestApp};

/// The records: those made one by one, doubled.
const MADE: usize = 40;
const DOUBLED: u32 = 9;
const ALL: usize = MADE << DOUBLED;

async fn things(app: &TestApp) -> (Client, Vec<String>) {
    let admin = app.admin();
    let operations = json!([thing(&json!([{"name": "number", "type": "integer"}]))]);
    admin.change(operations).await.ok();
    let ids = many(&admin, "Thing", MADE, |at| format!("{{number: {at}}}")).await;
    doubled(app, "x_thing", "x_number", DOUBLED).await;
    (admin, ids)
}

fn required(name: &str, of_type: Json, default: &Json) -> Json {
    let mut field = json!({"name": name, "required": true, "default": default});
    if let (Some(field), Json::Object(of_type)) = (field.as_object_mut(), of_type) {
        field.extend(of_type);
    }
    json!({"op": "addField", "object": "thing", "field": field})
}

/// A text that no database makes much shorter, longer than a page of `PostgreSQL`.
fn long_text() -> String {
    let ids = (0..800).map(|_| uuid::Uuid::now_v7().simple().to_string());
    ids.collect()
}

#[tokio::test]
async fn many_records_get_the_default_of_a_required_field() {
    let app = TestApp::start().await;
    let (admin, ids) = things(&app).await;
    admin.delete("things", &ids[0]).await.status(204);
    let options = json!([{"name": "a"}, {"name": "b"}]);
    let price = json!({"amount": "1.5000", "currency": "EUR"});
    let fields = [
        (
            "note",
            json!({"type": "text"}),
            json!("it's \"so\" \\ %s $1 \u{fc}"),
        ),
        ("size", json!({"type": "integer"}), json!(-5)),
        (
            "long",
            json!({"type": "bigInteger"}),
            json!("-9007199254740993"),
        ),
        (
            "rate",
            json!({"type": "decimal", "precision": 10, "scale": 3}),
            json!("-0.125"),
        ),
        ("price", json!({"type": "money"}), price),
        ("active", json!({"type": "boolean"}), json!(false)),
        ("starts", json!({"type": "date"}), json!("2024-02-29")),
        (
            "at",
            json!({"type": "dateTime"}),
            json!("2024-02-29T12:30:00.123456Z"),
        ),
        (
            "kind",
            json!({"type": "select", "options": options}),
            json!("b"),
        ),
        (
            "kinds",
            json!({"type": "multiSelect", "options": options}),
            json!(["b", "a"]),
        ),
        (
            "raw",
            json!({"type": "json"}),
            json!({"b": ["it's", 1.5], "a": null}),
        ),
        ("share", json!({"type": "float"}), json!(-1.0e-7)),
        ("opens", json!({"type": "time"}), json!("08:30:00")),
        ("takes", json!({"type": "duration"}), json!("PT1H30M")),
    ];
    let operations = fields
        .each_ref()
        .map(|(name, of_type, default)| required(name, of_type.clone(), default));
    let report = admin.change(json!(operations)).await.ok();
    for operation in report["operations"].as_array().expect("operations") {
        assert_eq!(operation["rowsAffected"], ALL, "{operation}");
    }
    let fresh = admin.make("things", json!({"number": 1})).await;
    let back = admin.restore("things", &ids[0]).await.ok();
    let last = admin.list("things", "sort=-id&limit=1").await.ok()["data"][0].clone();
    for record in [back, last, admin.get("things", &fresh).await.ok()] {
        for (name, _, default) in &fields {
            assert_eq!(record[name], *default, "{name} of {record}");
        }
    }
    let given = json!({"size": {"eq": -5}, "note": {"startsWith": "it's"}, "kinds": {"has": "a"},
        "rate": {"lt": "0"}, "price": {"amount": {"eq": "1.5"}}});
    let counted = admin.filter("things", &given, "count=exact&limit=1").await;
    assert_eq!(counted.ok()["count"], ALL + 1);
    // The default is no more than what the records had: a value can be another one, and none at all.
    let optional =
        json!([{"op": "updateField", "object": "thing", "field": "size", "required": false}]);
    admin.change(optional).await.ok();
    let changed = admin.patch("things", &ids[1], json!({"size": null})).await;
    assert_eq!(changed.ok()["size"], Json::Null);
    let none = admin.list("things", "size[isNull]=true").await.ids();
    assert_eq!(none, [ids[1].clone()]);
}

#[tokio::test]
async fn a_default_longer_than_a_page_of_the_database_is_given_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(json!([thing(&json!([]))])).await.ok();
    let id = admin.make("things", json!({})).await;
    let long = long_text();
    let fields = [
        ("essay", json!({"type": "longText"}), json!(long)),
        ("tree", json!({"type": "json"}), json!({"text": long})),
        (
            "motto",
            json!({"type": "text", "maxLength": 4_000}),
            json!("\u{fc}".repeat(3_000)),
        ),
    ];
    let operations = fields
        .each_ref()
        .map(|(name, of_type, default)| required(name, of_type.clone(), default));
    let report = admin.change(json!(operations)).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], 1, "{report}");
    let record = admin.get("things", &id).await.ok();
    for (name, _, default) in &fields {
        assert_eq!(record[name], *default, "{name}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_of_the_records_that_get_a_default() {
    let app = TestApp::start().await;
    let (admin, _) = things(&app).await;
    let field = json!({"name": "tier", "type": "text", "required": true, "default": "basic"});
    let path = "objects/thing/fields?dryRun=true";
    let report = admin.meta("POST", path, field).await.ok();
    assert_eq!(report["applicable"], true, "{report}");
    let impact = &report["operations"][0];
    assert_eq!(impact["rowsAffected"], ALL, "{impact}");
    assert_eq!(impact["rowsFailing"], 0, "{impact}");
    let milliseconds = impact["expectedTime"]["milliseconds"].as_u64();
    assert!(
        milliseconds.is_some_and(|it| (10..1_000).contains(&it)),
        "{impact}"
    );
    let twice =
        json!({"name": "code", "type": "text", "required": true, "unique": true, "default": "x"});
    let report = admin.meta("POST", path, twice).await.ok();
    assert_eq!(report["applicable"], false, "{report}");
}
