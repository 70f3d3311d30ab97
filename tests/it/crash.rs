//! A process that is killed in the middle of writes and of changes of the schema: what it had
//! acknowledged is there when the next one starts, and catalog and tables agree.
//!
//! The process is this test binary itself, which serves a database when it is told to.

mod jobs;
mod undo;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{Clock, Config, Secret, SystemClock};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    changes::{ended, everything, jobs_of, many},
    support::{Client, TestApp, setting},
};

/// The variable that tells this binary to serve a database.
const SERVE: &str = "RELATA_TEST_SERVE";
/// The variable that tells it by how many minutes its clock is ahead.
const AHEAD: &str = "RELATA_TEST_AHEAD";
/// What a serving process prints before its address.
const LISTENING: &str = "listening on ";
/// How often the process is killed.
const ROUNDS: usize = 3;

/// A clock that is ahead by some minutes.
#[derive(Debug)]
struct ClockAhead(i64);

impl Clock for ClockAhead {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + time::Duration::minutes(self.0)
    }
}

/// Serves when it runs in the child process, and does nothing otherwise.
#[tokio::test]
async fn serve_when_told_to() {
    let Some(url) = setting(SERVE) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let config = Config {
        database_url: Secret::new(url),
        rate_limits: None,
        ..Config::default()
    };
    let ahead = setting(AHEAD).and_then(|text| text.parse().ok());
    let clock = ClockAhead(ahead.unwrap_or_default());
    let server = api::start(config, listener, Arc::new(clock))
        .await
        .expect("the server starts");
    println!("{LISTENING}{}", server.address());
    // The parent kills it; should the parent be gone, it ends by itself.
    tokio::time::sleep(Duration::from_mins(1)).await;
}

/// A serving process and its address.
fn spawn(url: &str, minutes_ahead: i64) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().expect("the test binary"))
        .args(["--exact", "crash::serve_when_told_to", "--nocapture"])
        .env(SERVE, url)
        .env(AHEAD, minutes_ahead.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the process starts");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let address = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split(LISTENING).nth(1).map(str::to_owned));
    (child, format!("http://{}", address.expect("the address")))
}

/// What a process has acknowledged.
#[derive(Debug, Default, Clone)]
struct Acknowledged {
    records: Arc<Mutex<Vec<String>>>,
    types: Arc<Mutex<Vec<String>>>,
}

/// Posts until the process is gone; `None` when there is no whole answer.
async fn post(client: &Client, path: &str, body: Json) -> Option<Json> {
    let request = client.request(reqwest::Method::POST, path).json(&body);
    let answer = request.send().await.ok()?;
    let created = answer.status().is_success();
    let body = answer.bytes().await.ok()?;
    created.then(|| serde_json::from_slice(&body).expect("the answer is JSON"))
}

async fn work(client: Client, acknowledged: Acknowledged, round: usize) {
    let mut workers = JoinSet::new();
    for worker in 0..3 {
        let (client, acknowledged) = (client.clone(), acknowledged.clone());
        workers.spawn(async move {
            for number in 0.. {
                let name = format!("{round}-{worker}-{number}");
                let Some(created) =
                    post(&client, "/v1/data/organizations", json!({"name": name})).await
                else {
                    return;
                };
                let id = created["id"].as_str().expect("an id").to_owned();
                acknowledged.records.lock().expect("no panic").push(id);
            }
        });
    }
    for number in 0.. {
        let name = format!("type{round}x{number}");
        let body = json!({"name": name, "plural": format!("{name}s"), "fields": [
            {"name": "title", "label": "Title", "type": "text"},
            {"name": "of", "label": "Of", "type": "reference", "target": "organization",
             "inverse": {"name": format!("{name}s"), "label": "Things"}},
        ]});
        if post(&client, "/v1/meta/objects", body).await.is_none() {
            break;
        }
        acknowledged.types.lock().expect("no panic").push(name);
    }
    workers.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    let mut app = TestApp::start().await;
    let token = app.admin().token().to_owned();
    let acknowledged = Acknowledged::default();
    for round in 0..ROUNDS {
        let url = app.stop().await;
        let (mut child, base) = tokio::task::spawn_blocking(move || spawn(&url, 0))
            .await
            .expect("a process");
        let client = Client::anonymous(base).with_token(&token);
        let working = tokio::spawn(work(client, acknowledged.clone(), round));
        let enough = || acknowledged.types.lock().expect("no panic").len() > 2 * round + 1;
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(25)).await;
            if enough() {
                break;
            }
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("the process is gone");
        working.await.expect("the clients saw it go");
        app.restart().await;
        check(&app, &acknowledged).await;
    }
}

