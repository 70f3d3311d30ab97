//! Jobs: done once, shown to those who may change the schema, and built indexes as the first of them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{done, ended, jobs_of, thing};
use crate::support::{Client, Rules, TestApp};

#[tokio::test]
async fn an_index_is_built_and_dropped_by_a_job() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let things =
        thing(&json!([{"name": "size", "type": "integer"}, {"name": "code", "type": "text"}]));
    admin.change(json!([things])).await.ok();
    for number in 0..20 {
        admin.make("things", json!({"size": number})).await;
    }

    let build = json!([{"op": "createIndex", "object": "thing", "field": "size"},
        {"op": "updateField", "object": "thing", "field": "code", "indexed": true}]);
    let report = admin.change(build).await.ok();
    let jobs = jobs_of(&report);
    assert_eq!(jobs.len(), 2, "{report}");
    for job in &jobs {
        assert_eq!(done(&admin, job).await, json!({"index": "built"}));
    }
    let found = admin.list("things", "size[gte]=15&sort=size").await.ok();
    assert_eq!(found["data"].as_array().expect("things").len(), 5);

    let dropped = json!([{"op": "dropIndex", "object": "thing", "field": "size"}]);
    let report = admin.change(dropped).await.ok();
    let job = done(&admin, &jobs_of(&report)[0]).await;
    assert_eq!(job, json!({"index": "dropped"}));
    // What is so already needs no work.
    let again = json!([{"op": "dropIndex", "object": "thing", "field": "size"}]);
    assert!(jobs_of(&admin.change(again).await.ok()).is_empty());
}

/// The index of a field of `thing` as it is described, and the tag of the description.
async fn index_of(client: &Client, field: &str) -> (Json, String) {
    let described = client.meta("GET", "objects/thing", Json::Null).await;
    let fields = described.ok()["fields"].clone();
    let mut fields = fields.as_array().expect("fields").iter();
    let found = fields.find(|it| it["name"] == field).expect("the field");
    let tag = described.header("etag").expect("a tag").to_owned();
    (found["index"].clone(), tag)
}

#[tokio::test]
async fn descriptions_tell_how_far_an_index_is() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let things = thing(&json!([{"name": "size", "type": "integer"},
        {"name": "code", "type": "text", "unique": true},
        {"name": "maker", "type": "reference", "target": "organization", "inverse": {"name": "things"}}]));
    admin.change(json!([things])).await.ok();
    for (field, state) in [("size", "none"), ("code", "ready"), ("maker", "ready")] {
        assert_eq!(index_of(&admin, field).await.0, json!({"state": state}));
    }
    let build = json!([{"op": "createIndex", "object": "thing", "field": "size"}]);
    let job = jobs_of(&admin.change(build).await.ok())[0].clone();
    let (building, before) = index_of(&admin, "size").await;
    done(&admin, &job).await;
    let (ready, after) = index_of(&admin, "size").await;
    assert_eq!(ready, json!({"state": "ready"}));
    if building != ready {
        assert_eq!(building, json!({"state": "building", "job": job}));
        assert_ne!(before, after, "what has changed is another answer");
    }
    // Who may not change the schema is not told.
    let rules = Rules::none().allow("read", "thing", json!({}));
    for reader in app.person_and_key("reader", rules).await {
        assert_eq!(index_of(&reader, "size").await.0, Json::Null);
    }
}

#[tokio::test]
async fn a_dry_run_names_jobs_and_makes_none() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin
        .change(json!([thing(
            &json!([{"name": "size", "type": "integer"}])
        )]))
        .await
        .ok();
    let body = json!({"dryRun": true, "operations": [
        {"op": "createIndex", "object": "thing", "field": "size"}]});
    let report = admin.meta("POST", "changesets", body).await.ok();
    assert_eq!(report["operations"][0]["jobs"], json!([{"kind": "index"}]));
    let jobs = admin.meta("GET", "jobs", Json::Null).await.ok();
    assert_eq!(jobs["data"], json!([]));
}

#[tokio::test]
async fn what_has_no_order_has_no_index() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "notes", "type": "longText"}, {"name": "raw", "type": "json"},
        {"name": "long", "type": "text", "maxLength": 4000}]);
    admin.change(json!([thing(&fields)])).await.ok();
    for field in ["notes", "raw", "long"] {
        let operations = json!([{"op": "createIndex", "object": "thing", "field": field}]);
        let refused = admin.change(operations).await;
        refused.problem_at(422, "validation_failed", "/operations/0/field");
    }
    let operations = json!([{"op": "createIndex", "object": "thing", "field": "nothing"}]);
    let refused = admin.change(operations).await;
    refused.problem_at(400, "unknown_field", "/operations/0/field");
}

#[tokio::test]
async fn jobs_are_for_those_who_may_change_the_schema() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let things = thing(&json!([{"name": "size", "type": "integer", "indexed": true}]));
    let report = admin.change(json!([things])).await.ok();
    let id = jobs_of(&report)[0].clone();
    ended(&admin, &id).await;

    app.anonymous()
        .meta("GET", "jobs", Json::Null)
        .await
        .status(401);
    let nobody = app.user(&[]).await;
    for (method, path) in [
        ("GET", "jobs".to_owned()),
        ("GET", format!("jobs/{id}")),
        ("POST", format!("jobs/{id}/cancel")),
        ("POST", format!("jobs/{id}/retry")),
    ] {
        nobody.meta(method, &path, Json::Null).await.status(403);
    }

    let unknown = "jobs/0198f6f2-0000-7000-8000-000000000000";
    admin.meta("GET", unknown, Json::Null).await.status(404);
    admin
        .meta("GET", "jobs/nothing", Json::Null)
        .await
        .status(404);
    admin
        .meta("GET", "jobs?state=odd", Json::Null)
        .await
        .status(422);
    for order in ["cancel", "retry"] {
        let path = format!("jobs/{id}/{order}");
        let refused = admin.meta("POST", &path, Json::Null).await;
        refused.problem(409, "conflict");
    }
    let listed = admin
        .meta("GET", "jobs?state=done&limit=1", Json::Null)
        .await
        .ok();
    assert_eq!(listed["data"][0]["id"], json!(id));
    assert_eq!(listed["page"]["hasNext"], json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_each_job_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let _other = app.another_node().await;
    let fields: Vec<Json> = (0..12)
        .map(|number| json!({"name": format!("size{number}"), "type": "integer"}))
        .collect();
    admin.change(json!([thing(&json!(fields))])).await.ok();
    let operations: Vec<Json> = (0..12)
        .map(|number| json!({"op": "createIndex", "object": "thing", "field": format!("size{number}")}))
        .collect();
    let jobs = jobs_of(&admin.change(json!(operations)).await.ok());
    assert_eq!(jobs.iter().collect::<BTreeSet<_>>().len(), 12);
    for id in jobs {
        let job = ended(&admin, &id).await;
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(job["report"], json!({"index": "built"}));
    }
}
