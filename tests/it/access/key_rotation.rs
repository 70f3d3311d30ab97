//! Another secret for a key: for a while both work, never three.

use serde_json::{Value as Json, json};
use time::Duration;

use crate::support::{Client, Response, Rules, TestApp};

/// A key and its id.
async fn start(more: Json) -> (TestApp, String, Client) {
    let app = TestApp::start().await;
    app.add_role("reader", &Rules::none().read("organization"))
        .await;
    let created = app.create_key(&["reader"], more).await;
    let secret = created["secret"].as_str().expect("a secret");
    let id = created["id"].as_str().expect("an id").to_owned();
    let key = app.anonymous().with_token(secret);
    (app, id, key)
}

async fn rotate(admin: &Client, id: &str, body: Json) -> Response {
    admin.meta("POST", &format!("keys/{id}/rotate"), body).await
}

/// Rotates, and gives the key with its new secret.
async fn rotated(app: &TestApp, id: &str, body: Json) -> Client {
    let answer = rotate(&app.admin(), id, body).await.status(200).json();
    app.anonymous()
        .with_token(answer["secret"].as_str().expect("a secret"))
}

/// Which of these work.
async fn working<const N: usize>(keys: [&Client; N]) -> [bool; N] {
    let mut working = [false; N];
    for (at, key) in keys.into_iter().enumerate() {
        let answer = key.list("organizations", "").await;
        working[at] = answer.code() == 200;
        if !working[at] {
            answer.problem(401, "unauthenticated");
        }
    }
    working
}

async fn old_secret_until(admin: &Client, id: &str) -> Json {
    let shown = admin
        .meta("GET", &format!("keys/{id}"), Json::Null)
        .await
        .ok();
    assert_eq!(shown.get("secret"), None);
    shown["oldSecretUntil"].clone()
}

#[tokio::test]
async fn without_an_overlap_the_old_secret_ends_at_once() {
    let (app, id, first) = start(json!({})).await;
    assert_eq!(old_secret_until(&app.admin(), &id).await, Json::Null);
    let mut last = first;
    for body in [
        json!({}),
        json!({"overlap": "PT0S"}),
        json!({"overlap": null}),
        Json::Null,
    ] {
        assert_eq!(working([&last]).await, [true]);
        let next = rotated(&app, &id, body).await;
        assert_eq!(working([&last, &next]).await, [false, true]);
        assert_eq!(old_secret_until(&app.admin(), &id).await, Json::Null);
        // The public part stays: `rlt_` and twelve characters.
        assert_eq!(last.token()[..16], next.token()[..16]);
        assert_ne!(last.token(), next.token());
        last = next;
    }
}

#[tokio::test]
async fn both_secrets_work_until_the_overlap_ends() {
    let (app, id, first) = start(json!({})).await;
    let answer = rotate(&app.admin(), &id, json!({"overlap": "PT2H"}))
        .await
        .ok();
    assert_eq!(answer["id"], json!(id));
    let until = answer["oldSecretUntil"]
        .as_str()
        .expect("an instant")
        .to_owned();
    let second = app
        .anonymous()
        .with_token(answer["secret"].as_str().expect("a secret"));
    assert_eq!(old_secret_until(&app.admin(), &id).await, json!(until));
    assert_eq!(working([&first, &second]).await, [true, true]);
    for key in [&first, &second] {
        key.graphql("{ organizations { totalCount } }", Json::Null)
            .await
            .data();
        assert_eq!(
            key.call("GET", "/v1/auth/me", &Json::Null).await.ok()["id"],
            json!(id)
        );
    }
    app.advance(Duration::minutes(119));
    assert_eq!(working([&first, &second]).await, [true, true]);
    app.advance(Duration::minutes(1));
    assert_eq!(working([&first, &second]).await, [false, true]);
    let admin = app.admin_anew().await;
    assert_eq!(old_secret_until(&admin, &id).await, Json::Null);
}

