//! Every code of the table in `docs/errors.md` is produced here, or stands in a list with the reason
//! why no request can be made to produce it.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Codes that no request produces on a server that is well.
const UNREACHABLE: &[(&str, &str)] = &[
    (
        "internal",
        "our own fault: a test that could produce it would be a bug report",
    ),
    (
        "busy",
        "needs a lock that is held for seconds; the mapping is tested in api",
    ),
    ("timeout", "needs a request of 30 seconds"),
    ("not_ready", "needs a database that does not answer"),
    (
        "unknown_relation",
        "what is unknown in a request is an unknown field; in a path it is not found",
    ),
];

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Method, path, body, expected code.
fn requests(id: &str) -> Vec<(&'static str, String, Json, &'static str)> {
    let organizations = "/v1/data/organizations".to_owned();
    let list = |parameters: &str| format!("/v1/data/organizations?{parameters}");
    let one = format!("/v1/data/organizations/{id}");
    let graphql = |query: &str| json!({"query": query});
    let nothing = Json::Null;
    vec![
        (
            "GET",
            list("colour=1"),
            nothing.clone(),
            "invalid_parameter",
        ),
        (
            "GET",
            list("limit=1&limit=2"),
            nothing.clone(),
            "invalid_parameter",
        ),
        ("GET", list("sort=colour"), nothing.clone(), "unknown_field"),
        (
            "GET",
            list("fields=colour"),
            nothing.clone(),
            "unknown_field",
        ),
        (
            "GET",
            list("name%5Blike%5D=x"),
            nothing.clone(),
            "unknown_operator",
        ),
        ("GET", list("filter=x"), nothing.clone(), "invalid_request"),
        ("GET", list("after=AAAA"), nothing.clone(), "invalid_cursor"),
        ("GET", list("limit=0"), nothing.clone(), "validation_failed"),
        (
            "POST",
            "/v1/meta/access/apply".to_owned(),
            json!({"expectedVersion": 0, "roles": []}),
            "access_version_mismatch",
        ),
        (
            "GET",
            "/v1/data/unicorns".to_owned(),
            nothing.clone(),
            "object_not_found",
        ),
        (
            "GET",
            format!("/v1/data/organizations/{NOBODY}"),
            nothing.clone(),
            "record_not_found",
        ),
        (
            "GET",
            "/v1/data/organizations/x".to_owned(),
            nothing.clone(),
            "record_not_found",
        ),
        (
            "GET",
            "/v1/meta/objects/unicorn".to_owned(),
            nothing.clone(),
            "not_found",
        ),
        (
            "GET",
            "/v1/meta/roles/unicorn".to_owned(),
            nothing.clone(),
            "not_found",
        ),
        (
            "GET",
            "/v1/unicorns".to_owned(),
            nothing.clone(),
            "route_not_found",
        ),
        (
            "PUT",
            organizations.clone(),
            json!({}),
            "method_not_allowed",
        ),
        (
            "POST",
            organizations.clone(),
            json!({}),
            "validation_failed",
        ),
        (
            "POST",
            organizations.clone(),
            json!({"name": "b", "colour": 1}),
            "unknown_field",
        ),
        (
            "POST",
            organizations,
            json!({"name": "b", "externalId": "1"}),
            "unique_conflict",
        ),
        ("PATCH", one, json!({"version": 7}), "unknown_field"),
        (
            "POST",
            "/graphql".to_owned(),
            graphql("{"),
            "malformed_query",
        ),
        (
            "POST",
            "/graphql".to_owned(),
            graphql("{ unicorns }"),
            "invalid_query",
        ),
    ]
}

/// The codes that requests with headers or bodies of their own produce.
async fn odd_requests(admin: &Client, id: &str) -> Vec<String> {
    let path = format!("/v1/data/organizations/{id}");
    let patch = || admin.request(reqwest::Method::PATCH, &path);
    let post = || admin.request(reqwest::Method::POST, "/v1/data/organizations");
    let json = "application/json";
    let change = json!({"operations": [{"op": "deleteField", "object": "organization", "field": "fax"}], "expectedVersion": 99});
    let change = admin
        .request(reqwest::Method::POST, "/v1/meta/changesets")
        .json(&change);
    let large = "x".repeat(2_000_000);
    let brackets = format!("{{ {} }}", "a { ".repeat(200));
    let brackets = admin
        .request(reqwest::Method::POST, "/graphql")
        .json(&json!({"query": brackets}));
    let requests = [
        post().header("content-type", json).body("{\"name\":"),
        post().header("content-type", "text/plain").body("{}"),
        post()
            .header("content-type", json)
            .body(format!("{{\"name\":\"{large}\"}}")),
        patch().header("if-match", "3").json(&json!({})),
        patch()
            .header("if-match", "\"9\"")
            .json(&json!({"city": "X"})),
        change,
        brackets,
    ];
    let mut codes = vec![];
    for request in requests {
        let answer = admin.send(request).await;
        let body = answer.json();
        let code = body["code"]
            .as_str()
            .or(body["errors"][0]["extensions"]["code"].as_str());
        codes.push(
            code.unwrap_or_else(|| panic!("no code\n{answer}"))
                .to_owned(),
        );
    }
    codes
}

