//! Every operation of the contract, called by nobody: it must be refused. What needs no credentials
//! stands in a list that may only become shorter.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

/// What nobody may call, as the contract names it.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/v1/auth/login"),
    ("GET", "/v1/auth/oidc"),
    ("POST", "/v1/auth/oidc/{provider}/finish"),
    ("POST", "/v1/auth/oidc/{provider}/start"),
    ("POST", "/v1/auth/login/verify"),
    ("POST", "/v1/auth/refresh"),
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/auth/password/forgot"),
    ("POST", "/v1/auth/password/reset"),
];

/// The operations of the contract that this caller sees.
async fn operations(app: &TestApp) -> Vec<(String, String)> {
    let contract = app.admin().get_path("/openapi.json", "").await.ok();
    let paths = contract["paths"].as_object().expect("paths");
    let methods = ["get", "post", "put", "patch", "delete"];
    let found = paths.iter().flat_map(|(path, item)| {
        let named = methods.iter().filter(|method| item[**method].is_object());
        named.map(move |method| (method.to_uppercase(), path.clone()))
    });
    found.collect()
}

#[tokio::test]
async fn every_operation_refuses_nobody() {
    let app = TestApp::start().await;
    Kind::both(&app).await;
    let operations = operations(&app).await;
    let custom = operations
        .iter()
        .filter(|(_, path)| path.contains("/ventures"));
    assert!(custom.count() >= 6, "{operations:?}");
    assert!(operations.len() > 60, "{operations:?}");
    for (method, path) in operations {
        if OPEN.contains(&(&method, &path)) {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        for token in [None, Some("rlt_nothing"), Some("a.b.c")] {
            let nobody = match token {
                Some(token) => app.anonymous().with_token(token),
                None => app.anonymous(),
            };
            for body in [Json::Null, json!({"nonsense": 1})] {
                let answer = nobody.call(&method, &path, &body).await;
                answer.problem(401, "unauthenticated");
                assert!(answer.header("www-authenticate").is_some(), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_open_is_in_the_contract() {
    let app = TestApp::start().await;
    let operations = operations(&app).await;
    for (method, path) in OPEN {
        let known = operations.contains(&((*method).to_owned(), (*path).to_owned()));
        assert!(
            known,
            "{method} {path} is no operation any more: take it off the list"
        );
    }
}

#[tokio::test]
async fn the_contract_that_nobody_sees_names_no_type() {
    let app = TestApp::start().await;
    Kind::both(&app).await;
    let contract = app.anonymous().get_path("/openapi.json", "").await;
    contract.ok();
    for name in [
        "/v1/data/",
        "enture",
        "rganizationInput",
        "shipment",
        "employeeCount",
    ] {
        assert!(!contract.text().contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_role_without_rules_reaches_no_record() {
    let app = TestApp::start().await;
    Kind::both(&app).await;
    app.add_role("empty", &crate::support::Rules::none()).await;
    for client in [
        app.user(&["empty"]).await,
        app.user(&[]).await,
        app.key(&["empty"], json!({})).await,
    ] {
        for (method, path) in operations(&app).await {
            if !path.starts_with("/v1/data/") {
                continue;
            }
            let path = path.replace(['{', '}'], "");
            let query = path.ends_with("/query");
            let body = if query { json!({}) } else { json!({"id": "x"}) };
            client
                .call(&method, &path, &body)
                .await
                .problem(404, "object_not_found");
        }
    }
}
