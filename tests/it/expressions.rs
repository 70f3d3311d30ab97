//! Expressions over HTTP: formulas, conditions, defaults and templates on standard and custom types.

mod conditions;
mod formulas;
mod types;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// An application with orders and their lines, of custom types.
async fn shop() -> (TestApp, Client) {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "deal", "plural": "deals", "title": "number", "fields": [
            {"name": "number", "type": "text"},
            {"name": "rate", "type": "decimal", "precision": 10, "scale": 4},
        ]},
        {"op": "addObjectType", "name": "position", "plural": "positions", "fields": [
            {"name": "deal", "type": "reference", "target": "deal", "inverse": {"name": "positions"}},
            {"name": "price", "type": "money"},
            {"name": "quantity", "type": "integer"},
            {"name": "discount", "type": "percent"},
            {"name": "note", "type": "text"},
            {"name": "due", "type": "date"},
        ]},
    ]);
    admin.change(operations).await.ok();
    (app, admin)
}

/// A change that adds one field to a type.
fn add_field(object: &str, field: Json) -> Json {
    json!([{"op": "addField", "object": object, "field": field}])
}

/// A formula as a field.
fn formula(name: &str, result: &str, expression: &str) -> Json {
    json!({"name": name, "type": "formula", "result": result, "expression": expression})
}
