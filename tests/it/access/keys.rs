//! API keys: a scope only narrows, a key that is no good is nobody, and no key reaches beyond records.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{Kind, Rules, TestApp};

fn everything(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let rules = ["read", "create", "update"]
            .into_iter()
            .fold(rules, |rules, action| {
                rules.allow(action, kind.name, json!({"fields": "*"}))
            });
        rules.allow("delete", kind.name, json!({}))
    })
}

/// Calls that tell which of the four actions a caller has: action, status.
async fn actions(app: &TestApp, client: &crate::support::Client, kind: Kind) -> String {
    let id = kind.make(&app.admin(), "x").await;
    let may = |code: u16| (200..300).contains(&code);
    let mut held = Vec::new();
    if may(client.get(kind.plural, &id).await.code()) {
        held.push("read");
    }
    if may(client
        .create(kind.plural, json!({"name": "x"}))
        .await
        .code())
    {
        held.push("create");
    }
    if may(client
        .patch(kind.plural, &id, json!({"name": "y"}))
        .await
        .code())
    {
        held.push("update");
    }
    if may(client.delete(kind.plural, &id).await.code()) {
        held.push("delete");
    }
    held.join(" ")
}

#[tokio::test]
async fn a_scope_only_narrows() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &everything(kinds)).await;
    app.add_role(
        "readOnly",
        &kinds.into_iter().fold(Rules::none(), |rules, kind| {
            rules.allow("read", kind.name, json!({"fields": "*"}))
        }),
    )
    .await;
    for (role, scopes, first, second) in [
        (
            "all",
            json!(["data:*:*"]),
            "read create update delete",
            "read create update delete",
        ),
        (
            "all",
            json!(["data:organization:*"]),
            "read create update delete",
            "",
        ),
        ("all", json!(["data:*:read"]), "read", "read"),
        (
            "all",
            json!(["data:venture:read", "data:venture:update"]),
            "",
            "read update",
        ),
        ("all", json!(["data:organization:create"]), "create", ""),
        ("all", json!(["data:product:read"]), "", ""),
        ("readOnly", json!(["data:*:*"]), "read", "read"),
        ("readOnly", json!(["data:organization:update"]), "", ""),
    ] {
        let key = app.key(&[role], json!({"scopes": scopes})).await;
        assert_eq!(
            actions(&app, &key, kinds[0]).await,
            first,
            "{role} {scopes}"
        );
        assert_eq!(
            actions(&app, &key, kinds[1]).await,
            second,
            "{role} {scopes}"
        );
    }
}

#[tokio::test]
async fn a_scope_narrows_graphql_and_the_contract_as_well() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &everything(kinds)).await;
    let key = app
        .key(&["all"], json!({"scopes": ["data:venture:read"]}))
        .await;
    assert_eq!(
        key.graphql("{ ventures { totalCount } }", Json::Null)
            .await
            .data()["ventures"]["totalCount"],
        0
    );
    for document in [
        "{ organizations { totalCount } }",
        "mutation { createVenture(input: {name: \"x\"}) { id } }",
        "mutation { createOrganization(input: {name: \"x\"}) { id } }",
    ] {
        let answer = key.graphql(document, Json::Null).await;
        assert!(answer.json()["errors"].is_array(), "{answer}");
    }
    let contract = key.get_path("/openapi.json", "").await.ok();
    let paths = contract["paths"].as_object().expect("paths");
    assert!(paths.contains_key("/v1/data/ventures"));
    assert!(
        paths
            .keys()
            .all(|path| !path.contains("organizations") && !path.contains("/v1/meta/keys")),
        "{paths:?}"
    );
    assert!(contract["paths"]["/v1/data/ventures"]["post"].is_null());
}