#[tokio::test]
async fn a_third_secret_ends_the_first() {
    let (app, id, first) = start(json!({})).await;
    let second = rotated(&app, &id, json!({"overlap": "P30D"})).await;
    assert_eq!(working([&first, &second]).await, [true, true]);
    let third = rotated(&app, &id, json!({"overlap": "PT1H"})).await;
    assert_eq!(
        working([&first, &second, &third]).await,
        [false, true, true]
    );
    let fourth = rotated(&app, &id, json!({})).await;
    assert_eq!(
        working([&first, &second, &third, &fourth]).await,
        [false, false, false, true]
    );
}

#[tokio::test]
async fn another_node_follows_a_rotation() {
    let (app, id, first) = start(json!({})).await;
    let node = app.another_node().await;
    let there = |key: &Client| node.admin().with_token(key.token());
    assert_eq!(working([&there(&first)]).await, [true]);
    let second = rotated(&app, &id, json!({})).await;
    app.advance(Duration::seconds(1));
    assert_eq!(
        working([&there(&first), &there(&second)]).await,
        [false, true]
    );
}

#[tokio::test]
async fn a_revoked_or_expired_key_is_not_rotated() {
    let (app, id, first) = start(json!({})).await;
    let second = rotated(&app, &id, json!({"overlap": "PT1H"})).await;
    app.admin()
        .meta("DELETE", &format!("keys/{id}"), Json::Null)
        .await
        .status(204);
    assert_eq!(working([&first, &second]).await, [false, false]);
    assert_eq!(old_secret_until(&app.admin(), &id).await, Json::Null);
    let refused = rotate(&app.admin(), &id, json!({"overlap": "PT1H"})).await;
    let refused = refused.problem(409, "conflict");
    assert!(
        refused["detail"].to_string().contains("revoked"),
        "{refused}"
    );

    let end = time::OffsetDateTime::now_utc() + Duration::minutes(5);
    let end = end
        .format(&time::format_description::well_known::Rfc3339)
        .expect("an instant");
    let created = app.create_key(&["reader"], json!({"expiresAt": end})).await;
    let id = created["id"].as_str().expect("an id");
    let first = app
        .anonymous()
        .with_token(created["secret"].as_str().expect("a secret"));
    let second = rotated(&app, id, json!({"overlap": "P1D"})).await;
    app.advance(Duration::minutes(6));
    assert_eq!(
        working([&first, &second]).await,
        [false, false],
        "an overlap outlives no key"
    );
    let refused = rotate(&app.admin_anew().await, id, json!({})).await;
    let refused = refused.problem(409, "conflict");
    assert!(
        refused["detail"].to_string().contains("expired"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_overlap_is_a_duration_of_thirty_days_at_most() {
    let (app, id, first) = start(json!({})).await;
    for overlap in [
        "",
        "24h",
        "PT",
        "P1M",
        "P1Y",
        "-PT1H",
        "P31D",
        "P30DT1S",
        "P99999999999999999999D",
    ] {
        let refused = rotate(&app.admin(), &id, json!({"overlap": overlap})).await;
        refused.problem_at(422, "validation_failed", "/overlap");
    }
    rotate(&app.admin(), &id, json!({"overlap": 3600}))
        .await
        .problem_at(422, "validation_failed", "/overlap");
    rotate(&app.admin(), &id, json!({"until": "x"}))
        .await
        .problem_at(400, "unknown_field", "/until");
    assert_eq!(working([&first]).await, [true]);
    rotate(&app.admin(), "x", json!({}))
        .await
        .problem(404, "not_found");
    let unknown = "01900000-0000-7000-8000-000000000000";
    rotate(&app.admin(), unknown, json!({}))
        .await
        .problem(404, "not_found");
    rotate(&app.anonymous(), &id, json!({}))
        .await
        .problem(401, "unauthenticated");
    rotate(&first, &id, json!({}))
        .await
        .problem(403, "forbidden");
    let user = app.user(&["reader"]).await;
    rotate(&user, &id, json!({}))
        .await
        .problem(403, "forbidden");
    assert_eq!(working([&first]).await, [true]);
}
