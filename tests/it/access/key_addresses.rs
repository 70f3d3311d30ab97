//! Keys that may be used from some addresses alone: elsewhere they are no better than a wrong key.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::same;
use crate::support::{Client, Options, Response, Rules, TestApp};

const FORWARDED_FOR: &str = "X-Forwarded-For";

async fn start(trusted_proxies: Vec<&'static str>) -> TestApp {
    let options = Options {
        trusted_proxies,
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    app.add_role("reader", &Rules::none().read("organization"))
        .await;
    app
}

async fn key(app: &TestApp, allowed: Json) -> Client {
    app.key(&["reader"], json!({"allowedIps": allowed})).await
}

/// A list, asked for with this header.
async fn forwarded(client: &Client, lines: &[&str]) -> Response {
    let request = client.request(Method::GET, "/v1/data/organizations");
    let request = lines.iter().fold(request, |request, line| {
        request.header(FORWARDED_FOR, *line)
    });
    client.send(request).await
}

#[tokio::test]
async fn a_key_is_nobody_at_an_address_that_its_list_lacks() {
    let app = start(Vec::new()).await;
    let key = key(&app, json!(["127.0.0.2", "127.1.0.0/16", "2001:db8::/32"])).await;
    let mut wrong = key.token().to_owned().into_bytes();
    wrong
        .iter_mut()
        .skip(20)
        .take(1)
        .for_each(|byte| *byte = if *byte == b'a' { b'b' } else { b'a' });
    let wrong = key.with_token(&String::from_utf8(wrong).expect("ASCII"));
    for address in ["127.0.0.2", "127.1.9.9"] {
        let key = key.at(address);
        key.list("organizations", "").await.ok();
        key.graphql("{ organizations { totalCount } }", Json::Null)
            .await
            .data();
        key.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    }
    for address in ["127.0.0.1", "127.0.0.3", "127.2.0.0"] {
        let (key, wrong) = (key.at(address), wrong.at(address));
        for path in [
            "/v1/data/organizations",
            "/v1/data/nothing",
            "/openapi.json",
            "/v1/auth/me",
            "/v1/meta/keys",
        ] {
            let refused = key.get_path(path, "").await;
            refused.problem(401, "unauthenticated");
            same(&refused, ("~", "~"), &wrong.get_path(path, "").await);
        }
        let document = "{ organizations { totalCount } }";
        let refused = key.graphql(document, Json::Null).await;
        refused.problem(401, "unauthenticated");
        same(
            &refused,
            ("~", "~"),
            &wrong.graphql(document, Json::Null).await,
        );
    }
}

#[tokio::test]
async fn a_use_that_is_refused_is_no_use() {
    let app = start(Vec::new()).await;
    let refused = app
        .create_key(&["reader"], json!({"allowedIps": ["127.0.0.2"]}))
        .await;
    let used = app.create_key(&["reader"], json!({})).await;
    app.advance(time::Duration::minutes(2));
    for created in [&refused, &used] {
        let key = app
            .anonymous()
            .with_token(created["secret"].as_str().expect("a secret"));
        let answer = key.list("organizations", "").await;
        assert_eq!(
            answer.code() == 200,
            created["allowedIps"].is_null(),
            "{answer}"
        );
    }
    // Uses are written together, a while later.
    for _ in 0..100 {
        let keys = app.admin().meta("GET", "keys", Json::Null).await.ok();
        let last_use = |created: &Json| {
            let shown = keys["data"]
                .as_array()
                .expect("keys")
                .iter()
                .find(|key| key["id"] == created["id"]);
            shown.expect("the key")["lastUsedAt"].clone()
        };
        assert_eq!(last_use(&refused), Json::Null);
        if last_use(&used).is_string() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no use was written");
}

#[tokio::test]
async fn the_header_of_a_stranger_says_nothing() {
    let app = start(vec!["127.0.0.9"]).await;
    let key = key(&app, json!(["203.0.113.0/24", "127.0.0.2"])).await;
    for lines in [
        &["203.0.113.7"] as &[&str],
        &["203.0.113.7, 127.0.0.9"],
        &["127.0.0.2"],
        &["203.0.113.7", "127.0.0.2"],
    ] {
        forwarded(&key.at("127.0.0.1"), lines)
            .await
            .problem(401, "unauthenticated");
        forwarded(&key.at("127.0.0.2"), lines).await.ok();
    }
    let own = key.at("127.0.0.2");
    forwarded(&own, &["198.51.100.1"]).await.ok();
}

#[tokio::test]
async fn a_trusted_proxy_tells_who_calls() {
    let app = start(vec!["127.0.0.1", "10.0.0.0/8"]).await;
    let key = key(&app, json!(["203.0.113.0/24"])).await;
    for lines in [
        &["203.0.113.7"] as &[&str],
        &["198.51.100.1, 203.0.113.7"],
        &["198.51.100.1", "203.0.113.7, 10.1.1.1"],
        &["203.0.113.7:4711"],
        &["::ffff:203.0.113.7"],
        &["nonsense, 203.0.113.7"],
    ] {
        forwarded(&key, lines).await.ok();
        forwarded(&key.at("127.0.0.2"), lines)
            .await
            .problem(401, "unauthenticated");
    }
    for lines in [
        &[] as &[&str],
        &["198.51.100.1"],
        &["203.0.113.7, 198.51.100.1"],
        &["203.0.113.7", "198.51.100.1"],
        &["203.0.113.7, unknown"],
        &["203.0.113.7,"],
        &[""],
        &["10.1.1.1"],
    ] {
        forwarded(&key, lines).await.problem(401, "unauthenticated");
    }
    // A key without a list works from wherever it is said to be used.
    let free = app.key(&["reader"], json!({})).await;
    forwarded(&free, &["unknown"]).await.ok();
}

#[tokio::test]
async fn a_list_of_addresses_is_shown_as_it_is_understood() {
    let app = start(Vec::new()).await;
    let sent = json!([
        "203.0.113.0/24",
        "2001:DB8::/32",
        "192.0.2.7/32",
        "::ffff:192.0.2.8"
    ]);
    let created = app
        .create_key(&["reader"], json!({"allowedIps": sent}))
        .await;
    let shown = json!(["203.0.113.0/24", "2001:db8::/32", "192.0.2.7", "192.0.2.8"]);
    assert_eq!(created["allowedIps"], shown);
    let path = format!("keys/{}", created["id"].as_str().expect("an id"));
    let read = app.admin().meta("GET", &path, Json::Null).await.ok();
    assert_eq!(read["allowedIps"], shown);
    for allowed in [json!({}), json!({"allowedIps": null})] {
        let created = app.create_key(&["reader"], allowed).await;
        assert_eq!(created["allowedIps"], Json::Null);
    }
}

#[tokio::test]
async fn a_list_that_names_no_addresses_is_refused_where_it_stands() {
    let app = start(Vec::new()).await;
    let many: Vec<String> = (0..101).map(|at| format!("192.0.2.{at}")).collect();
    for (allowed, place) in [
        (json!([]), "/allowedIps"),
        (json!(many), "/allowedIps"),
        (json!("192.0.2.7"), "/allowedIps"),
        (json!([7]), "/allowedIps/0"),
        (json!(["192.0.2.7", "example.com"]), "/allowedIps/1"),
        (json!(["192.0.2.7", "192.0.2.7/24"]), "/allowedIps/1"),
        (json!(["192.0.2.0/33"]), "/allowedIps/0"),
        (json!([""]), "/allowedIps/0"),
    ] {
        let key = json!({"name": "x", "roles": ["reader"], "allowedIps": allowed});
        let refused = app.admin().meta("POST", "keys", key).await;
        refused.problem_at(422, "validation_failed", place);
    }
}
