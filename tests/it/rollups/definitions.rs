//! Defining rollups: what is refused, what is filled, and what a definition holds on to.

use serde_json::{Value as Json, json};

use super::{add, of, rollup, ventures};
use crate::support::TestApp;

#[tokio::test]
async fn a_definition_that_makes_no_sense_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let with = |key: &str, value: Json| {
        let mut input = rollup("x", "deals", "sum", "amount");
        input[key] = value;
        input
    };
    for (field, code, place) in [
        (with("of", json!("nothing")), 400, "/of"),
        (with("of", json!(3)), 400, "/of"),
        (with("function", json!("median")), 422, "/function"),
        (with("field", json!("nothing")), 400, "/field"),
        (with("field", json!("link.amount")), 400, "/field"),
        (with("field", json!("title")), 422, "/field"),
        (
            with("filter", json!({"nothing": {"eq": 1}})),
            400,
            "/filter/nothing",
        ),
        (
            with("filter", json!({"amount": {"gte": "x"}})),
            422,
            "/filter/amount/gte",
        ),
        (
            with("filter", json!({"createdAt": {"lt": "$now"}})),
            422,
            "/filter",
        ),
        (
            with("filter", json!({"version": {"gt": 1}})),
            422,
            "/filter",
        ),
        (with("filter", json!("won")), 400, "/filter"),
        (with("unique", json!(true)), 422, "/unique"),
        (with("required", json!(true)), 422, "/required"),
        (with("default", json!("1")), 422, "/default"),
        (with("precision", json!(3)), 400, "/precision"),
        (rollup("x", "deals", "count", "amount"), 422, "/field"),
        (rollup("x", "deals", "sum", ""), 422, "/field"),
        (rollup("x", "deals", "max", "stage"), 422, "/field"),
    ] {
        let answer = admin
            .meta("POST", "objects/venture/fields", field.clone())
            .await;
        assert!(matches!(answer.code(), 400 | 422), "{field}\n{answer}");
        let errors = answer.json()["errors"].to_string();
        assert!(
            errors.contains(place),
            "{place} of {field} ({code})\n{answer}"
        );
    }
    let on_link = rollup("x", "deals", "count", "");
    let answer = admin.meta("POST", "relations/share/fields", on_link).await;
    assert!(matches!(answer.code(), 400 | 422), "{answer}");
}

#[tokio::test]
async fn a_new_rollup_is_filled_and_nobody_writes_it() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let none = admin.make("ventures", json!({"name": "None"})).await;
    for amount in ["1.50", "2.25"] {
        admin
            .make(
                "deals",
                json!({"venture": acme, "amount": amount, "stage": "won"}),
            )
            .await;
    }
    let before = admin.get("ventures", &acme).await;
    let report = admin
        .change(json!([{"op": "addField", "object": "venture",
        "field": rollup("total", "deals", "sum", "amount")}]))
        .await
        .ok();
    assert_eq!(report["operations"][0]["rowsAffected"], 2);
    assert_eq!(
        of(&admin, "ventures", &acme, &["total", "version"]).await,
        [json!("3.75"), json!(1)]
    );
    assert_eq!(
        of(&admin, "ventures", &none, &["total"]).await,
        [json!("0.00")]
    );
    assert_eq!(
        before.header("etag"),
        admin.get("ventures", &acme).await.header("etag")
    );

    // Another filter is filled as well, and is a change of the record.
    let patch = json!({"filter": {"amount": {"gt": "2"}}});
    admin
        .meta("PATCH", "objects/venture/fields/total", patch)
        .await
        .ok();
    assert_eq!(
        of(&admin, "ventures", &acme, &["total", "version"]).await,
        [json!("2.25"), json!(2)]
    );
    let described = admin.meta("GET", "objects/venture", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let total = fields
        .iter()
        .find(|field| field["name"] == "total")
        .expect("the field");
    assert_eq!(total["of"], "deals");
    assert_eq!(total["function"], "sum");
    assert_eq!(total["field"], "amount");
    assert_eq!(total["filter"], json!({"amount": {"gt": "2"}}));
    assert_eq!(
        total["result"],
        json!({"type": "decimal", "precision": 18, "scale": 2})
    );
    assert_eq!(
        (&total["creatable"], &total["updatable"]),
        (&json!(false), &json!(false))
    );
    assert!(total["operators"].to_string().contains("between"));
    let patch = json!({"filter": null});
    admin
        .meta("PATCH", "objects/venture/fields/total", patch)
        .await
        .ok();
    assert_eq!(
        of(&admin, "ventures", &acme, &["total"]).await,
        [json!("3.75")]
    );
    let patch = json!({"function": "max"});
    let refused = admin
        .meta("PATCH", "objects/venture/fields/total", patch)
        .await;
    assert_eq!(refused.code(), 400, "{refused}");

    let answer = admin
        .create("ventures", json!({"name": "x", "total": "5"}))
        .await;
    answer.problem_at(422, "validation_failed", "/total");
    let answer = admin.patch("ventures", &acme, json!({"total": "5"})).await;
    answer.problem_at(422, "validation_failed", "/total");
    let input = admin.graphql(
        r#"{ __type(name: "VentureCreateInput") { inputFields { name } } }"#,
        Json::Null,
    );
    assert!(!input.await.text().contains("total"));
    let listed = admin
        .filter("ventures", &json!({"total": {"gte": "3"}}), "sort=-total")
        .await;
    assert_eq!(listed.ids(), [acme]);
    let sorted = admin.list("ventures", "sort=total&fields=name,total").await;
    assert_eq!(sorted.column("name"), ["None", "Acme"]);
}

