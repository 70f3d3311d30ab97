//! JSON Schema of bodies: it takes what the server takes and refuses what the server refuses.

use serde_json::{Value as Json, json};

use super::validator::Validator;
use crate::support::{Client, Kind, TestApp};

async fn validator(client: &Client, kind: Kind, of: &str) -> Validator {
    let path = format!("objects/{}/schema?for={of}", kind.name);
    let answer = client.meta("GET", &path, Json::Null).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/schema+json")
    );
    let schema = answer.ok();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    Validator::new(schema)
}

/// Bodies that create a record, or do not.
fn bodies(reference: &str) -> Vec<Json> {
    let with = |name: &str, value: Json| json!({"name": "A", name: value});
    vec![
        json!({"name": "A"}),
        json!({"name": null}),
        json!({"name": 1}),
        json!({"name": "A".repeat(201)}),
        with("unheardOf", json!(1)),
        with("id", json!("00000000-0000-7000-8000-000000000000")),
        with("version", json!(1)),
        with("city", Json::Null),
        with("employeeCount", json!(3)),
        with("employeeCount", json!("3")),
        with("employeeCount", json!(3.5)),
        with("serial", json!("9007199254740993")),
        with("serial", json!([])),
        with("weight", json!("1.250")),
        with("weight", json!("x")),
        with("listed", json!(true)),
        with("listed", json!("true")),
        with("founded", json!("2026-02-28")),
        with("founded", json!("2026-02-30")),
        with("seenAt", json!("2026-02-28T12:00:00Z")),
        with("seenAt", json!("noon")),
        with("status", json!("active")),
        with("status", json!("sleeping")),
        with("kinds", json!(["customer", "carrier"])),
        with("kinds", json!(["customer", "king"])),
        with("kinds", json!("customer")),
        with(
            "annualRevenue",
            json!({"amount": "10.5", "currency": "EUR"}),
        ),
        with("annualRevenue", json!({"amount": "10.5"})),
        with("annualRevenue", json!("10.5")),
        with("email", json!("a@example.com")),
        with("email", json!("no address")),
        with("extra", json!({"any": ["thing"]})),
        with("parent", json!(reference)),
        with("parent", json!({"id": reference})),
        with("parent", json!({"name": "x"})),
        with("parent", json!(7)),
        json!([]),
        json!("A"),
    ]
}

#[tokio::test]
async fn it_agrees_with_the_server() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (reference, other) = (kind.make(&admin, "P").await, kind.make(&admin, "Q").await);
        let create = validator(&admin, kind, "create").await;
        let update = validator(&admin, kind, "update").await;
        assert!(update.is_valid(&json!({})) && !create.is_valid(&json!({})));
        for body in bodies(&reference) {
            let code = admin.create(kind.plural, body.clone()).await.code();
            let (accepted, said) = (code == 201, create.is_valid(&body));
            assert_eq!(accepted, said, "create {code}: {body}");
            let code = admin.patch(kind.plural, &other, body.clone()).await.code();
            let (accepted, said) = (code == 200, update.is_valid(&body));
            assert_eq!(accepted, said, "update {code}: {body}");
        }
    }
}

#[tokio::test]
async fn a_read_only_field_is_in_no_schema() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let path = format!("objects/{}/fields/city", kind.name);
        admin
            .meta("PATCH", &path, json!({"readOnly": true}))
            .await
            .ok();
        for of in ["create", "update"] {
            let body = json!({"name": "A", "city": "Utrecht"});
            assert!(!validator(&admin, kind, of).await.is_valid(&body));
        }
    }
}
