//! Changes of the schema in full: slow work beside the requests, names that live on, things that come
//! back, values that take another form.

mod aliases;
mod jobs;

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::Client;

/// How often a test looks whether a job has ended.
const LOOKS: u32 = 600;

/// Waits until a job has ended and gives it.
async fn ended(admin: &Client, id: &str) -> Json {
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
fn jobs_of(report: &Json) -> Vec<String> {
    let operations = report["operations"].as_array().expect("operations");
    let jobs = operations.iter().flat_map(|operation| {
        let jobs = operation["jobs"].as_array().cloned();
        jobs.unwrap_or_default()
    });
    jobs.filter_map(|job| job["id"].as_str().map(str::to_owned))
        .collect()
}

/// A type with one field of each name and type.
fn thing(fields: &Json) -> Json {
    json!({"op": "addObjectType", "name": "thing", "plural": "things", "fields": fields})
}
