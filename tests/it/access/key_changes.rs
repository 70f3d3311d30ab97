//! Changes of a key: what it loses it has lost by the next request.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{Client, Kind, Response, Rules, TestApp};

fn rules(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let all = json!({"fields": "*"});
        rules
            .allow("read", kind.name, all.clone())
            .allow("update", kind.name, all)
    })
}

async fn start() -> (TestApp, [Kind; 2], String, Client) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("all", &rules(kinds)).await;
    app.add_role("none", &Rules::none()).await;
    let created = app.create_key(&["all"], json!({})).await;
    let secret = created["secret"].as_str().expect("a secret");
    let id = created["id"].as_str().expect("an id").to_owned();
    let key = app.anonymous().with_token(secret);
    (app, kinds, id, key)
}

async fn change(admin: &Client, id: &str, body: Json) -> Response {
    admin.meta("PATCH", &format!("keys/{id}"), body).await
}

fn instant(ahead: Duration) -> String {
    let instant = OffsetDateTime::now_utc() + ahead;
    instant.format(&Rfc3339).expect("an instant")
}

#[tokio::test]
async fn a_narrowing_holds_for_the_next_request() {
    let (app, kinds, id, key) = start().await;
    let admin = app.admin();
    for kind in kinds {
        let record = admin
            .make(kind.plural, json!({"name": "a", "city": "Zeist"}))
            .await;
        let scope = |text: &str| text.replace("thing", kind.name);
        let document = kind.document("{ things { nodes { city } } }");
        for _ in 0..5 {
            change(&admin, &id, json!({"scopes": null})).await.ok();
            key.list(kind.plural, "fields=city").await.ok();
            key.graphql(&document, Json::Null).await.data();
            key.patch(kind.plural, &record, json!({"city": "Breda"}))
                .await
                .ok();
            let scopes = [
                scope("data:thing:read(name)"),
                scope("data:thing:update(name)"),
            ];
            let changed = change(&admin, &id, json!({"scopes": scopes})).await.ok();
            assert_eq!(changed["scopes"], json!(scopes));
            key.list(kind.plural, "fields=city")
                .await
                .problem(400, "unknown_field");
            key.list(kind.plural, "city[eq]=Breda")
                .await
                .problem(400, "unknown_field");
            key.graphql(&document, Json::Null)
                .await
                .error("invalid_query");
            key.patch(kind.plural, &record, json!({"city": "Soest"}))
                .await
                .problem(400, "unknown_field");
        }
        change(&admin, &id, json!({"scopes": [scope("data:thing:update")]}))
            .await
            .ok();
        key.list(kind.plural, "").await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn addresses_roles_and_an_end_hold_for_the_next_request() {
    let (app, kinds, id, key) = start().await;
    let admin = app.admin();
    let plural = kinds[1].plural;
    for _ in 0..3 {
        key.list(plural, "").await.ok();
        change(&admin, &id, json!({"allowedIps": ["127.0.0.2"]}))
            .await
            .ok();
        key.list(plural, "").await.problem(401, "unauthenticated");
        key.at("127.0.0.2").list(plural, "").await.ok();
        change(&admin, &id, json!({"allowedIps": null})).await.ok();
        key.list(plural, "").await.ok();
        change(&admin, &id, json!({"roles": ["none"]})).await.ok();
        key.list(plural, "").await.problem(404, "object_not_found");
        change(&admin, &id, json!({"roles": ["none", "all"]}))
            .await
            .ok();
        key.list(plural, "").await.ok();
    }
    let end = instant(Duration::minutes(3));
    let changed = change(&admin, &id, json!({"expiresAt": end})).await.ok();
    assert!(changed["expiresAt"].is_string(), "{changed}");
    app.advance(Duration::minutes(4));
    key.list(plural, "").await.problem(401, "unauthenticated");
    // A key that has expired comes back with a later end.
    change(&admin, &id, json!({"expiresAt": null})).await.ok();
    key.list(plural, "").await.ok();
}

#[tokio::test]
async fn another_node_follows_a_narrowing() {
    let (app, kinds, id, key) = start().await;
    let node = app.another_node().await;
    let there = node.admin().with_token(key.token());
    for kind in kinds {
        there.list(kind.plural, "fields=city").await.ok();
        let scopes = kinds.map(|kind| format!("data:{}:read(name)", kind.name));
        change(&app.admin(), &id, json!({"scopes": scopes}))
            .await
            .ok();
        app.advance(Duration::seconds(1));
        there
            .list(kind.plural, "fields=city")
            .await
            .problem(400, "unknown_field");
        change(&app.admin(), &id, json!({"scopes": null}))
            .await
            .ok();
        app.advance(Duration::seconds(1));
    }
}

#[tokio::test]
async fn a_change_leaves_what_it_does_not_name() {
    let (app, kinds, id, _) = start().await;
    let admin = app.admin();
    let whole = json!({
        "name": "new", "roles": ["all", "none"], "expiresAt": "2030-01-31T00:00:00Z", "allowedIps": ["192.0.2.7"],
        "scopes": [format!("data:{}:read(name,city)", kinds[1].name)],
    });
    let before = change(&admin, &id, whole.clone()).await.ok();
    for (name, value) in whole.as_object().expect("members") {
        if name == "expiresAt" {
            assert!(
                before[name]
                    .as_str()
                    .is_some_and(|text| text.starts_with("2030-01-31T00:00:00")),
                "{before}"
            );
        } else {
            assert_eq!(&before[name], value);
        }
    }
    assert_eq!(change(&admin, &id, json!({})).await.ok(), before);
    assert_eq!(before.get("secret"), None);
    for name in ["scopes", "expiresAt", "allowedIps"] {
        let mut expected = before.clone();
        expected[name] = Json::Null;
        assert_eq!(
            change(&admin, &id, json!({name: null})).await.ok(),
            expected
        );
        change(&admin, &id, json!({name: whole[name]})).await.ok();
    }
    let read = admin
        .meta("GET", &format!("keys/{id}"), Json::Null)
        .await
        .ok();
    assert_eq!(read, before);
}

#[tokio::test]
async fn a_change_that_can_not_be_is_refused_and_changes_nothing() {
    let (app, kinds, id, key) = start().await;
    let admin = app.admin();
    let role = json!({"name": "chief", "label": "Chief", "permissions": ["manageAccess"]});
    admin.meta("POST", "roles", role).await.status(201);
    let before = change(
        &admin,
        &id,
        json!({"scopes": [format!("data:{}:read", kinds[1].name)]}),
    )
    .await
    .ok();
    for (body, status, place) in [
        (json!({"name": null}), 422, "/name"),
        (json!({"name": ""}), 422, "/name"),
        (json!({"roles": null}), 422, "/roles"),
        (json!({"roles": []}), 422, "/roles"),
        (json!({"roles": ["nobody"]}), 422, "/roles/0"),
        (json!({"roles": ["all", "chief"]}), 422, "/roles/1"),
        (json!({"scopes": []}), 422, "/scopes"),
        (
            json!({"scopes": ["data:*:read", "data:*:read(name)"]}),
            422,
            "/scopes/1",
        ),
        (
            json!({"scopes": ["data:venture:read(nothing)"]}),
            400,
            "/scopes/0",
        ),
        (
            json!({"expiresAt": "2001-01-01T00:00:00Z"}),
            422,
            "/expiresAt",
        ),
        (json!({"expiresAt": "tomorrow"}), 422, "/expiresAt"),
        (json!({"allowedIps": []}), 422, "/allowedIps"),
        (json!({"allowedIps": ["here"]}), 422, "/allowedIps/0"),
        (json!({"partner": null}), 400, "/partner"),
        (json!({"secret": "x"}), 400, "/secret"),
        (
            json!({"scopes": null, "allowedIps": [], "name": "y"}),
            422,
            "/allowedIps",
        ),
    ] {
        let refused = change(&admin, &id, body.clone()).await;
        refused.status(status);
        assert_eq!(refused.json()["errors"][0]["pointer"], place, "{body}");
        let read = admin
            .meta("GET", &format!("keys/{id}"), Json::Null)
            .await
            .ok();
        assert_eq!(read, before, "{body}");
    }
    let unknown = "01900000-0000-7000-8000-000000000000";
    change(&admin, unknown, json!({}))
        .await
        .problem(404, "not_found");
    for client in [app.user(&["all"]).await, key] {
        change(&client, &id, json!({"scopes": null}))
            .await
            .problem(403, "forbidden");
    }
    admin
        .meta("DELETE", &format!("keys/{id}"), Json::Null)
        .await
        .status(204);
    let refused = change(&admin, &id, json!({"name": "x"})).await;
    let refused = refused.problem(409, "conflict");
    assert!(
        refused["detail"].to_string().contains("revoked"),
        "{refused}"
    );
}
