//! A process that is killed while things are deleted, brought back and purged: whatever it was at, the
//! next one finds a schema that fits its tables, brings back what is deleted, and ends what was purged.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::{Value as Json, json};

use super::spawn;
use crate::support::{Client, TestApp};

/// How often the process is killed.
const ROUNDS: i64 = 3;

async fn call(client: &Client, method: &str, path: &str, body: Json) -> Option<Json> {
    let method = method.parse().expect("a method");
    let request = client.request(method, path).json(&body);
    let answer = request.send().await.ok()?;
    let whole = answer.bytes().await.ok()?;
    Some(serde_json::from_slice(&whole).unwrap_or(Json::Null))
}

/// Deletes, restores and purges until the process is gone, and counts how often.
async fn work(client: &Client, round: i64, times: &AtomicU32) -> Option<()> {
    for number in 0.. {
        times.store(number, Ordering::SeqCst);
        let name = format!("thing{round}x{number}");
        let body = json!({"name": name, "plural": format!("{name}s"), "fields": [
            {"name": "title", "type": "text"}, {"name": "code", "type": "text", "unique": true},
            {"name": "price", "type": "money", "indexed": true},
            {"name": "of", "type": "reference", "target": "organization",
             "inverse": {"name": format!("{name}s")}}]});
        call(client, "POST", "/v1/meta/objects", body).await?;
        let values = json!({"title": "t", "code": "c"});
        call(client, "POST", &format!("/v1/data/{name}s"), values).await?;
        for field in ["code", "price"] {
            let path = format!("/v1/meta/objects/{name}/fields/{field}");
            call(client, "DELETE", &path, json!({})).await?;
        }
        let listed = call(client, "GET", "/v1/meta/deleted?limit=2", json!({})).await?;
        let ids: Vec<Json> = listed["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["id"].clone())
            .collect();
        if let [price, code] = ids.as_slice() {
            let operations = json!({"operations": [
                {"op": "undeleteField", "id": code}, {"op": "purge", "id": price}]});
            call(client, "POST", "/v1/meta/changesets", operations).await?;
        }
        if number % 2 == 0 {
            call(
                client,
                "DELETE",
                &format!("/v1/meta/objects/{name}"),
                json!({}),
            )
            .await?;
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions_survive_a_kill() {
    let mut app = TestApp::start().await;
    for round in 0..ROUNDS {
        // What was purged in one round leaves the database in the next one, and that is killed too.
        let ahead = 2 * round;
        let token = app.admin_anew().await.token().to_owned();
        let url = app.stop().await;
        let (mut child, base) = tokio::task::spawn_blocking(move || spawn(&url, ahead))
            .await
            .expect("a process");
        let client = Client::anonymous(base).with_token(&token);
        let times = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&times);
        let working = tokio::spawn(async move { work(&client, round, &counted).await });
        for _ in 0..800 {
            tokio::time::sleep(Duration::from_millis(25)).await;
            if times.load(Ordering::SeqCst) > 1 {
                break;
            }
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("the process is gone");
        working.await.expect("the client saw it go");
        app.restart().await;
        app.advance(time::Duration::minutes(2));
    }
    check(&app).await;
}

async fn check(app: &TestApp) {
    // Claims of the processes that are gone count as lost, and purges are due.
    app.advance(time::Duration::minutes(2));
    let admin = app.admin_anew().await;
    let listed = admin
        .meta("GET", "deleted?limit=200", Json::Null)
        .await
        .ok();
    let deleted = listed["data"].as_array().expect("deleted things").clone();
    assert!(!deleted.is_empty(), "something was deleted");
    for thing in &deleted {
        let id = thing["id"].as_str().expect("an id");
        let restore = format!("deleted/{id}/restore");
        let relaxed = if thing["kind"] == "field" {
            json!({"unique": false})
        } else {
            Json::Null
        };
        admin.meta("POST", &restore, relaxed).await.ok();
    }
    let objects = admin.meta("GET", "objects", Json::Null).await.ok();
    let objects = objects["data"].as_array().expect("types").iter();
    let names: BTreeSet<String> = objects
        .filter(|object| object["origin"] == "custom")
        .map(|object| object["plural"].as_str().expect("a name").to_owned())
        .collect();
    assert!(!names.is_empty(), "something was made");
    for plural in names {
        let id = admin.make(&plural, json!({"title": "after"})).await;
        admin.get(&plural, &id).await.ok();
    }
    let mut looks = 0;
    loop {
        let jobs = admin.meta("GET", "jobs?limit=200", Json::Null).await.ok();
        let jobs = jobs["data"].as_array().expect("jobs").clone();
        assert!(jobs.iter().all(|job| job["state"] != "failed"), "{jobs:?}");
        if jobs.iter().all(|job| job["state"] == "done") {
            return;
        }
        looks += 1;
        assert!(looks < 600, "a job does not end: {jobs:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
