//! What must answer as if it did not exist, to the byte: types, fields and records, over both faces.

use serde_json::{Value as Json, json};

use crate::{
    access::{same, unknown},
    support::{Client, Response},
};

/// The id of no record.
pub(super) const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// The collections that paths go through.
const COLLECTIONS: [&str; 5] = ["interactions", "lines", "orderLines", "orders", "shipments"];

/// There are no such types, whose names stand between spaces.
pub(super) async fn hidden_types(client: &Client, types: &str) {
    for name in types.split_whitespace() {
        let missing = unknown(name);
        let names = (name, missing.as_str());
        let answers = asked_for_type(client, name).await;
        for (hidden, nothing) in answers.iter().zip(asked_for_type(client, &missing).await) {
            same(hidden, names, &nothing);
        }
    }
}

async fn asked_for_type(client: &Client, objects: &str) -> Vec<Response> {
    let query = format!("{{ {objects}(first: 1) {{ totalCount }} }}");
    let described = format!("/v1/meta/objects/{objects}");
    vec![
        client.list(objects, "").await.status(404).clone(),
        client.get(objects, NOTHING).await,
        client.query(objects, &json!({"count": "exact"})).await,
        client.create(objects, json!({"name": "x"})).await,
        client.patch(objects, NOTHING, json!({"name": "x"})).await,
        client.delete(objects, NOTHING).await,
        client.get_path(&described, "").await,
        client.graphql(&query, json!({})).await,
    ]
}

/// The last fields of these paths don't exist: not to select, to filter by nor to sort by.
pub(super) async fn hidden_fields(client: &Client, objects: &str, paths: &str) {
    for path in paths.split_whitespace() {
        let (way, hidden) = path.rsplit_once('.').unwrap_or(("", path));
        let missing = unknown(hidden);
        let other = if way.is_empty() {
            missing.clone()
        } else {
            format!("{way}.{missing}")
        };
        let answers = asked_for_field(client, objects, path).await;
        for (answer, nothing) in answers
            .iter()
            .zip(asked_for_field(client, objects, &other).await)
        {
            same(answer, (hidden, &missing), &nothing);
        }
    }
}

async fn asked_for_field(client: &Client, objects: &str, path: &str) -> Vec<Response> {
    let (mut filter, mut selected) = (json!({"isNull": true}), String::new());
    for (at, name) in path.rsplit('.').enumerate() {
        let is_collection = at > 0 && COLLECTIONS.contains(&name);
        filter = if is_collection {
            json!({name: {"some": filter}})
        } else {
            json!({name: filter})
        };
        selected = match (at, is_collection) {
            (0, _) => name.to_owned(),
            (_, true) => format!("{name} {{ nodes {{ {selected} }} }}"),
            (_, false) => format!("{name} {{ {selected} }}"),
        };
    }
    let query = format!("{{ {objects}(first: 1) {{ nodes {{ {selected} }} }} }}");
    let fields = client.list(objects, &format!("fields={path}")).await;
    fields.problem(400, "unknown_field");
    let asked = client.graphql(&query, json!({})).await;
    asked.error("invalid_query");
    vec![
        fields,
        client.list(objects, &format!("sort={path}")).await,
        client.filter(objects, &filter, "count=exact").await,
        client.query(objects, &json!({"filter": filter})).await,
        asked,
    ]
}

/// There is no such record: not to read, to change, to delete, to restore nor to walk from.
pub(super) async fn hidden_record(
    client: &Client,
    (objects, object): (&str, &str),
    id: &str,
    patch: &Json,
) {
    let answers = asked_for_record(client, (objects, object), id, patch).await;
    let nothing = asked_for_record(client, (objects, object), NOTHING, patch).await;
    for (hidden, nothing) in answers.iter().zip(nothing) {
        same(hidden, (id, NOTHING), &nothing);
    }
    let by_id = json!({"id": {"eq": id}});
    assert!(client.filter(objects, &by_id, "").await.ids().is_empty());
}

async fn asked_for_record(
    client: &Client,
    (objects, object): (&str, &str),
    id: &str,
    patch: &Json,
) -> Vec<Response> {
    let query = format!("{{ {object}(id: \"{id}\") {{ id }} }}");
    vec![
        client.get(objects, id).await.status(404).clone(),
        client.patch(objects, id, patch.clone()).await,
        client.delete(objects, id).await,
        client.restore(objects, id).await,
        client
            .get_path(&format!("/v1/data/{objects}/{id}/related"), "")
            .await,
        client.graphql(&query, json!({})).await,
    ]
}
