//! The contract: what is committed is what a fresh installation serves an administrator, and it
//! follows the schema.

mod callers;

use std::{fs, path::Path};

use serde_json::{Value as Json, json};

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_contract_is_what_is_served() {
    let app = TestApp::start().await;
    let served = app.admin().call("GET", "/openapi.json", &Json::Null).await;
    served.ok();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let committed = fs::read_to_string(file).expect("openapi.json is committed");
    // Not assert_eq: two documents of ten thousand lines say nothing to a reader.
    let lines = committed
        .lines()
        .zip(served.text().lines().map(str::to_owned).collect::<Vec<_>>());
    for (number, (committed, served)) in lines.enumerate() {
        assert!(
            committed == served,
            "openapi.json is stale at line {}: run `make openapi`\n  committed {committed}\n  served    {served}",
            number + 1,
        );
    }
    assert!(
        committed == served.text(),
        "openapi.json is stale: run `make openapi`"
    );
}

#[tokio::test]
async fn the_contract_follows_the_schema_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let field = json!({"name": "tonnage", "type": "decimal"});
    let vessel =
        json!({"op": "addObjectType", "name": "vessel", "plural": "vessels", "fields": [field]});
    admin.change(json!([vessel])).await.ok();
    let contract = admin.call("GET", "/openapi.json", &Json::Null).await;
    let paths = contract.ok()["paths"].clone();
    assert!(
        paths.get("/v1/data/vessels/{id}").is_some(),
        "no path of the new type"
    );
    assert!(contract.text().contains("\"tonnage\""));
    admin
        .change(json!([{"op": "deleteObjectType", "object": "vessel"}]))
        .await
        .ok();
    let contract = admin.call("GET", "/openapi.json", &Json::Null).await;
    assert!(!contract.text().contains("vessel") && !contract.text().contains("tonnage"));
}
