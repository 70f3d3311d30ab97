//! What every answer has, whatever is asked: ids, versions, headers, compression, closed doors; and
//! the pages that work without internet.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::support::{Response, TestApp};

const NOTHING: Json = Json::Null;

#[tokio::test]
async fn an_answer_tells_its_request_and_its_schema_version() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let version = |answer: &Response| -> i64 {
        let header = answer.header("schema-version").expect("a schema version");
        header.parse().expect("a number")
    };
    let before = version(&admin.list("organizations", "").await);
    let field = json!({"name": "colour", "type": "text"});
    admin
        .change(json!([{"op": "addField", "object": "organization", "field": field}]))
        .await
        .ok();
    let after = version(&admin.list("organizations", "").await);
    assert_eq!(after, before + 1);
    assert_eq!(
        admin.meta("GET", "version", NOTHING).await.ok()["version"],
        after
    );

    let named = admin
        .request(Method::GET, "/v1/unicorns")
        .header("x-request-id", "trace-1");
    let named = admin.send(named).await;
    assert_eq!(
        named.problem(404, "route_not_found")["requestId"],
        "trace-1"
    );
    // An id that could forge a line in a log is replaced.
    let forged = admin
        .request(Method::GET, "/healthz")
        .header("x-request-id", "a b\tc");
    let forged = admin.send(forged).await;
    assert!(
        !forged
            .header("x-request-id")
            .unwrap_or_default()
            .contains(' '),
        "{forged}"
    );
}

#[tokio::test]
async fn answers_are_not_sniffed_framed_or_kept() {
    let app = TestApp::start().await;
    let answer = app.admin().list("organizations", "").await;
    for (header, expected) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(answer.header(header), Some(expected), "{header}");
    }
    assert_eq!(answer.header("server"), None);
}

#[tokio::test]
async fn a_browser_of_another_origin_is_kept_out() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let request = admin.request(Method::GET, "/v1/data/organizations");
    let answer = admin
        .send(request.header("origin", "https://elsewhere.example"))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let request = admin.request(Method::OPTIONS, "/v1/data/organizations");
    let request = request.header("origin", "https://elsewhere.example");
    let answer = admin
        .send(request.header("access-control-request-method", "POST"))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_those_who_can_read_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let plain = admin.call("GET", "/openapi.json", &NOTHING).await;
    assert_eq!(plain.header("content-encoding"), None);
    let request = admin.request(Method::GET, "/openapi.json");
    let packed = admin.send(request.header("accept-encoding", "gzip")).await;
    assert_eq!(packed.status(200).header("content-encoding"), Some("gzip"));
    assert!(
        packed.size() * 4 < plain.size(),
        "{} of {} bytes",
        packed.size(),
        plain.size()
    );
}

#[tokio::test]
async fn the_server_says_that_it_lives_and_is_ready() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.anonymous().call("GET", path, &NOTHING).await;
        assert_eq!(answer.ok()["status"], "ok");
    }
}

#[tokio::test]
async fn the_pages_need_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    for path in ["/docs/", "/graphiql/"] {
        let page = anonymous.call("GET", path, &NOTHING).await;
        let text = page.status(200).text();
        let media_type = page.header("content-type").unwrap_or_default();
        assert!(media_type.starts_with("text/html"), "{media_type}");
        let words = text.split(['"', '\'']);
        let files: Vec<&str> = words
            .filter(|word| matches!(word.rsplit_once('.'), Some((_, "js" | "css"))))
            .collect();
        assert!(files.len() > 1, "the page names its files\n{text}");
        for file in files {
            assert!(!file.contains("//"), "{file} is elsewhere");
            let file = file.trim_start_matches("./");
            let address = if file.starts_with('/') {
                file.to_owned()
            } else {
                format!("{path}{file}")
            };
            anonymous.call("GET", &address, &NOTHING).await.status(200);
        }
        anonymous
            .call("GET", &format!("{path}missing.js"), &NOTHING)
            .await
            .status(404);
    }
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let mut app = TestApp::start().await;
    let admin = app.admin();
    let field = json!({"name": "tonnage", "type": "decimal"});
    let vessel =
        json!({"op": "addObjectType", "name": "vessel", "plural": "vessels", "fields": [field]});
    admin.change(json!([vessel])).await.ok();
    let id = admin.make("vessels", json!({"tonnage": "12.5"})).await;
    let first = admin.list("vessels", "sort=tonnage&limit=1").await;
    let cursor_list = admin.make("vessels", json!({"tonnage": "13"})).await;
    let page = admin.list("vessels", "sort=tonnage&limit=1").await.ok();
    let next = page["page"]["next"].as_str().expect("a cursor").to_owned();
    app.restart().await;
    let admin = app.admin();
    assert_eq!(admin.get("vessels", &id).await.ok(), first.ok()["data"][0]);
    // Cursors and tokens were made with keys that the database keeps.
    let after = admin
        .list("vessels", &format!("sort=tonnage&limit=1&after={next}"))
        .await;
    assert_eq!(after.ids(), [cursor_list]);
}

#[tokio::test]
async fn a_write_on_another_node_knows_the_new_schema() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    // It has answered by the old schema before.
    other.admin().list("organizations", "").await.ok();
    let field = json!({"name": "colour", "type": "text"});
    app.admin()
        .change(json!([{"op": "addField", "object": "organization", "field": field}]))
        .await
        .ok();
    let values = json!({"name": "Acme", "colour": "red"});
    let created = other.admin().create("organizations", values).await;
    assert_eq!(created.status(201).json()["colour"], "red", "{created}");
}
