//! JSON Schema of bodies: it takes what the server takes and refuses what the server refuses.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp, Validator};

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
        json!({"name": ""}),
        with("city", json!("")),
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
        with("weight", json!("1.2345")),
        with("weight", json!("-0001.2000")),
        with("weight", json!("1234567890")),
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

#[tokio::test]
async fn it_has_what_a_form_shows() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let options = json!([{"name": "low", "label": "Low", "labels": {"de": "Niedrig"}},
        {"name": "old", "label": "Old", "active": false}]);
    let operations = json!([{"op": "addObjectType", "name": "memo", "plural": "memos", "fields": [
        {"name": "zeta", "type": "text", "required": true, "label": "Zeta", "help": "Comes first"},
        {"name": "alpha", "type": "decimal", "scale": 1, "max": "9.5", "default": "1.5",
            "labels": {"de": "Alpha auf Deutsch"}},
        {"name": "level", "type": "select", "options": options},
        {"name": "levels", "type": "multiSelect", "options": options},
        {"name": "owner", "type": "reference", "target": "person", "inverse": {"name": "memos"}},
    ]}]);
    admin.change(operations).await.ok();
    let ask = async |of: &str| {
        let path = format!("/v1/meta/objects/memo/schema?for={of}");
        let request = admin.request(reqwest::Method::GET, &path);
        admin
            .send(request.header("accept-language", "de"))
            .await
            .ok()
    };
    let create = ask("create").await;
    let properties = create["properties"].as_object().expect("properties");
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(
        names[..6],
        ["ownerId", "zeta", "alpha", "level", "levels", "owner"]
    );
    let low = json!({"const": "low", "title": "Niedrig"});
    let rows = [
        ("/zeta/title", json!("Zeta")),
        ("/zeta/description", json!("Comes first")),
        ("/zeta/minLength", json!(1)),
        ("/zeta/x-relata/type", json!("text")),
        ("/zeta/x-relata/position", json!(0)),
        ("/alpha/title", json!("Alpha auf Deutsch")),
        ("/alpha/default", json!("1.5")),
        (
            "/alpha/x-relata",
            json!({"type": "decimal", "position": 1, "precision": 18, "scale": 1,
            "min": "-99999999999999999.9", "max": "9.5"}),
        ),
        ("/level/oneOf", json!([low, {"type": "null"}])),
        ("/levels/items/oneOf", json!([low])),
        (
            "/owner/x-relata",
            json!({"type": "reference", "position": 4, "target": "person"}),
        ),
    ];
    for (pointer, expected) in rows {
        let found = create["properties"].pointer(pointer);
        assert_eq!(found, Some(&expected), "{pointer}: {create}");
    }
    let update = ask("update").await;
    assert_eq!(update["properties"]["alpha"]["default"], Json::Null);
    assert_eq!(
        update["properties"]["level"]["oneOf"][1],
        json!({"const": "old", "title": "Old", "deprecated": true})
    );
    let validator = Validator::new(create);
    assert!(validator.is_valid(&json!({"zeta": "z", "level": "low", "levels": ["low"]})));
    assert!(validator.is_valid(&json!({"zeta": "z", "level": null})));
    assert!(!validator.is_valid(&json!({"zeta": "z", "level": "old"})));
}