#[tokio::test]
async fn a_scope_that_names_nothing_is_refused() {
    let app = TestApp::start().await;
    app.add_role("all", &Rules::none()).await;
    for scopes in [
        json!([]),
        json!(["data"]),
        json!(["data:nothing:read"]),
        json!(["data:*:fly"]),
        json!(["meta:*:*"]),
        json!(["*"]),
        json!(["data:organization:read "]),
        json!([1]),
    ] {
        let key = json!({"name": "x", "roles": ["all"], "scopes": scopes});
        let answer = app.admin().meta("POST", "keys", key).await;
        answer.problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn a_bad_key_is_nobody() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &everything(kinds)).await;
    let good = app.key(&["all"], json!({})).await;
    good.list("ventures", "").await.ok();
    let text = good.token().to_owned();
    let other = app.key(&["all"], json!({})).await.token().to_owned();
    let swap = |at: usize| {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).expect("ASCII")
    };
    // The id of one key with the secret of another.
    let mixed = format!("{}{}", &text[..16], &other[16..]);
    let bad = [
        String::new(),
        "rlt_".to_owned(),
        "rlt__".to_owned(),
        "rlt_x_y".to_owned(),
        swap(5),
        swap(30),
        swap(text.len() - 1),
        text[..text.len() - 1].to_owned(),
        format!("{text}a"),
        text.to_lowercase(),
        format!("RLT_{}", &text[4..]),
        mixed,
        "a.b.c".to_owned(),
        "null".to_owned(),
        "x".repeat(5_000),
    ];
    for token in bad {
        let client = app.anonymous().with_token(&token);
        for answer in [
            client.list("ventures", "").await,
            client
                .graphql("{ ventures { totalCount } }", Json::Null)
                .await,
            client.get_path("/v1/auth/me", "").await,
        ] {
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").is_some(), "{answer}");
            assert!(
                token.len() < 8 || !answer.text().contains(&token),
                "the credentials come back\n{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_bad_header_is_nobody() {
    let app = TestApp::start().await;
    let token = app.admin().token().to_owned();
    for header in [
        "Basic YTpi".to_owned(),
        token.clone(),
        "Bearer".to_owned(),
        format!("Bearer {token} {token}"),
        format!("Token {token}"),
    ] {
        let client = app.anonymous();
        let request = client
            .request("GET".parse().expect("a method"), "/v1/auth/me")
            .header("authorization", &header);
        client.send(request).await.problem(401, "unauthenticated");
    }
    // A key counts in the header alone.
    let path = format!("/v1/data/organizations?access_token={token}");
    app.anonymous()
        .call("GET", &path, &Json::Null)
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_key_is_nobody_at_once() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &everything(kinds)).await;
    let created = app.create_key(&["all"], json!({})).await;
    let key = app
        .anonymous()
        .with_token(created["secret"].as_str().expect("a secret"));
    key.list("ventures", "").await.ok();
    let path = format!("keys/{}", created["id"].as_str().expect("an id"));
    app.admin()
        .meta("DELETE", &path, Json::Null)
        .await
        .status(204);
    key.list("ventures", "")
        .await
        .problem(401, "unauthenticated");
    key.graphql("{ ventures { totalCount } }", Json::Null)
        .await
        .problem(401, "unauthenticated");
    // Ending it again changes nothing, and it does not come back.
    app.admin()
        .meta("DELETE", &path, Json::Null)
        .await
        .status(204);
    key.list("ventures", "")
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_expired_key_is_nobody() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &everything(kinds)).await;
    let at = (OffsetDateTime::now_utc() + Duration::hours(1))
        .format(&Rfc3339)
        .expect("an instant");
    let key = app.key(&["all"], json!({"expiresAt": at})).await;
    key.list("ventures", "").await.ok();
    app.advance(Duration::hours(2));
    key.list("ventures", "")
        .await
        .problem(401, "unauthenticated");
    let past = json!({"name": "x", "roles": ["all"], "expiresAt": "2001-01-01T00:00:00Z"});
    app.advance(Duration::hours(-2));
    app.admin()
        .meta("POST", "keys", past)
        .await
        .problem_at(422, "validation_failed", "/expiresAt");
}

