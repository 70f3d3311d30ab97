//! Auto numbers: what they look like, that no two are the same, and that nobody writes them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use time::Duration;
use tokio::task::JoinSet;

use crate::support::{Client, Rules, TestApp};

async fn invoices(admin: &Client, number: Json) {
    let operations = json!([{"op": "addObjectType", "name": "invoice", "plural": "invoices", "title": "number",
        "fields": [number, {"name": "memo", "type": "text", "unique": true}]}]);
    admin.change(operations).await.ok();
}

fn yearly() -> Json {
    json!({"name": "number", "type": "autoNumber", "format": "INV-{YYYY}-{0000}", "restart": "year"})
}

async fn number(admin: &Client, id: &str) -> String {
    let read = admin.get("invoices", id).await.ok();
    read["number"].as_str().expect("a number").to_owned()
}

#[tokio::test]
async fn fifty_writers_at_once_get_fifty_numbers() {
    let app = TestApp::start().await;
    let admin = app.admin();
    invoices(
        &admin,
        json!({"name": "number", "type": "autoNumber", "format": "{000}"}),
    )
    .await;
    let mut writers = JoinSet::new();
    for at in 0..50 {
        let client = app.admin();
        writers.spawn(async move {
            let created = client
                .create("invoices", json!({"memo": format!("m{at}")}))
                .await;
            let body = created.status(201).json();
            body["number"].as_str().expect("a number").to_owned()
        });
    }
    let numbers: BTreeSet<String> = writers.join_all().await.into_iter().collect();
    assert_eq!(numbers.len(), 50);
    let expected: BTreeSet<String> = (1..=50).map(|at| format!("{at:03}")).collect();
    assert_eq!(numbers, expected, "nobody failed, so there is no gap");
}

#[tokio::test]
async fn a_counter_begins_anew_with_its_period() {
    let app = TestApp::start().await;
    let admin = app.admin();
    invoices(&admin, yearly()).await;
    let first = admin.make("invoices", json!({})).await;
    let second = admin.make("invoices", json!({})).await;
    let first = number(&admin, &first).await;
    assert!(
        first.starts_with("INV-20") && first.ends_with("-0001"),
        "{first}"
    );
    assert!(number(&admin, &second).await.ends_with("-0002"));
    app.advance(Duration::days(366));
    let later = app
        .sign_in("admin@example.com", "correct horse battery staple")
        .await;
    let next = later.make("invoices", json!({})).await;
    let next = number(&later, &next).await;
    assert!(next.ends_with("-0001") && next != first, "{next}");
    // A deleted record keeps its number; nobody gets it again.
    let last = later.make("invoices", json!({})).await;
    later.delete("invoices", &last).await.status(204);
    let after = later.make("invoices", json!({})).await;
    assert!(number(&later, &after).await.ends_with("-0003"));
}

#[tokio::test]
async fn nobody_writes_a_number_and_everybody_may_look_for_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    invoices(&admin, yearly()).await;
    let one = admin.make("invoices", json!({"memo": "one"})).await;
    let shown = number(&admin, &one).await;
    admin
        .create("invoices", json!({"number": "INV-1"}))
        .await
        .problem_at(422, "validation_failed", "/number");
    admin
        .patch("invoices", &one, json!({"number": shown}))
        .await
        .problem_at(422, "validation_failed", "/number");
    // A refused create leaves no hole on the way: the memo is taken.
    admin
        .create("invoices", json!({"memo": "one"}))
        .await
        .problem(409, "unique_conflict");
    let filter = json!({"number": {"startsWith": "INV-", "in": [shown]}});
    let found = admin.filter("invoices", &filter, "sort=-number").await;
    assert_eq!(found.ids(), std::slice::from_ref(&one));
    let mutation =
        r"mutation($i: InvoiceInput!) { createInvoice(input: $i) { invoice { number memo } } }";
    let created = admin
        .graphql(mutation, json!({"i": {"memo": "two"}}))
        .await
        .text();
    assert!(created.contains("INV-"), "{created}");
    let refused = admin
        .graphql(mutation, json!({"i": {"number": "INV-9"}}))
        .await
        .text();
    assert!(refused.contains("errors"), "{refused}");

    let described = admin.meta("GET", "objects/invoice", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields
        .iter()
        .find(|field| field["name"] == "number")
        .expect("it");
    assert_eq!(
        (
            &field["unique"],
            &field["creatable"],
            &field["updatable"],
            &field["format"]
        ),
        (
            &json!(true),
            &json!(false),
            &json!(false),
            &json!("INV-{YYYY}-{0000}")
        )
    );
    let rules = Rules::none()
        .allow("read", "invoice", json!({"fields": ["memo"]}))
        .allow("create", "invoice", json!({"fields": ["memo"]}));
    for client in app.person_and_key("desk", rules).await {
        let body = client
            .create("invoices", json!({}))
            .await
            .status(201)
            .text();
        assert!(!body.contains("INV-"), "{body}");
    }
}

