//! References beyond those to one type: to several types and to any.

mod any;
mod changes;
mod lookups;
mod named;
mod several;
mod sight;
mod users;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// An id that no record has.
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// Accounts, contacts, and activities that regard one of them or an organization, and are about
/// anything.
fn schema() -> Json {
    let named = |name: &str| {
        json!({"op": "addObjectType", "name": name, "plural": format!("{name}s"), "title": "name", "fields": [
            {"name": "name", "type": "text", "required": true},
            {"name": "city", "type": "text"},
        ]})
    };
    json!([
        named("account"),
        named("contact"),
        {"op": "addObjectType", "name": "activity", "plural": "activities", "title": "subject", "fields": [
            {"name": "subject", "type": "text", "required": true},
            {"name": "regarding", "type": "reference", "targets": ["account", "contact", "organization"],
             "inverse": {"name": "activities"}},
            {"name": "about", "type": "reference", "any": true},
        ]},
    ])
}

/// A fresh installation with these types.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.admin().change(schema()).await.ok();
    app
}

/// Some records: `[account in Utrecht, account in Zeist, contact, organization]`.
async fn parties(admin: &Client) -> [String; 4] {
    let at = |name: &str, city: &str| json!({"name": name, "city": city});
    [
        admin.make("accounts", at("Alfa", "Utrecht")).await,
        admin.make("accounts", at("Beta", "Zeist")).await,
        admin.make("contacts", at("Carla", "Utrecht")).await,
        admin
            .make("organizations", json!({"name": "Delta", "city": "Utrecht"}))
            .await,
    ]
}

/// The value of a reference to several types.
fn pointer(of_type: &str, id: &str) -> Json {
    json!({"type": of_type, "id": id})
}

/// An activity that regards this.
async fn activity(admin: &Client, subject: &str, regarding: Json) -> String {
    let values = json!({"subject": subject, "regarding": regarding});
    admin.make("activities", values).await
}

/// The subjects of the activities that match, by subject.
async fn subjects(client: &Client, filter: &Json) -> Vec<String> {
    let found = client.filter("activities", filter, "sort=subject").await;
    found.column("subject")
}
