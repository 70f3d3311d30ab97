//! References to users.

use serde_json::{Value as Json, json};

use super::{NOTHING, start, subjects};
use crate::support::{Client, Rules, TestApp};

async fn with_assignees() -> (TestApp, [String; 2], Client) {
    let app = start().await;
    let admin = app.admin();
    let add = json!([{"op": "addField", "object": "activity", "field": {"name": "assignee", "type": "user"}}]);
    admin.change(add).await.ok();
    let me = admin.get_path("/v1/auth/me", "").await.ok();
    let me = me["user"]["id"].as_str().or(me["id"].as_str());
    let me = me.expect("my id").to_owned();
    let rules = Rules::none()
        .allow(
            "read",
            "activity",
            json!({"where": {"assignee": {"eq": "$user.id"}}}),
        )
        .allow(
            "create",
            "activity",
            json!({"fields": ["subject"], "presets": {"assignee": "$user.id"}}),
        );
    let worker = app.role("worker", rules).await;
    let other = worker.get_path("/v1/auth/me", "").await.ok();
    let other = other["user"]["id"].as_str().or(other["id"].as_str());
    let other = other.expect("an id").to_owned();
    for (subject, user) in [
        ("a", json!(me)),
        ("b", json!({"id": other})),
        ("c", Json::Null),
    ] {
        let values = json!({"subject": subject, "assignee": user});
        admin.make("activities", values).await;
    }
    (app, [me, other], worker)
}

#[tokio::test]
async fn a_user_is_read_written_and_filtered() {
    let (app, [me, other], _) = with_assignees().await;
    let admin = app.admin();
    let rows = admin
        .list("activities", "sort=subject&fields=assignee")
        .await
        .ok()["data"]
        .clone();
    assert_eq!(rows[0]["assignee"], json!({"id": me}));
    assert_eq!(rows[1]["assignee"], json!({"id": other}));
    assert_eq!(rows[2]["assignee"], Json::Null);
    for (filter, expected) in [
        (json!({"eq": me}), "a"),
        (json!({"id": {"eq": other}}), "b"),
        (json!({"in": [me, other]}), "ab"),
        (json!({"neq": me}), "bc"),
        (json!({"isNull": true}), "c"),
    ] {
        let found = subjects(&admin, &json!({"assignee": filter})).await;
        assert_eq!(found.concat(), expected, "{filter}");
    }
    for wrong in [
        json!(NOTHING),
        json!({"id": NOTHING}),
        json!("me"),
        json!(7),
        json!({"id": 7}),
        json!({}),
        json!([me]),
    ] {
        let sent = json!({"subject": "x", "assignee": wrong});
        let refused = admin.create("activities", sent).await;
        refused.problem_at(422, "validation_failed", "/assignee");
    }
    admin
        .meta("PATCH", &format!("users/{other}"), json!({"active": false}))
        .await
        .ok();
    let sent = json!({"subject": "x", "assignee": other});
    let refused = admin.create("activities", sent).await;
    refused.problem_at(422, "validation_failed", "/assignee");
}

#[tokio::test]
async fn rules_know_the_user() {
    let (app, [_, other], worker) = with_assignees().await;
    assert_eq!(subjects(&worker, &json!({})).await, ["b"]);
    let made = worker
        .create("activities", json!({"subject": "d"}))
        .await
        .ok();
    assert_eq!(made["assignee"], json!({"id": other}));
    let sent = json!({"subject": "e", "assignee": other});
    assert!(worker.create("activities", sent).await.code() >= 400);
    let document = r"query($f: ActivityFilter) { activities(filter: $f, sort: [{subject: ASC}]) { nodes { subject assignee { id } } } }";
    let filter = json!({"f": {"assignee": {"eq": other}}});
    let data = worker.graphql(document, filter).await.data();
    assert_eq!(
        data["activities"]["nodes"][0],
        json!({"subject": "b", "assignee": {"id": other}})
    );
    let create = r"mutation($i: ActivityInput!) { createActivity(input: $i) { activity { assignee { id } } } }";
    let input = json!({"i": {"subject": "g", "assignee": {"id": other}}});
    let data = app.admin().graphql(create, input).await.data();
    assert_eq!(
        data["createActivity"]["activity"]["assignee"]["id"],
        json!(other)
    );
}

#[tokio::test]
async fn the_schemas_take_what_the_server_takes() {
    let (app, [me, _], _) = with_assignees().await;
    let admin = app.admin();
    let path = "objects/activity/schema?for=create";
    let schema = admin.meta("GET", path, Json::Null).await.ok();
    let contract = admin.get_path("/openapi.json", "").await.ok();
    let schemas = &contract["components"]["schemas"];
    let create = &schemas["ActivityCreate"];
    for sent in [
        &schema["properties"]["assignee"],
        &create["properties"]["assignee"],
    ] {
        let forms = sent["oneOf"].as_array().expect("forms");
        let types: Vec<&Json> = forms.iter().map(|form| &form["type"]).collect();
        assert_eq!(types, ["string", "object", "null"], "{sent}");
    }
    for value in [json!(me), json!({"id": me}), Json::Null] {
        admin
            .make("activities", json!({"subject": "d", "assignee": value}))
            .await;
    }
    let read = &schemas["Activity"]["properties"]["assignee"];
    assert!(read["examples"][0]["id"].is_string(), "{read}");
}
