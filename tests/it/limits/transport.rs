//! Bodies, heads that never end, and requests at once.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Client, Options, TestApp};

/// How long a test waits for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(20);

async fn connect(app: &TestApp) -> TcpStream {
    let request = app.anonymous().request(Method::GET, "/").build();
    let url = request.expect("a request").url().clone();
    let address = (url.host_str().expect("a host"), url.port().expect("a port"));
    TcpStream::connect(address).await.expect("a connection")
}

/// A request of which half of the body is sent: it runs until the connection is dropped.
async fn hold(app: &TestApp, caller: &Client) -> TcpStream {
    let mut stream = connect(app).await;
    let head = format!(
        "POST /v1/data/organizations HTTP/1.1\r\nhost: relata\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        caller.token()
    );
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    stream
}

/// Holds a request until there is no place for another one; gives it, and the answer to that.
async fn occupy(app: &TestApp, caller: &Client) -> (TcpStream, crate::support::Response) {
    let occupying = async {
        loop {
            // Where the place was just taken by the request that asks, the one to be held was refused.
            let held = hold(app, caller).await;
            for _ in 0..50 {
                let answer = caller.call("GET", "/v1/auth/me", &Json::Null).await;
                if answer.code() == 503 {
                    return (held, answer);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    let occupied = tokio::time::timeout(PATIENCE, occupying).await;
    occupied.expect("no place in time")
}

/// Asks until the answer has this status.
async fn until(client: &Client, status: u16) -> crate::support::Response {
    let asking = async {
        loop {
            let answer = client.call("GET", "/v1/auth/me", &Json::Null).await;
            if answer.code() == status {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("the status in time")
}

#[tokio::test]
async fn requests_over_the_number_at_once_are_told_to_come_again() {
    let app = TestApp::start_with(Options {
        at_once: Some((1, 64)),
        ..Options::default()
    })
    .await;
    let admin = app.admin();
    let (held, answer) = occupy(&app, &admin).await;
    answer.problem(503, "busy");
    assert_eq!(answer.header("retry-after"), Some("1"));
    app.anonymous()
        .call("GET", "/healthz", &Json::Null)
        .await
        .ok();
    drop(held);
    until(&admin, 200).await.ok();
}

#[tokio::test]
async fn one_caller_does_not_take_the_place_of_all() {
    let app = TestApp::start_with(Options {
        at_once: Some((512, 1)),
        ..Options::default()
    })
    .await;
    let admin = app.admin();
    let other = app.user(&[]).await;
    let (held, answer) = occupy(&app, &admin).await;
    answer.problem(503, "busy");
    let answer = admin.graphql("{ __typename }", Json::Null).await;
    answer.status(503).error("busy");
    assert_eq!(answer.header("retry-after"), Some("1"));
    other.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    drop(held);
    until(&admin, 200).await.ok();
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let large = "a".repeat(1024 * 1024);
    let answer = admin.create("organizations", json!({"name": large})).await;
    answer.problem(413, "body_too_large");
    let answer = admin.graphql(&large[..256 * 1024], Json::Null).await;
    answer.status(413).error("body_too_large");
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let app = TestApp::start_with(Options {
        header_timeout: Some(1),
        ..Options::default()
    })
    .await;
    for sent in [
        "",
        "GET /healthz HTTP/1.1\r\nhost: rel",
        "GET /healthz HTTP/1.1\r\nhost: relata\r\n\r\n",
    ] {
        let mut stream = connect(&app).await;
        stream.write_all(sent.as_bytes()).await.expect("it is sent");
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        ended
            .expect("the connection ends in time")
            .expect("in order");
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(
            text.starts_with("HTTP/1.1 200"),
            sent.ends_with("\r\n\r\n"),
            "{text}"
        );
    }
    app.admin()
        .call("GET", "/v1/auth/me", &Json::Null)
        .await
        .ok();
}
