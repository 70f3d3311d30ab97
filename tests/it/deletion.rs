//! What happens to what hangs on a record when it is deleted, and when it comes back: detached, in the
//! way, deleted with it, or a part of it.

mod definitions;
mod links;
mod parallel;
mod parts;
mod references;
mod sight;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Accounts, on which everything hangs: contracts are deleted with them and have clauses as their parts;
/// invoices stand in the way; memos stay.
fn schema() -> Json {
    let named = |name: &str, plural: &str, reference: Json| {
        json!({"op": "addObjectType", "name": name, "plural": plural, "title": "name", "fields": [
            {"name": "name", "type": "text", "required": true, "unique": name == "clause"},
            reference,
        ]})
    };
    let to = |target: &str, inverse: &str, more: Json| {
        let mut field = json!({"name": target, "type": "reference", "target": target,
                               "inverse": {"name": inverse}});
        let (Some(field), Some(more)) = (field.as_object_mut(), more.as_object()) else {
            panic!("objects");
        };
        field.extend(more.clone());
        Json::Object(field.clone())
    };
    json!([
        {"op": "addObjectType", "name": "account", "plural": "accounts", "title": "name",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        named("contract", "contracts", to("account", "contracts", json!({"onDelete": "cascade"}))),
        named("clause", "clauses", to("contract", "clauses", json!({"owned": true, "required": true}))),
        named("invoice", "invoices", to("account", "invoices", json!({"onDelete": "restrict"}))),
        named("memo", "memos", to("account", "memos", json!({}))),
        {"op": "addField", "object": "contract", "field":
            {"name": "clauseCount", "type": "rollup", "of": "clauses", "function": "count"}},
        {"op": "addField", "object": "account", "field":
            {"name": "contractCount", "type": "rollup", "of": "contracts", "function": "count"}},
    ])
}

/// A fresh installation with these types.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.admin().change(schema()).await.ok();
    app
}

/// A record with a name that refers to another.
async fn make(client: &Client, objects: &str, name: &str, reference: (&str, &str)) -> String {
    let values = json!({"name": name, reference.0: reference.1});
    client.make(objects, values).await
}

async fn account(client: &Client, name: &str) -> String {
    client.make("accounts", json!({"name": name})).await
}

/// The names of the records that are there, in order.
async fn names(client: &Client, objects: &str) -> Vec<String> {
    client.list(objects, "sort=name").await.column("name")
}

/// A field of a record.
async fn field(client: &Client, objects: &str, id: &str, name: &str) -> Json {
    client.get(objects, id).await.ok()[name].clone()
}
