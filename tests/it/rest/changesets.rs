//! The log of changesets: it gives back what was sent.

use serde_json::{Value as Json, json};

use crate::support::TestApp;

#[tokio::test]
async fn operations_and_defaults_keep_the_order_of_their_members() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let default = json!({"zebra": 1, "a": {"yes": true, "b": [3, 1]}});
    let field = json!({"name": "extra", "type": "json", "default": default});
    let operation = json!({"op": "addField", "object": "organization", "field": field});
    admin.change(json!([operation])).await.ok();

    let log = admin.call("GET", "/v1/meta/changesets", &Json::Null).await;
    assert!(log.text().contains(&default.to_string()), "{log}");

    let created = admin.create("organizations", json!({"name": "x"})).await;
    let text = created.status(201).text();
    assert!(text.contains(&default.to_string()), "{text}");
}