#[tokio::test]
async fn a_key_of_a_partner_that_is_not_active_is_nobody() {
    let app = TestApp::start().await;
    let organization = app
        .admin()
        .make("organizations", json!({"name": "Carrier"}))
        .await;
    app.add_role(
        "partner",
        &Rules::none().allow("read", "organization", json!({"fields": "*"})),
    )
    .await;
    let partner = json!({"organization": organization, "name": "Carrier"});
    let partner = app.admin().meta("POST", "partners", partner).await.ok();
    let key = app
        .key(&["partner"], json!({"partner": partner["id"]}))
        .await;
    key.list("organizations", "").await.ok();
    let path = format!("partners/{}", partner["id"].as_str().expect("an id"));
    app.admin()
        .meta("PATCH", &path, json!({"active": false}))
        .await
        .ok();
    key.list("organizations", "")
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_never_reaches_beyond_records() {
    let app = TestApp::start().await;
    let role =
        json!({"name": "chief", "label": "Chief", "permissions": ["manageAccess", "manageSchema"]});
    app.admin().meta("POST", "roles", role).await.status(201);
    for role in ["chief", "administrator", "admin"] {
        let key = json!({"name": "x", "roles": [role]});
        let answer = app.admin().meta("POST", "keys", key).await;
        assert_eq!(answer.code(), 422, "{answer}");
    }
    // Nor does a role that a key holds get permissions afterwards.
    app.add_role(
        "held",
        &Rules::none().allow("read", "organization", json!({"fields": "*"})),
    )
    .await;
    let key = app.key(&["held"], json!({})).await;
    let more = json!({"permissions": ["manageAccess"]});
    app.admin()
        .meta("PATCH", "roles/held", more)
        .await
        .problem(409, "conflict");
    for (method, path, body) in [
        ("GET", "users", Json::Null),
        ("GET", "keys", Json::Null),
        ("GET", "roles", Json::Null),
        ("GET", "roles/held/rules", Json::Null),
        ("GET", "partners", Json::Null),
        ("POST", "keys", json!({"name": "x", "roles": ["held"]})),
        (
            "POST",
            "users",
            json!({"email": "x@example.com", "name": "x", "password": "a long password", "roles": ["held"]}),
        ),
        ("POST", "roles", json!({"name": "x", "label": "x"})),
        (
            "POST",
            "roles/held/rules",
            json!({"action": "read", "object": "*", "fields": "*"}),
        ),
        (
            "POST",
            "changesets",
            json!({"operations": [{"op": "addObjectType", "name": "x", "plural": "xs"}]}),
        ),
        ("POST", "objects", json!({"name": "x", "plural": "xs"})),
        (
            "POST",
            "objects/organization/fields",
            json!({"name": "x", "type": "text"}),
        ),
        ("DELETE", "objects/organization/fields/city", Json::Null),
    ] {
        key.meta(method, path, body).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn what_the_server_keeps_can_not_be_sent() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let id = "01900000-0000-7000-8000-000000000000";
    let instant = "2001-01-01T00:00:00Z";
    let mut clients = vec![app.admin()];
    clients.extend(app.person_and_key("all", everything(kinds)).await);
    for client in &clients {
        for kind in kinds {
            let record = kind.make(&app.admin(), "kept").await;
            let before = app.admin().get(kind.plural, &record).await.ok();
            for (name, value) in [
                ("id", json!(id)),
                ("version", json!(99)),
                ("createdAt", json!(instant)),
                ("createdBy", json!(id)),
                ("updatedAt", json!(instant)),
                ("updatedBy", json!(id)),
            ] {
                let place = format!("/{name}");
                client
                    .create(kind.plural, json!({"name": "x", name: value}))
                    .await
                    .problem_at(422, "validation_failed", &place);
                client
                    .patch(kind.plural, &record, json!({name: value}))
                    .await
                    .problem_at(422, "validation_failed", &place);
                for document in [
                    "mutation { createThing(input: {name: \"x\", NAME: VALUE}) { id } }",
                    "mutation { updateThing(id: \"ID\", input: {NAME: VALUE}) { id } }",
                ] {
                    let document = document
                        .replace("NAME", name)
                        .replace("ID", &record)
                        .replace("VALUE", &value.to_string());
                    kind.graphql(client, &document, Json::Null)
                        .await
                        .error("invalid_query");
                }
            }
            for name in [
                "deletedAt",
                "deleted_at",
                "created_by",
                "createdby",
                "__proto__",
                "",
            ] {
                let values = json!({"name": "x", name: instant});
                client.create(kind.plural, values).await.problem_at(
                    400,
                    "unknown_field",
                    &format!("/{name}"),
                );
                client
                    .patch(kind.plural, &record, json!({name: instant}))
                    .await
                    .problem(400, "unknown_field");
            }
            assert_eq!(app.admin().get(kind.plural, &record).await.ok(), before);
        }
    }
}
