//! The document holds together for whoever asks, and the committed contract is the one that is served.

use std::{collections::BTreeSet, sync::Arc};

use schema::SystemClock;
use serde_json::Value as Json;

use super::*;
use crate::Config;
use crate::config::Secret;

/// A fresh installation; the folder lives as long as the database is used.
async fn fresh() -> (tempfile::TempDir, AppState) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/relata.db", folder.path().display());
    crate::migrate(&url).await.unwrap();
    let config = Config {
        database_url: Secret::new(url),
        ..Config::default()
    };
    let state = crate::open(config, Arc::new(SystemClock)).await.unwrap();
    (folder, state)
}

fn document_of(state: &AppState, caller: &Caller, reader: Reader) -> Json {
    let text = render(&state.engine.surface(caller), reader).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Every `$ref` of a document.
fn references(json: &Json, into: &mut BTreeSet<String>) {
    match json {
        Json::Object(members) => {
            if let Some(Json::String(target)) = members.get("$ref") {
                into.insert(target.clone());
            }
            members.values().for_each(|value| references(value, into));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, into)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Each operation with its path.
fn operations(document: &Json) -> Vec<(&String, &Json)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().values();
            operations.map(move |operation| (path, operation))
        })
        .collect()
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_operation_has_its_own_id() {
    let (_folder, state) = fresh().await;
    let now = state.clock.now();
    for (caller, reader) in [
        (Caller::system("a test", now), Reader::Person),
        (Caller::anonymous(now), Reader::Nobody),
        (Caller::anonymous(now), Reader::Key),
    ] {
        let document = document_of(&state, &caller, reader);
        let mut targets = BTreeSet::new();
        references(&document, &mut targets);
        for target in targets {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        let operations = operations(&document);
        let ids: BTreeSet<&str> = operations
            .iter()
            .map(|(_, operation)| operation["operationId"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), operations.len());
    }
}

#[tokio::test]
async fn nobody_sees_no_data() {
    let (_folder, state) = fresh().await;
    let document = document_of(
        &state,
        &Caller::anonymous(state.clock.now()),
        Reader::Nobody,
    );
    for (path, operation) in operations(&document) {
        assert!(
            !path.starts_with("/v1/data") && !path.starts_with("/v1/meta"),
            "{path}"
        );
        assert_eq!(operation["security"], serde_json::json!([]), "{path}");
    }
}

#[tokio::test]
async fn the_committed_contract_is_the_one_of_a_fresh_installation() {
    let (_folder, state) = fresh().await;
    let caller = Caller::system("a test", state.clock.now());
    let served = render(&state.engine.surface(&caller), Reader::Person).unwrap();
    let served = String::from_utf8(served).unwrap();
    let committed = include_str!("../../../openapi.json");
    assert!(
        served == committed,
        "openapi.json is stale: run `make openapi`"
    );
}

#[test]
fn the_table_of_error_codes_is_the_one_in_the_code() {
    let committed = include_str!("../../../docs/errors.md");
    assert!(
        crate::code::markdown() == committed,
        "docs/errors.md is stale: run `cargo run -- errors > docs/errors.md`"
    );
}
