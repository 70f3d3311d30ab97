//! Reads of fields that are told: who has read what of how many records, over both faces, and never a value.

use serde_json::{Value as Json, json};
use time::Duration;

use crate::support::{Client, Rules, TestApp};

/// The entries about reads, newest first, each as its principal and its details.
async fn told(app: &TestApp) -> Vec<(Json, Json)> {
    let admin = app.admin_anew().await;
    let log = admin
        .get_path("/v1/meta/audit", "kind=personalDataRead")
        .await
        .ok();
    let entries = log["data"].as_array().expect("entries").iter();
    entries
        .map(|entry| (entry["principal"]["id"].clone(), entry["details"].clone()))
        .collect()
}

async fn me(client: &Client) -> Json {
    client.get_path("/v1/auth/me", "").await.ok()["id"].clone()
}

/// Two people at an organization; e-mail addresses of people and phones of organizations are told.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "updateField", "object": "person", "field": "email", "personalData": "personal", "auditReads": true},
        {"op": "updateField", "object": "organization", "field": "phone", "auditReads": true},
        {"op": "updateField", "object": "person", "field": "lastName", "personalData": "personal"},
    ]);
    admin.change(operations).await.ok();
    let acme = json!({"name": "Acme", "phone": "+31612345678"});
    let acme = admin.make("organizations", acme).await;
    for name in ["Ann", "Ben"] {
        let person =
            json!({"firstName": name, "lastName": "Doe", "email": format!("{name}@example.com")});
        let person = admin.make("people", person).await;
        admin
            .link(&format!("people/{person}/employers"), &acme, json!({}))
            .await
            .status(201);
    }
    // What the administrator was answered with its own writes.
    app.advance(Duration::minutes(2));
    app
}

fn rules() -> Rules {
    Rules::none()
        .read("person")
        .read("organization")
        .read("employment")
}

#[tokio::test]
async fn a_read_of_a_field_that_is_told_makes_an_entry() {
    let app = start().await;
    let before = told(&app).await.len();
    let [person, key] = app.person_and_key("reader", rules()).await;
    // Of these the log tells nothing, whatever they filter and sort by.
    for client in [&person, &key] {
        client
            .list("people", "fields=firstName,lastName&sort=email")
            .await
            .ok();
        client
            .list("people", "fields=email&email[eq]=nobody@example.com")
            .await
            .ok();
        client
            .graphql("{ people { totalCount } }", Json::Null)
            .await
            .data();
    }
    assert_eq!(told(&app).await.len(), before);
    person.list("people", "fields=firstName,email").await.ok();
    key.graphql(
        "{ organizations { nodes { name phone employees { nodes { again: email } } } } }",
        Json::Null,
    )
    .await
    .data();
    let entries = told(&app).await;
    assert_eq!(entries.len(), before + 2, "{entries:?}");
    let (of_key, of_person) = (&entries[0], &entries[1]);
    assert_eq!(of_person.0, me(&person).await);
    assert_eq!(
        of_person.1,
        json!({"fields": {"person": ["email"]}, "records": 2, "count": 1})
    );
    assert_eq!(of_key.0, me(&key).await);
    assert_eq!(
        of_key.1,
        json!({"fields": {"organization": ["phone"], "person": ["email"]}, "records": 3, "count": 1})
    );
    let text = format!("{entries:?}");
    assert!(
        !text.contains("@example.com") && !text.contains("+316"),
        "{text}"
    );
}

#[tokio::test]
async fn reads_of_the_same_are_counted_together() {
    let app = start().await;
    let client = app.role("reader", rules()).await;
    let before = told(&app).await.len();
    let ids = client.list("people", "fields=firstName").await.ids();
    for id in ids.iter().chain(&ids) {
        client
            .get_path(&format!("/v1/data/people/{id}"), "fields=email")
            .await
            .ok();
        told(&app).await;
    }
    app.advance(Duration::minutes(2));
    let entries = told(&app).await;
    assert_eq!(entries.len(), before + 2, "{entries:?}");
    assert_eq!(
        (&entries[0].1["count"], &entries[0].1["records"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        (&entries[1].1["count"], &entries[1].1["records"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn what_shows_masked_or_in_a_name_and_what_a_write_answers_is_told() {
    let app = start().await;
    let admin = app.admin_anew().await;
    let named = json!([{"op": "updateObjectType", "object": "person", "displayTemplate": "{firstName} <{email}>"}]);
    admin.change(named).await.ok();
    let rules = Rules::none()
        .allow("read", "person", json!({"masks": {"email": "domain"}}))
        .allow("update", "person", json!({}));
    let client = app.role("reader", rules).await;
    let before = told(&app).await.len();
    client.list("people", "fields=displayName").await.ok();
    assert_eq!(told(&app).await.len(), before + 1);
    app.advance(Duration::minutes(2));
    client.list("people", "fields=email").await.ok();
    assert_eq!(told(&app).await.len(), before + 2);
    app.advance(Duration::minutes(2));
    let ids = client.list("people", "fields=firstName").await.ids();
    client
        .patch("people", &ids[0], json!({"firstName": "Anna"}))
        .await
        .ok();
    let entries = told(&app).await;
    assert_eq!(entries.len(), before + 3, "{entries:?}");
    assert_eq!(entries[0].1["records"], 1);
}