#[tokio::test]
async fn every_code_is_produced_by_a_request() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let id = admin
        .make("organizations", json!({"name": "a", "externalId": "1"}))
        .await;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (method, path, body, expected) in requests(&id) {
        let answer = admin.call(method, &path, &body).await;
        let body = answer.json();
        let code = body["code"]
            .as_str()
            .or(body["errors"][0]["extensions"]["code"].as_str());
        let code = code.unwrap_or_else(|| panic!("no code\n{answer}"));
        let refused =
            code == expected || (expected == "unknown_field" && code == "validation_failed");
        assert!(refused, "{expected}\n{answer}");
        seen.insert(code.to_owned());
    }
    seen.extend(odd_requests(&admin, &id).await);
    seen.extend(limited_requests().await);
    app.anonymous()
        .list("organizations", "")
        .await
        .problem(401, "unauthenticated");
    seen.insert("unauthenticated".to_owned());
    let reader = app
        .role("reader", crate::support::Rules::none().read("organization"))
        .await;
    reader
        .patch("organizations", &id, json!({"city": "X"}))
        .await
        .problem(403, "forbidden");
    seen.insert("forbidden".to_owned());
    let users = admin.meta("GET", "users", Json::Null).await.ok();
    let own = users["data"][0]["id"].as_str().expect("a user").to_owned();
    // The last one who can manage access must stay.
    admin
        .meta("PATCH", &format!("users/{own}"), json!({"active": false}))
        .await
        .problem(409, "conflict");
    seen.insert("conflict".to_owned());

    let missing: Vec<String> = table()
        .into_iter()
        .filter(|code| !seen.contains(code))
        .filter(|code| !UNREACHABLE.iter().any(|(known, _)| known == code))
        .collect();
    assert_eq!(
        missing,
        Vec::<String>::new(),
        "no request produces these codes"
    );
    let both: Vec<&&str> = UNREACHABLE
        .iter()
        .map(|(code, _)| code)
        .filter(|code| seen.contains(**code))
        .collect();
    assert_eq!(
        both,
        Vec::<&&str>::new(),
        "these are produced: take them off the list"
    );
}

/// A provider of sign-in at an address where nobody listens.
async fn failing_provider() -> String {
    let settings = json!([{
        "name": "gone", "label": "Gone", "issuer": "http://127.0.0.1:1", "clientId": "relata",
        "redirectUris": ["https://app.example.com/"],
    }]);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), settings.to_string()).expect("it is written");
    let providers = api::config::OidcProvider::read_all(file.path()).expect("providers");
    let options = crate::support::Options {
        providers,
        ..crate::support::Options::default()
    };
    let app = TestApp::start_with(options).await;
    let body = json!({"redirectUri": "https://app.example.com/"});
    let path = "/v1/auth/oidc/gone/start";
    let answer = app.anonymous().call("POST", path, &body).await;
    answer.problem(502, "provider_failed");
    "provider_failed".to_owned()
}

/// The codes of servers whose limits are soon reached, or whose provider is gone.
async fn limited_requests() -> [String; 4] {
    let app = TestApp::start_with(crate::support::Options {
        rates: Some("standard=12"),
        still: true,
        ..crate::support::Options::default()
    })
    .await;
    let wide = "limit=200&fields=name,orders.number";
    let answer = app.admin().list("organizations", wide).await;
    answer.problem(400, "cost_too_high");
    let values = || json!({"name": "a"});
    for _ in 0..2 {
        app.admin().make("organizations", values()).await;
    }
    let answer = app.admin().create("organizations", values()).await;
    answer.problem(429, "quota_exceeded");
    let wrong = json!({"email": "nobody@example.com", "password": "wrong"});
    loop {
        let answer = app.anonymous().call("POST", "/v1/auth/login", &wrong).await;
        if answer.code() == 429 {
            answer.problem(429, "too_many_attempts");
            let [cost, quota, attempts] =
                ["cost_too_high", "quota_exceeded", "too_many_attempts"].map(str::to_owned);
            return [cost, quota, attempts, failing_provider().await];
        }
    }
}

/// The codes of the table.
fn table() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let text = fs::read_to_string(file).expect("docs/errors.md is committed");
    let (codes, _) = text
        .split_once("`errors` lists the faults")
        .expect("two tables");
    let rows = codes.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next().map(str::to_owned))
        .collect()
}
