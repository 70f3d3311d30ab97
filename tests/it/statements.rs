//! The number of SQL statements depends on the shape of a request, never on the data; and the same
//! tree over REST and over GraphQL gives the same records.

use serde_json::{Value as Json, json};

use crate::support::{Client, Options, Response, TestApp};

/// As many organizations, each with as many people, each with as many interactions.
async fn grow(admin: &Client, count: usize) {
    for organization in 0..count {
        let name = format!("o{count}{organization}");
        let organization = admin.make("organizations", json!({"name": name})).await;
        for person in 0..count {
            let values = json!({"lastName": format!("p{person}"), "organization": organization});
            let person = admin.make("people", values).await;
            for interaction in 0..count {
                let subject = format!("i{interaction}");
                let values = json!({"subject": subject, "kind": "call", "person": person});
                admin.make("interactions", values).await;
            }
        }
    }
}

async fn over_rest(client: &Client) -> Response {
    let interactions = json!({"select": {"subject": true}, "sort": "subject"});
    let people =
        json!({"select": {"lastName": true, "interactions": interactions}, "sort": "lastName"});
    let body = json!({"select": {"name": true, "people": people}, "sort": "name"});
    client.query("organizations", &body).await
}

async fn over_graphql(client: &Client) -> Response {
    let query = "{ organizations(sort: [{name: ASC}], first: 20) { nodes { id name
        people(sort: [{lastName: ASC}], first: 20) { nodes { id lastName
            interactions(sort: [{subject: ASC}], first: 20) { nodes { id subject } } } } } } }";
    client.graphql(query, json!({})).await
}

/// The records of a tree, whatever the face wraps its lists in.
fn records(json: &Json) -> Json {
    match json {
        Json::Object(members) => match members.get("data").or_else(|| members.get("nodes")) {
            Some(rows) => records(rows),
            None => members
                .iter()
                .map(|(key, value)| (key.clone(), records(value)))
                .collect(),
        },
        Json::Array(items) => items.iter().map(records).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json.clone(),
    }
}

#[tokio::test]
async fn the_number_of_statements_follows_the_shape_alone() {
    let app = TestApp::start_with(Options {
        server_timing: true,
        ..Options::default()
    })
    .await;
    let admin = app.admin();
    let person =
        "fields=lastName,organization.name,reportsTo.organization.name&sort=lastName&count=exact";
    let mut seen = vec![];
    for count in [1, 2, 3] {
        grow(&admin, count).await;
        let id = admin.list("people", "limit=1").await.ids().remove(0);
        let one = admin.get("people", &id).await;
        let list = admin.list("people", person).await;
        let filter =
            json!({"people": {"some": {"interactions": {"some": {"subject": {"eq": "i0"}}}}}});
        let filtered = admin.filter("organizations", &filter, "").await;
        let tree = over_rest(&admin).await;
        assert_eq!(
            tree.ok()["data"].as_array().map(Vec::len),
            Some((1..=count).sum())
        );
        seen.push([&one, &list, &filtered, &tree].map(Response::statements));
    }
    assert_eq!(
        seen[0],
        [1, 2, 1, 3],
        "one record, a list with a count, a filter, a tree of three levels"
    );
    assert_eq!(seen[1], seen[0], "with more records");
    assert_eq!(seen[2], seen[0], "with still more records");
}

#[tokio::test]
async fn a_tree_is_the_same_over_both_faces() {
    let app = TestApp::start().await;
    let admin = app.admin();
    grow(&admin, 3).await;
    let rest = records(&over_rest(&admin).await.ok());
    let graphql = records(&over_graphql(&admin).await.data()["organizations"]);
    assert_eq!(rest.to_string(), graphql.to_string());
    assert_eq!(rest[2]["people"][2]["interactions"][2]["subject"], "i2");
}
