//! SIGKILL at some step of a changeset or of its jobs: afterwards the schema is whole, and the jobs are
//! done by whoever comes next.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{ended, thing};
use crate::{
    crash::spawn,
    support::{Client, TestApp},
};

/// The time from the changeset to the kill.
const DELAYS: &[u64] = &[0, 15, 60];
const FIELDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_go_on_after_a_kill() {
    let mut app = TestApp::start().await;
    let fields: Vec<Json> = (0..FIELDS)
        .map(|number| json!({"name": format!("size{number}"), "type": "integer"}))
        .collect();
    app.admin()
        .change(json!([thing(&json!(fields))]))
        .await
        .ok();
    for number in 0..50 {
        app.admin().make("things", json!({"size0": number})).await;
    }
    let token = app.admin().token().to_owned();
    for (round, delay) in DELAYS.iter().enumerate() {
        let url = app.stop().await;
        let (mut child, base) = tokio::task::spawn_blocking(move || spawn(&url))
            .await
            .expect("a process");
        let client = Client::anonymous(base).with_token(&token);
        let operations: Vec<Json> = (0..FIELDS)
            .map(|number| {
                json!({"op": "updateField", "object": "thing", "field": format!("size{number}"),
                    "indexed": round % 2 == 0})
            })
            .collect();
        let body = json!({"operations": operations});
        let request = client.request(reqwest::Method::POST, "/v1/meta/changesets");
        let changing = tokio::spawn(request.json(&body).send());
        tokio::time::sleep(Duration::from_millis(*delay)).await;
        child.kill().expect("SIGKILL");
        child.wait().expect("the process is gone");
        // Whether it was told of the end of its changeset or not: all of it is there or nothing.
        let _ = changing.await.expect("the client saw it go");

        app.restart().await;
        // What the process had begun counts as lost now.
        app.advance(time::Duration::minutes(1));
        let admin = app.admin();
        let listed = admin.meta("GET", "jobs?limit=200", Json::Null).await.ok();
        let listed = listed["data"].as_array().expect("jobs").clone();
        assert_eq!(listed.len() % FIELDS, 0, "all jobs of a changeset or none");
        for job in &listed {
            let job = ended(&admin, job["id"].as_str().expect("an id")).await;
            assert_eq!(job["state"], "done", "{job}");
        }
        let found = admin
            .list("things", "size0[gte]=40&sort=size0&count=exact")
            .await
            .ok();
        assert_eq!(found["count"], 10);
    }
}
