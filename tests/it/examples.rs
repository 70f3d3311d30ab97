//! The requests in `examples/`: each is sent, in order, and succeeds.
//!
//! A `.http` file holds requests as the REST clients of editors read them: `###` between them, a line
//! with method and path, headers, an empty line and the body. `{{name}}` is a variable: `host` and
//! `token` are given, `id` is the id that the last answer with one has given.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

fn files(suffix: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let entries = fs::read_dir(folder).expect("the folder of examples");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a text");
            (path.display().to_string(), text)
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no {suffix} in examples/");
    files
}

/// Sends one request of a file and gives the id that it answers.
async fn send(client: &Client, file: &str, request: &str, id: &str) -> Option<String> {
    let request = request.replace("{{host}}", "").replace("{{id}}", id);
    let lines: Vec<&str> = request
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let text = lines.join("\n");
    let (head, body) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
    let mut head = head.lines();
    let (method, path) = head
        .next()
        .and_then(|line| line.split_once(' '))
        .expect("a request line");
    let mut built = client.request(method.parse().expect("a method"), path.trim());
    for (name, value) in head.filter_map(|line| line.split_once(": ")) {
        if !name.eq_ignore_ascii_case("authorization") {
            built = built.header(name, value);
        }
    }
    if !body.is_empty() {
        built = built.body(body.to_owned());
    }
    let answer = client.send(built).await;
    assert!(answer.code() < 300, "{file}\n{answer}");
    let answer = answer.json();
    answer["id"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn every_http_example_succeeds() {
    for (file, text) in files(".http") {
        let app = TestApp::start().await;
        let mut id = String::new();
        for request in text
            .split("###")
            .map(|part| part.split_once('\n').map_or("", |(_, rest)| rest))
        {
            if request
                .lines()
                .all(|line| line.trim().is_empty() || line.starts_with(['#', '@']))
            {
                continue;
            }
            if let Some(answered) = send(&app.admin(), &file, request, &id).await {
                id = answered;
            }
        }
    }
}

#[tokio::test]
async fn every_graphql_example_succeeds() {
    let app = TestApp::start().await;
    for (file, text) in files(".graphql") {
        let answer = app.admin().graphql(&text, json!({})).await;
        assert!(
            answer.code() == 200 && answer.json().get("errors").is_none(),
            "{file}\n{answer}"
        );
        assert_ne!(answer.json()["data"], Json::Null);
    }
}