/// More records than a changeset computes itself.
const MANY: usize = 1_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fill_goes_on_after_a_kill() {
    let mut app = TestApp::start().await;
    let admin = app.admin();
    let token = admin.token().to_owned();
    let operations = json!([{"op": "addObjectType", "name": "thing", "plural": "things",
        "fields": [{"name": "size", "type": "integer"}]}]);
    admin.change(operations).await.ok();
    many(&admin, "Thing", MANY, |at| format!("{{size: {at}}}")).await;

    let url = app.stop().await;
    let (mut child, base) = tokio::task::spawn_blocking(move || spawn(&url, 0))
        .await
        .expect("a process");
    let client = Client::anonymous(base).with_token(&token);
    let operations = json!([{"op": "addField", "object": "thing", "field": {"name": "double",
        "type": "formula", "result": "integer", "expression": "size * 2"}}]);
    let report = client.change(operations).await.ok();
    // A chunk or two may be done, or none.
    tokio::time::sleep(Duration::from_millis(30)).await;
    child.kill().expect("SIGKILL");
    child.wait().expect("the process is gone");

    app.restart().await;
    // So long nobody has heard of who had the job.
    app.advance(time::Duration::seconds(40));
    let admin = app.admin();
    let job = ended(&admin, &jobs_of(&report)[0]).await;
    assert_eq!(job["state"], "done", "{job}");
    for record in everything(&admin, "things", "fields=size,double").await {
        let size = record["size"].as_u64().expect("a size");
        assert_eq!(record["double"], json!(size * 2));
    }
}

/// A conversion is killed where it copies, where it goes on with that, and where it may switch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversion_goes_on_after_every_kill() {
    let mut app = TestApp::start().await;
    let admin = app.admin_anew().await;
    let token = admin.token().to_owned();
    let operations = json!([{"op": "addObjectType", "name": "thing", "plural": "things",
        "fields": [{"name": "size", "type": "text"}, {"name": "number", "type": "integer"}]}]);
    admin.change(operations).await.ok();
    let row = |at| format!("{{size: \"{at}\", number: {at}}}");
    many(&admin, "Thing", MANY, row).await;

    let address = app.stop().await;
    let mut report = None;
    for (minutes, milliseconds) in [(0, 30), (1, 10), (2, 60), (3, 150)] {
        let url = address.clone();
        // Ahead of the one before, so that what that one has begun counts as lost.
        let spawned = tokio::task::spawn_blocking(move || spawn(&url, minutes)).await;
        let (mut child, base) = spawned.expect("a process");
        let client = Client::anonymous(base).with_token(&token);
        if report.is_none() {
            let operations = json!([{"op": "convertField", "object": "thing", "field": "size",
                "to": {"type": "integer"}}]);
            report = Some(client.change(operations).await.ok());
        }
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        child.kill().expect("SIGKILL");
        child.wait().expect("the process is gone");
    }
    app.advance(time::Duration::minutes(4));
    app.restart().await;
    let admin = app.admin().with_token(&token);
    let job = &jobs_of(&report.expect("a report"))[0];
    let job = ended(&admin, job).await;
    assert_eq!(job["state"], "done", "{job}");
    let thing = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    let mut fields = thing["fields"].as_array().expect("fields").iter();
    let size = fields.find(|field| field["name"] == "size");
    assert_eq!(size.expect("the field")["type"], "integer");
    let things = everything(&admin, "things", "fields=size,number").await;
    assert_eq!(things.len(), MANY);
    for record in things {
        assert_eq!(record["size"], record["number"]);
    }
}

async fn check(app: &TestApp, acknowledged: &Acknowledged) {
    let admin = app.admin();
    let records = acknowledged.records.lock().expect("no panic").clone();
    assert!(!records.is_empty(), "something was acknowledged");
    for chunk in records.chunks(100) {
        let found = admin
            .filter(
                "organizations",
                &json!({"id": {"in": chunk}}),
                "count=exact&limit=1",
            )
            .await
            .ok();
        assert_eq!(found["count"], json!(chunk.len()));
    }
    let listed = admin.meta("GET", "objects", Json::Null).await.ok();
    let listed: Vec<(String, String)> = listed["data"]
        .as_array()
        .expect("types")
        .iter()
        .filter(|object| object["origin"] == "custom")
        .map(|object| {
            (
                object["name"].as_str().unwrap_or_default().to_owned(),
                object["plural"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    for name in acknowledged.types.lock().expect("no panic").iter() {
        assert!(
            listed.iter().any(|(known, _)| known == name),
            "{name} was acknowledged"
        );
    }
    for (_, plural) in &listed {
        let id = admin
            .make(plural, json!({"title": "t", "of": records[0]}))
            .await;
        assert_eq!(
            admin.get(plural, &id).await.ok()["of"]["id"],
            json!(records[0])
        );
    }
}
