//! Rollups: what the server keeps of the members of a collection is right in the same commit, whoever
//! writes, and shows to nobody more than the rules do.

mod days;
mod definitions;
mod following;
mod formulas;
mod links;
mod parallel;
mod verify;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Ventures with deals and partners: a reference, and a relation with a field of its own.
async fn ventures(app: &TestApp) -> Client {
    let admin = app.admin();
    let stages = ["open", "won", "lost"].map(|name| json!({"name": name, "label": name}));
    let operations = json!([
        {"op": "addObjectType", "name": "venture", "plural": "ventures",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        {"op": "addObjectType", "name": "region", "plural": "regionss",
         "fields": [{"name": "name", "type": "text"}, {"name": "active", "type": "boolean"}]},
        {"op": "addObjectType", "name": "deal", "plural": "deals", "fields": [
            {"name": "title", "type": "text"},
            {"name": "amount", "type": "decimal", "precision": 12, "scale": 2},
            {"name": "price", "type": "money"},
            {"name": "pieces", "type": "integer"},
            {"name": "closed", "type": "date"},
            {"name": "stage", "type": "select", "options": stages},
            {"name": "venture", "type": "reference", "target": "venture",
             "inverse": {"name": "deals", "label": "Deals"}},
            {"name": "region", "type": "reference", "target": "region",
             "inverse": {"name": "regionDeals", "label": "Deals"}}]},
        {"op": "addRelationType", "name": "share", "allowDuplicates": true,
         "source": {"object": "venture", "name": "holders"},
         "target": {"object": "organization", "name": "holdings"},
         "fields": [{"name": "part", "type": "percent"}, {"name": "silent", "type": "boolean"}]},
    ]);
    admin.change(operations).await.ok();
    admin
}

/// A rollup on ventures.
fn rollup(name: &str, of: &str, function: &str, field: &str) -> Json {
    let mut input = json!({"name": name, "type": "rollup", "of": of, "function": function});
    if !field.is_empty() {
        input["field"] = json!(field);
    }
    input
}

async fn add(admin: &Client, object: &str, field: Json) {
    let path = format!("objects/{object}/fields");
    admin.meta("POST", &path, field).await.status(201);
}

/// Some fields of a record, in order.
async fn of(client: &Client, objects: &str, id: &str, fields: &[&str]) -> Vec<Json> {
    let record = client.get(objects, id).await.ok();
    fields.iter().map(|field| record[field].clone()).collect()
}
