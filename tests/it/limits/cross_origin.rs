//! Browsers of other origins: those that are named may call and read what they need, no other may.

use reqwest::Method;
use serde_json::Value as Json;

use crate::support::{Client, Options, Response, TestApp};

const OURS: &str = "https://app.example.com";
const THEIRS: &str = "https://elsewhere.example";

async fn start() -> TestApp {
    TestApp::start_with(Options {
        origins: vec![OURS, "http://localhost:3000"],
        rates: Some("standard=5,anonymous=1000"),
        still: true,
        ..Options::default()
    })
    .await
}

async fn ask(client: &Client, method: Method, origin: &str) -> Response {
    let request = client.request(method, "/v1/data/organizations");
    let request = request.header("origin", origin);
    let request = request.header("access-control-request-method", "PATCH");
    let wanted = "authorization,content-type,if-match";
    let request = request.header("access-control-request-headers", wanted);
    client.send(request).await
}

#[track_caller]
fn lists(answer: &Response, header: &str, names: &[&str]) {
    let told = answer.header(header).unwrap_or_default().to_lowercase();
    for name in names {
        let mut items = told.split(',').map(str::trim);
        assert!(
            items.any(|item| item == *name),
            "{name} in {header}: {told:?}"
        );
    }
}

#[tokio::test]
async fn a_named_origin_may_ask_beforehand() {
    let app = start().await;
    // More of them than there are units: they are counted for nobody.
    for _ in 0..10 {
        let answer = ask(&app.anonymous(), Method::OPTIONS, OURS).await;
        answer.status(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        lists(
            &answer,
            "access-control-allow-methods",
            &["get", "post", "put", "patch", "delete"],
        );
        let headers = [
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "if-schema-version",
            "x-request-id",
        ];
        lists(&answer, "access-control-allow-headers", &headers);
        lists(&answer, "vary", &["origin"]);
        assert_eq!(answer.header("access-control-max-age"), Some("3600"));
    }
}

#[tokio::test]
async fn a_named_origin_reads_what_a_client_needs_whatever_the_answer() {
    let app = start().await;
    let exposed = [
        "etag",
        "location",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "deprecation",
        "x-request-id",
        "schema-version",
        "www-authenticate",
    ];
    let admin = app.admin();
    let mut codes = Vec::new();
    for _ in 0..6 {
        let answer = ask(&admin, Method::GET, OURS).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        lists(&answer, "access-control-expose-headers", &exposed);
        lists(&answer, "vary", &["origin"]);
        codes.push(answer.code());
    }
    assert!(codes.contains(&200) && codes.contains(&429), "{codes:?}");
    let answer = ask(&app.anonymous(), Method::GET, OURS).await;
    answer.problem(401, "unauthenticated");
    assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
}

#[tokio::test]
async fn an_origin_that_is_not_named_is_kept_out() {
    let app = start().await;
    for (client, method) in [
        (app.admin(), Method::GET),
        (app.anonymous(), Method::OPTIONS),
    ] {
        for origin in [
            THEIRS,
            "null",
            "https://app.example.com.elsewhere.example",
            "http://app.example.com",
        ] {
            let answer = ask(&client, method.clone(), origin).await;
            assert_eq!(
                answer.header("access-control-allow-origin"),
                None,
                "{origin}"
            );
            lists(&answer, "vary", &["origin"]);
        }
    }
    app.anonymous()
        .call("GET", "/healthz", &Json::Null)
        .await
        .ok();
}
