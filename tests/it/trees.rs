//! Trees: records of one type of which each lies below another one.

mod filters;
mod moves;
mod sight;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Units of an enterprise, each part of another one.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let operations = json!([
        {"op": "addObjectType", "name": "unit", "plural": "units", "title": "name", "fields": [
            {"name": "name", "type": "text", "required": true},
            {"name": "parent", "type": "reference", "target": "unit", "tree": true,
             "inverse": {"name": "children"}}]},
    ]);
    app.admin().change(operations).await.ok();
    app
}

async fn unit(client: &Client, name: &str, parent: Option<&str>) -> String {
    client
        .make("units", json!({"name": name, "parent": parent}))
        .await
}

/// A chain of units, each below the one before.
async fn chain(client: &Client, names: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for name in names {
        let id = unit(client, name, ids.last().map(String::as_str)).await;
        ids.push(id);
    }
    ids
}

/// The names of the units whose place the filter is about, in order.
async fn found(client: &Client, operator: &str, of: &str) -> Vec<String> {
    let filter = json!({"parent": {operator: of}});
    let answer = client.filter("units", &filter, "sort=name&limit=200").await;
    answer.column("name")
}

/// Creates many units in few requests: each name with the place of its parent among those before it.
async fn plant(client: &Client, units: &[(String, Option<usize>)]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    while ids.len() < units.len() {
        // Those of a level can be made together: their parents are there.
        let made = ids.len();
        let ready = units[made..].iter().take(50);
        let ready: Vec<_> = ready
            .take_while(|(_, parent)| parent.is_none_or(|parent| parent < made))
            .collect();
        let mut document = String::from("mutation {");
        for (at, (name, parent)) in ready.iter().enumerate() {
            let parent = parent.map_or_else(|| Json::Null, |parent| json!(ids[parent]));
            document.push_str(&format!(
                " u{at}: createUnit(input: {{ name: \"{name}\", parent: {parent} }}) {{ id }}"
            ));
        }
        document.push('}');
        let data = client.graphql(&document, json!({})).await.data();
        for at in 0..ready.len() {
            ids.push(
                data[format!("u{at}")]["id"]
                    .as_str()
                    .expect("an id")
                    .to_owned(),
            );
        }
    }
    ids
}
