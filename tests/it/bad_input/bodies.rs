//! Bodies that are no JSON, not UTF-8, too large or of the wrong media type.

use serde_json::{Value as Json, json};

use super::{refused, refused_by_graphql};
use crate::support::{Client, Kind, Response, TestApp};

async fn send(
    client: &Client,
    (method, path): (&str, &str),
    media_type: &str,
    body: Vec<u8>,
) -> Response {
    let request = client.request(method.parse().expect("a method"), path);
    let request = if media_type.is_empty() {
        request
    } else {
        request.header("content-type", media_type)
    };
    client.send(request.body(body)).await
}

/// Every place that takes a body.
async fn places(app: &TestApp) -> Vec<(&'static str, String)> {
    let kinds = Kind::both(app).await;
    let key = uuid::Uuid::now_v7();
    let mut places = vec![
        ("POST", "/graphql".to_owned()),
        ("POST", "/v1/auth/login".to_owned()),
        ("POST", "/v1/auth/login/verify".to_owned()),
        ("POST", "/v1/auth/totp".to_owned()),
        ("POST", "/v1/auth/totp/confirm".to_owned()),
        ("DELETE", "/v1/auth/totp".to_owned()),
        ("POST", "/v1/auth/refresh".to_owned()),
        ("POST", "/v1/auth/password/forgot".to_owned()),
        ("POST", "/v1/auth/password/reset".to_owned()),
        ("POST", "/v1/auth/password/change".to_owned()),
        ("POST", "/v1/meta/changesets".to_owned()),
        ("POST", "/v1/meta/objects".to_owned()),
        ("POST", "/v1/meta/objects/organization/fields".to_owned()),
        ("POST", "/v1/meta/relations".to_owned()),
        ("POST", "/v1/meta/roles".to_owned()),
        ("POST", "/v1/meta/users".to_owned()),
        ("POST", "/v1/meta/keys".to_owned()),
        ("PATCH", format!("/v1/meta/keys/{key}")),
        ("POST", "/v1/meta/partners".to_owned()),
    ];
    for kind in kinds {
        let id = kind.make(&app.admin(), "x").await;
        places.push(("POST", format!("/v1/data/{}", kind.plural)));
        places.push(("POST", format!("/v1/data/{}/query", kind.plural)));
        places.push(("PATCH", format!("/v1/data/{}/{id}", kind.plural)));
        places.push(("POST", format!("/v1/data/{}/{id}/allies", kind.plural)));
    }
    places
}

