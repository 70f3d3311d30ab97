//! What is refused is told, counted where somebody hammers, and not lost when the server stops.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{last, of_kind};
use crate::support::{Rules, TestApp};

fn count(entries: &[Json]) -> u64 {
    let counts = entries
        .iter()
        .map(|entry| entry["details"]["count"].as_u64());
    counts.map(|count| count.expect("a count")).sum()
}

#[tokio::test]
async fn a_denied_access_is_told_on_both_faces_for_people_and_keys() {
    let app = TestApp::start().await;
    let check = json!({"check": {"city": {"eq": "Utrecht"}}});
    let rules = Rules::none()
        .read("organization")
        .allow("create", "organization", check);
    let clients = app.person_and_key("narrow", rules).await;
    for (client, kind) in clients.iter().zip(["user", "key"]) {
        let me = client.get_path("/v1/auth/me", "").await.ok();
        client
            .meta("GET", "users", Json::Null)
            .await
            .problem(403, "forbidden");
        let entry = last(&app, "accessDenied").await;
        assert_eq!(entry["principal"], json!({"kind": kind, "id": me["id"]}));
        assert_eq!(entry["address"], "127.0.0.1");
        assert_eq!(entry["session"].is_string(), kind == "user");
        assert_eq!(entry["details"]["reason"], "GET /v1/meta/users");
        assert_eq!(entry["details"]["path"], "/v1/meta/users");

        let refused = json!({"name": "Elsewhere", "city": "Amersfoort"});
        client
            .create("organizations", refused)
            .await
            .problem(403, "forbidden");
        let entry = last(&app, "accessDenied").await;
        assert_eq!(entry["details"]["reason"], "POST /v1/data/{objects}");
        assert_eq!(entry["details"]["path"], "/v1/data/organizations");

        let mutation = "mutation { createOrganization(input: {name: \"E\", city: \"A\"}) { id } }";
        client.graphql(mutation, json!({})).await.error("forbidden");
        let entry = last(&app, "accessDenied").await;
        assert_eq!(entry["details"]["reason"], "POST /graphql");
        assert_eq!(entry["principal"]["id"], me["id"]);
    }
}

#[tokio::test]
async fn who_hammers_does_not_flood_the_log() {
    let app = TestApp::start().await;
    let stranger = app.user(&[]).await;
    for _ in 0..40 {
        stranger.meta("GET", "roles", Json::Null).await.status(403);
    }
    let told = of_kind(&app, "accessDenied").await;
    assert!((1..=2).contains(&told.len()), "{told:#?}");
    app.advance(Duration::seconds(61));
    let told = of_kind(&app, "accessDenied").await;
    assert!((1..=4).contains(&told.len()), "{told:#?}");
    assert_eq!(count(&told), 40);
    let counted = told.iter().find(|entry| entry["details"]["count"] != 1);
    assert!(counted.expect("a count")["details"]["until"].is_string());
}

#[tokio::test]
async fn what_was_refused_last_is_written_when_the_server_stops() {
    let mut app = TestApp::start().await;
    let stranger = app.user(&[]).await;
    for _ in 0..3 {
        stranger.meta("GET", "roles", Json::Null).await.status(403);
    }
    app.restart().await;
    assert_eq!(count(&of_kind(&app, "accessDenied").await), 3);
}

#[tokio::test]
async fn refused_keys_are_told_with_the_reason_that_the_caller_does_not_learn() {
    let app = TestApp::start().await;
    app.add_role("narrow", &Rules::none().read("organization"))
        .await;
    let admin = app.admin();
    let mut bodies = Vec::new();
    for reason in [
        "ended",
        "wrongSecret",
        "address",
        "unknown",
        "malformed",
        "session",
    ] {
        let more = match reason {
            "address" => json!({"allowedIps": ["203.0.113.0/24"]}),
            _ => json!({}),
        };
        let key = app.create_key(&["narrow"], more).await;
        let id = key["id"].as_str().expect("an id");
        let mut token = key["secret"].as_str().expect("a secret").to_owned();
        match reason {
            "ended" => {
                admin
                    .meta("DELETE", &format!("keys/{id}"), Json::Null)
                    .await
                    .status(204);
            }
            "wrongSecret" => {
                admin
                    .meta("POST", &format!("keys/{id}/rotate"), json!({}))
                    .await
                    .ok();
            }
            "unknown" => {
                // Of another installation: well-formed, and not known here.
                let other = TestApp::start().await;
                other.add_role("narrow", &Rules::none()).await;
                let key = other.create_key(&["narrow"], json!({})).await;
                token = key["secret"].as_str().expect("a secret").to_owned();
            }
            "malformed" => token = "rlt_nothing".to_owned(),
            "session" => {
                let user = app.user(&[]).await;
                user.token().clone_into(&mut token);
                let sessions = user.get_path("/v1/auth/sessions", "").await.ids();
                let path = format!("/v1/auth/sessions/{}", sessions[0]);
                user.call("DELETE", &path, &Json::Null).await.status(204);
            }
            _ => {}
        }
        let client = app.anonymous().with_token(&token);
        let refused = client.get_path("/v1/auth/me", "").await;
        let mut body = refused.problem(401, "unauthenticated");
        body["requestId"] = Json::Null;
        bodies.push(body);

        let entry = last(&app, "credentialsRefused").await;
        let told = if reason == "session" { "ended" } else { reason };
        assert_eq!(entry["details"]["reason"], told, "{entry:#}");
        assert_eq!(entry["principal"], json!({"kind": "anonymous", "id": null}));
        assert_eq!(entry["address"], "127.0.0.1");
        let object = match reason {
            "unknown" | "malformed" => Json::Null,
            "session" => json!("user"),
            _ => {
                assert_eq!(entry["object"]["id"], id);
                json!("key")
            }
        };
        assert_eq!(
            entry["object"].get("type").cloned().unwrap_or_default(),
            object
        );
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all are answered alike: {bodies:#?}");
}
