//! The audit log: what stands in it, what never does, and that it can't be changed unseen.

mod chain;
mod denials;
mod entries;
mod listing;
mod personal;

use serde_json::Value as Json;

use crate::support::TestApp;

/// All entries, oldest first.
async fn all(app: &TestApp) -> Vec<Json> {
    let mut entries = Vec::new();
    let mut parameters = "limit=200".to_owned();
    loop {
        let page = app.admin().get_path("/v1/meta/audit", &parameters).await;
        let page = page.ok();
        entries.extend(page["data"].as_array().expect("entries").iter().cloned());
        let Some(next) = page["page"]["next"].as_str() else {
            break;
        };
        parameters = format!("limit=200&after={next}");
    }
    entries.reverse();
    entries
}

/// The entries of this kind, oldest first.
async fn of_kind(app: &TestApp, kind: &str) -> Vec<Json> {
    let mut entries = all(app).await;
    entries.retain(|entry| entry["kind"] == kind);
    entries
}

/// The newest entry of this kind.
async fn last(app: &TestApp, kind: &str) -> Json {
    let found = of_kind(app, kind).await.pop();
    found.unwrap_or_else(|| panic!("no entry {kind:?}"))
}