#[tokio::test]
async fn what_is_no_json_is_a_400() {
    let app = TestApp::start().await;
    let deep = format!("{}1{}", "{\"a\":".repeat(1_000), "}".repeat(1_000));
    let lists = "[".repeat(100_000);
    for (method, path) in places(&app).await {
        for text in [
            "",
            "{",
            "}",
            "{\"name\": }",
            "{\"name\": \"x\"} x",
            "{'name': 1}",
            "{\"name\": NaN}",
            "{\"name\": 01}",
            "{\"name\": \"\\ud800\"}",
            "{\"name\": \"a\nb\"}",
            "\u{feff}{}",
            "nul",
            "{\"a\":1,}",
            "<a/>",
            &lists,
            &deep,
        ] {
            let answer = send(
                &app.admin(),
                (method, &path),
                "application/json",
                text.as_bytes().to_vec(),
            )
            .await;
            assert!([400, 422].contains(&answer.code()), "{answer}");
            refused(&answer);
        }
        for bytes in [
            &b"\xff\xfe"[..],
            b"{\"name\": \"\xff\"}",
            b"{\"name\": \"\xed\xa0\x80\"}",
            b"{\"\xc0\xaf\": 1}",
        ] {
            let answer = send(
                &app.admin(),
                (method, &path),
                "application/json",
                bytes.to_vec(),
            )
            .await;
            assert_eq!(answer.code(), 400, "{answer}");
            refused(&answer);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let app = TestApp::start().await;
    for (method, path) in places(&app).await {
        for body in [
            json!([]),
            json!(1),
            json!("x"),
            json!(true),
            json!([{"name": "x"}]),
        ] {
            refused(&app.admin().call(method, &path, &body).await);
        }
        let answer = send(
            &app.admin(),
            (method, &path),
            "application/json",
            b"null".to_vec(),
        )
        .await;
        refused(&answer);
        if path != "/graphql" {
            refused(
                &app.admin()
                    .call(method, &path, &json!({"nonsense": {"a": [1]}}))
                    .await,
            );
        }
    }
}

#[tokio::test]
async fn another_media_type_is_a_415() {
    let app = TestApp::start().await;
    for (method, path) in places(&app).await {
        for media_type in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "application/jsonp",
            "json",
            "text/html, application/json",
        ] {
            let answer = send(
                &app.admin(),
                (method, &path),
                media_type,
                b"{\"name\":\"x\"}".to_vec(),
            )
            .await;
            assert_eq!(answer.code(), 415, "{answer}");
            refused(&answer);
        }
    }
}

#[tokio::test]
async fn a_large_body_is_a_413_or_422_and_not_stored() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    for kind in kinds {
        let id = kind.make(&app.admin(), "x").await;
        for size in [1_000_000, 1_048_576, 3_000_000] {
            let long = "x".repeat(size);
            for field in [
                "name", "city", "email", "website", "phone", "status", "weight", "founded", "token",
            ] {
                let answer = app
                    .admin()
                    .patch(kind.plural, &id, json!({(field): long}))
                    .await;
                assert!(
                    [413, 422].contains(&answer.code()),
                    "{} {field} {size}",
                    answer.code()
                );
                refused(&answer);
                assert!(answer.text().len() < 2_000, "the text comes back");
            }
            let answer = app
                .admin()
                .list(kind.plural, &format!("name[eq]={}", &long[..60_000]))
                .await;
            assert!(answer.code() < 500, "{}", answer.code());
            let answer = kind
                .graphql(
                    &app.admin(),
                    "mutation($n: String!) { createThing(input: {name: $n}) { id } }",
                    json!({"n": long}),
                )
                .await;
            refused_by_graphql(&answer);
        }
        assert_eq!(app.admin().get(kind.plural, &id).await.ok()["version"], 1);
        assert_eq!(
            app.admin().list(kind.plural, "count=exact").await.ok()["count"],
            1
        );
    }
    let body = vec![b' '; 20_000_000];
    let answer = send(&app.admin(), ("POST", "/graphql"), "application/json", body).await;
    assert_eq!(answer.code(), 413, "{answer}");
    refused(&answer);
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    let app = TestApp::start().await;
    for (method, path, status, code) in [
        ("GET", "/nothing", 404, "route_not_found"),
        ("GET", "/v1", 404, "route_not_found"),
        ("GET", "/v1/data", 404, "route_not_found"),
        (
            "GET",
            "/v1/data/organizations/a/b/c/d",
            404,
            "route_not_found",
        ),
        ("GET", "/v1/data/nothings", 404, "object_not_found"),
        ("GET", "/v1/data/organization", 404, "object_not_found"),
        ("GET", "/v1/data/Organizations", 404, "object_not_found"),
        ("GET", "/v1/data/%00", 404, "object_not_found"),
        (
            "GET",
            "/v1/data/organizations%22;drop%20table%20x",
            404,
            "object_not_found",
        ),
        ("GET", "/v1/data/organizations/x", 404, "record_not_found"),
        ("GET", "/v1/data/organizations/%00", 404, "record_not_found"),
        (
            "GET",
            "/v1/data/organizations/'%20or%201=1--",
            404,
            "record_not_found",
        ),
        (
            "GET",
            "/v1/data/organizations/%F0%9F%98%80",
            404,
            "record_not_found",
        ),
        ("PUT", "/v1/data/organizations", 405, "method_not_allowed"),
        (
            "DELETE",
            "/v1/data/organizations",
            405,
            "method_not_allowed",
        ),
        ("GET", "/graphql", 405, "method_not_allowed"),
        ("PATCH", "/healthz", 405, "method_not_allowed"),
    ] {
        app.admin()
            .call(method, path, &Json::Null)
            .await
            .problem(status, code);
    }
    refused(
        &app.admin()
            .call("GET", "/v1/data/organizations/%FF", &Json::Null)
            .await,
    );
    refused(
        &app.admin()
            .call("GET", "/v1/data/%FF%FE", &Json::Null)
            .await,
    );
}

#[tokio::test]
async fn a_bad_condition_in_a_header_is_refused() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let id = kind.make(&app.admin(), "x").await;
        for value in [
            "1",
            "\"x\"",
            "\"1\", \"2\"",
            "\"-1\"",
            "\"99999999999999999999\"",
            "",
            "\"1",
        ] {
            let path = format!("/v1/data/{}/{id}", kind.plural);
            let client = app.admin();
            let request = client.request("PATCH".parse().expect("a method"), &path);
            let request = request
                .header("if-match", value)
                .json(&json!({"name": "y"}));
            let answer = client.send(request).await;
            assert!([400, 412].contains(&answer.code()), "{value} {answer}");
            refused(&answer);
        }
        assert_eq!(app.admin().get(kind.plural, &id).await.ok()["name"], "x");
    }
}