#[tokio::test]
async fn records_that_are_there_are_numbered_in_their_order() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([{"op": "addObjectType", "name": "invoice", "plural": "invoices",
        "fields": [{"name": "memo", "type": "text"}]}]);
    admin.change(operations).await.ok();
    let mut ids = Vec::new();
    for at in 0..5 {
        ids.push(
            admin
                .make("invoices", json!({"memo": at.to_string()}))
                .await,
        );
    }
    admin.delete("invoices", &ids[1]).await.status(204);
    let add = json!([{"op": "addField", "object": "invoice", "field": yearly()}]);
    let report = admin.change(add).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], json!(5));
    admin.restore("invoices", &ids[1]).await.ok();
    for (at, id) in ids.iter().enumerate() {
        let number = number(&admin, id).await;
        assert!(number.ends_with(&format!("-{:04}", at + 1)), "{number}");
    }
    let next = admin.make("invoices", json!({})).await;
    assert!(number(&admin, &next).await.ends_with("-0006"));
}

#[tokio::test]
async fn a_link_has_numbers_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([{"op": "addRelationType", "name": "warranty",
        "source": {"object": "organization", "name": "warranties"},
        "target": {"object": "product", "name": "warrantors"},
        "fields": [{"name": "number", "type": "autoNumber", "format": "W{00}"}]}]);
    admin.change(operations).await.ok();
    let acme = admin.make("organizations", json!({"name": "Acme"})).await;
    for expected in ["W01", "W02"] {
        let chai = admin.make("products", json!({"name": expected})).await;
        let path = format!("organizations/{acme}/warranties");
        let linked = admin.link(&path, &chai, json!({})).await;
        assert!(linked.status(201).text().contains(expected), "{linked}");
    }
}

#[tokio::test]
async fn a_format_that_would_repeat_itself_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    invoices(&admin, yearly()).await;
    for (format, restart, word) in [
        (json!("INV"), Json::Null, "counter"),
        (json!("{0}{0}"), Json::Null, "once"),
        (json!("{YYY}-{0}"), Json::Null, "{YYY}"),
        (json!("{0"), Json::Null, "without"),
        (json!("}{0}"), Json::Null, "without"),
        (json!("{0000000000000000000}"), Json::Null, "18 digits"),
        (json!("INV-{0}"), json!("year"), "{YYYY}"),
        (json!("{YYYY}-{0}"), json!("month"), "{MM}"),
        (json!("{YY}{MM}-{0}"), json!("day"), "{DD}"),
        (json!("{YY}{0}"), json!("hour"), "hour"),
        (json!("a".repeat(61) + "{0}"), Json::Null, "60"),
        (json!(7), Json::Null, "string"),
        (Json::Null, Json::Null, "needs a format"),
    ] {
        let mut field = json!({"name": "other", "type": "autoNumber"});
        for (key, value) in [("format", format), ("restart", restart)] {
            if !value.is_null() {
                field[key] = value;
            }
        }
        let add = json!([{"op": "addField", "object": "invoice", "field": field}]);
        let text = admin
            .change(add)
            .await
            .problem(422, "validation_failed")
            .to_string();
        assert!(text.contains(word), "{word}: {text}");
    }
    for (member, value) in [("required", json!(true)), ("default", json!("INV-1"))] {
        let mut field = yearly();
        field["name"] = json!("other");
        field[member] = value;
        let add = json!([{"op": "addField", "object": "invoice", "field": field}]);
        admin.change(add).await.problem(422, "validation_failed");
    }
    let path = "objects/invoice/fields/number";
    admin
        .meta("PATCH", path, json!({"unique": false}))
        .await
        .problem(422, "validation_failed");
    admin
        .meta("PATCH", path, json!({"format": "X{0}"}))
        .await
        .status(400);
}
