//! A hundred changesets one after another while eight clients read and write without pause: no request
//! fails, and none sees a mixture of two schemas.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::{done, jobs_of};
use crate::support::{Client, TestApp};

const CHANGESETS: usize = 100;
const CLIENTS: usize = 8;

/// Each changeset of this sort renames both fields at once; the clients go on with the first names.
fn pair(number: usize) -> Json {
    let names = |end: &str| (format!("{end}{number}"), format!("{end}{}", number + 1));
    let ([left, next_left], [right, next_right]) = (names("left").into(), names("right").into());
    json!([{"op": "updateField", "object": "gauge", "field": left, "name": next_left},
        {"op": "updateField", "object": "gauge", "field": right, "name": next_right}])
}

fn operations(round: usize) -> Json {
    let number = round / 5;
    match round % 5 {
        0 => pair(number),
        1 => json!([{"op": "addField", "object": "gauge",
            "field": {"name": format!("extra{number}"), "type": "text"}}]),
        2 => json!([{"op": "updateField", "object": "gauge", "field": "state", "options":
            (0..=number + 1).map(|at| json!({"name": format!("s{at}")})).collect::<Vec<_>>()}]),
        3 => json!([{"op": "updateField", "object": "gauge", "field": "size",
            "indexed": number % 2 == 0}]),
        _ => json!([{"op": "deleteField", "object": "gauge", "field": format!("extra{number}")}]),
    }
}

/// The number behind `left` and `right` in every record of an answer: one, and the same.
fn check_whole(answer: &Json) {
    let mut numbers = BTreeSet::new();
    for record in answer["data"].as_array().expect("records") {
        for key in record.as_object().expect("a record").keys() {
            let number = key.strip_prefix("left").or(key.strip_prefix("right"));
            numbers.extend(number.map(str::to_owned));
        }
    }
    assert!(numbers.len() <= 1, "a mixture of two schemas: {answer}");
}

async fn ask(client: &Client, sort: usize, id: &str) {
    match sort {
        0 | 1 => check_whole(&client.list("gauges", "limit=5&sort=-size").await.ok()),
        2 => {
            let found = client
                .list("gauges", "left0[gte]=0&fields=left0,right0&limit=5")
                .await;
            check_whole(&found.ok());
        }
        3 => {
            let query =
                "{ gauges(first: 5, filter: {right0: {gte: 0}}) { nodes { left0 right0 state } } }";
            client.graphql(query, json!({})).await.data();
        }
        4 | 5 => drop(
            client
                .make("gauges", json!({"left0": 1, "right0": 2, "state": "s0"}))
                .await,
        ),
        6 => drop(
            client
                .patch("gauges", id, json!({"left0": 3, "size": 4}))
                .await
                .ok(),
        ),
        _ => drop(client.get("gauges", id).await.ok()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_or_sees_two_schemas_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let gauge = json!([{"op": "addObjectType", "name": "gauge", "plural": "gauges", "fields": [
        {"name": "left0", "type": "integer"}, {"name": "right0", "type": "integer"},
        {"name": "size", "type": "integer"},
        {"name": "state", "type": "select", "options": [{"name": "s0"}, {"name": "s1"}]}]}]);
    admin.change(gauge).await.ok();
    let id = admin.make("gauges", json!({"left0": 1, "right0": 1})).await;

    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (client, stop, id) = (admin.clone(), Arc::clone(&stop), id.clone());
        clients.spawn(async move {
            let mut requests = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                ask(&client, number, &id).await;
                requests += 1;
            }
            requests
        });
    }
    for round in 0..CHANGESETS {
        let report = admin.change(operations(round)).await.ok();
        for job in jobs_of(&report) {
            done(&admin, &job).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let requests = clients.join_all().await;
    assert!(requests.iter().all(|count| *count > 0), "{requests:?}");
    let record = admin.get("gauges", &id).await.ok();
    assert_eq!(record["left20"], 3, "{record}");
}