#[tokio::test]
async fn what_a_rollup_needs_stays_and_names_may_change() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let mut field = rollup("total", "deals", "sum", "amount");
    field["filter"] = json!({"region": {"name": {"eq": "North"}}});
    add(&admin, "venture", field).await;
    for (method, path) in [
        ("DELETE", "objects/deal/fields/amount"),
        ("DELETE", "objects/deal/fields/venture"),
        ("DELETE", "objects/deal/fields/region"),
        ("DELETE", "objects/region/fields/name"),
        ("DELETE", "objects/region"),
        ("DELETE", "objects/deal"),
    ] {
        let answer = admin.meta(method, path, Json::Null).await;
        assert!(matches!(answer.code(), 400 | 409 | 422), "{path}\n{answer}");
        assert!(answer.text().contains("venture.total"), "{path}\n{answer}");
    }
    for (path, name) in [
        ("objects/deal/fields/amount", "sum"),
        ("objects/deal/fields/region", "area"),
        ("objects/region/fields/name", "title"),
        ("objects/venture/fields/total", "northern"),
    ] {
        admin.meta("PATCH", path, json!({"name": name})).await.ok();
    }
    let north = admin.make("regionss", json!({"title": "North"})).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    admin
        .make("deals", json!({"venture": acme, "area": north, "sum": "3"}))
        .await;
    assert_eq!(
        of(&admin, "ventures", &acme, &["northern"]).await,
        [json!("3.00")]
    );

    // In one changeset with the rollup, everything may go.
    let all = json!([
        {"op": "deleteField", "object": "deal", "field": "sum"},
        {"op": "deleteField", "object": "venture", "field": "northern"},
    ]);
    admin.change(all).await.ok();
    admin
        .make("deals", json!({"venture": acme, "area": north}))
        .await;
}

#[tokio::test]
async fn rollups_that_depend_on_each_other_are_refused() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let parent = json!({"name": "parent", "type": "reference", "target": "venture",
        "inverse": {"name": "children", "label": "Children"}});
    add(&admin, "venture", parent).await;
    add(&admin, "venture", rollup("number", "children", "count", "")).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let child = admin
        .make("ventures", json!({"name": "Child", "parent": acme}))
        .await;
    admin
        .make("ventures", json!({"name": "Grandchild", "parent": child}))
        .await;
    assert_eq!(of(&admin, "ventures", &acme, &["number"]).await, [json!(1)]);
    let mut field = rollup("busy", "children", "count", "");
    field["filter"] = json!({"number": {"gt": 0}});
    add(&admin, "venture", field).await;
    assert_eq!(of(&admin, "ventures", &acme, &["busy"]).await, [json!(1)]);
    let patch = json!({"filter": {"busy": {"gt": 0}}});
    let refused = admin
        .meta("PATCH", "objects/venture/fields/number", patch)
        .await;
    assert!(matches!(refused.code(), 400 | 422), "{refused}");
    assert!(refused.text().contains("depend on itself"), "{refused}");
}
