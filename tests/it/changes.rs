//! Changes of the schema in full: slow work beside the requests, names that live on, things that come
//! back, values that take another form.

mod aliases;
mod conversions;
mod defaults;
mod fills;
mod impact;
mod jobs;
mod purge;
mod reverse;
mod undo;
mod undo_types;

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp, is_postgres};

/// How often a test looks whether a job has ended.
const LOOKS: u32 = 600;

/// Waits until a job has ended and gives it.
pub(crate) async fn ended(admin: &Client, id: &str) -> Json {
    for _ in 0..LOOKS {
        let job = admin.meta("GET", &format!("jobs/{id}"), Json::Null).await;
        let job = job.ok();
        if job["state"] == "done" || job["state"] == "failed" {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the job {id} does not end");
}

/// Waits until a job is done and gives its report.
async fn done(admin: &Client, id: &str) -> Json {
    let job = ended(admin, id).await;
    assert_eq!(job["state"], "done", "{job}");
    job["report"].clone()
}

/// The ids of the jobs that a changeset has asked for.
pub(crate) fn jobs_of(report: &Json) -> Vec<String> {
    let operations = report["operations"].as_array().expect("operations");
    let jobs = operations.iter().flat_map(|operation| {
        let jobs = operation["jobs"].as_array().cloned();
        jobs.unwrap_or_default()
    });
    jobs.filter_map(|job| job["id"].as_str().map(str::to_owned))
        .collect()
}

/// Creates so many records, 50 in one transaction, each with the values that the literal of GraphQL for its
/// number has; gives their ids.
pub(crate) async fn many(
    admin: &Client,
    object: &str,
    number: usize,
    values: impl Fn(usize) -> String,
) -> Vec<String> {
    let numbers: Vec<usize> = (0..number).collect();
    let mut ids = Vec::with_capacity(number);
    for chunk in numbers.chunks(50) {
        let creates = chunk
            .iter()
            .map(|at| format!("n{at}: create{object}(input: {}) {{ id }}", values(*at)));
        let document = format!("mutation {{ {} }}", creates.collect::<Vec<_>>().join(" "));
        let data = admin.graphql(&document, Json::Null).await.data();
        let id = |at: &usize| data[format!("n{at}")]["id"].as_str().map(str::to_owned);
        ids.extend(chunk.iter().filter_map(id));
    }
    assert_eq!(ids.len(), number);
    ids
}

/// Doubles the live rows of a table so often, behind the back of the server. The new ones differ in their
/// ids alone.
pub(crate) async fn doubled(app: &TestApp, table: &str, columns: &str, times: u32) {
    let id = fresh_id();
    let copied = format!("version, created_at, updated_at, {columns}");
    let statement = format!(
        "INSERT INTO {table} (id, {copied}) SELECT {id}, {copied} FROM {table} WHERE deleted_at IS NULL"
    );
    for _ in 0..times {
        app.sql(&statement).await;
    }
}

/// A new id in SQL.
pub(crate) fn fresh_id() -> &'static str {
    if is_postgres() {
        "gen_random_uuid()"
    } else {
        "randomblob(16)"
    }
}

/// All records of a type, page by page.
pub(crate) async fn everything(client: &Client, objects: &str, parameters: &str) -> Vec<Json> {
    let mut records = Vec::new();
    let mut after = String::new();
    loop {
        let page = format!("limit=200&{parameters}{after}");
        let answer = client.list(objects, &page).await.ok();
        records.extend(answer["data"].as_array().cloned().expect("records"));
        match answer["page"]["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return records,
        }
    }
}

/// A type with one field of each name and type.
fn thing(fields: &Json) -> Json {
    json!({"op": "addObjectType", "name": "thing", "plural": "things", "fields": fields})
}
