//! What is shared is never more than who shares it has.

use serde_json::{Value as Json, json};
use time::{Duration, format_description::well_known::Rfc3339};

use crate::support::{Client, Kind, Response, Rules, TestApp};

async fn share(client: &Client, body: Json) -> Response {
    client.meta("POST", "shares", body).await
}

/// Two who may share see the name alone of each other's records, and of shared ones the city too.
#[tokio::test]
async fn two_give_each_other_nothing_that_neither_has() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let rules = |kind: Kind, own: Json, change: Json| {
        Rules::none()
            .allow("read", kind.name, json!({"fields": own}))
            .allow("update", kind.name, json!({"fields": change}))
            .allow("share", kind.name, json!({}))
            .allow(
                "read",
                kind.name,
                json!({"where": {"$shared": "read"}, "fields": ["name", "city"]}),
            )
            .allow(
                "update",
                kind.name,
                json!({"where": {"$shared": "write"}, "fields": ["city"]}),
            )
    };
    for kind in Kind::both(&app).await {
        let name = |role: &str| format!("{}{role}", kind.name);
        let (clerk, chief, head) = (name("Clerk"), name("Chief"), name("Head"));
        app.add_role(&clerk, &rules(kind, json!(["name"]), json!(["name"])))
            .await;
        app.add_role(
            &chief,
            &rules(kind, json!(["name", "city"]), json!(["name"])),
        )
        .await;
        app.add_role(&head, &rules(kind, json!("*"), json!("*")))
            .await;
        let record = admin
            .make(kind.plural, json!({"name": "r", "city": "Utrecht"}))
            .await;
        let one = app.user(&[&clerk]).await;
        let two = app.user(&[&clerk]).await;
        let id = two.get_path("/v1/auth/me", "").await.ok()["id"].clone();
        let to = |access: &str| json!({"object": kind.name, "record": record, "with": {"user": id}, "access": access});
        share(&one, to("read")).await.problem(403, "forbidden");
        two.get_path(
            &format!("/v1/data/{}/{record}", kind.plural),
            "fields=name,city",
        )
        .await
        .ok();
        let read = two.get(kind.plural, &record).await.ok();
        assert_eq!(read["city"], Json::Null, "{read}");
        // Who sees the city gives it, and who may change it gives that.
        let chief = app.user(&[&chief]).await;
        share(&chief, to("write")).await.problem(403, "forbidden");
        share(&chief, to("read")).await.status(201);
        assert_eq!(two.get(kind.plural, &record).await.ok()["city"], "Utrecht");
        let head = app.user(&[&head]).await;
        share(&head, to("write")).await.status(201);
        two.patch(kind.plural, &record, json!({"city": "Breda"}))
            .await
            .ok();
        // What it has by the share it gives on.
        let me = one.get_path("/v1/auth/me", "").await.ok()["id"].clone();
        share(
            &two,
            json!({"object": kind.name, "record": record, "with": {"user": me}, "access": "read"}),
        )
        .await
        .status(201);
        assert_eq!(one.get(kind.plural, &record).await.ok()["city"], "Breda");
    }
}

/// Who gets it to change would set by it what who shares it can't.
#[tokio::test]
async fn what_the_server_sets_is_not_given_either() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let role = format!("{}Setter", kind.name);
        let preset =
            json!({"where": {"$shared": "write"}, "fields": ["name"], "presets": {"city": "Ede"}});
        let rules = |fields: Json| {
            Rules::none()
                .allow("read", kind.name, json!({"fields": "*"}))
                .allow("update", kind.name, json!({"fields": fields}))
                .allow("update", kind.name, preset.clone())
                .allow("share", kind.name, json!({}))
        };
        app.add_role(&role, &rules(json!(["name"]))).await;
        let whole = format!("{}Whole", kind.name);
        app.add_role(&whole, &rules(json!(["name", "city"]))).await;
        let other = app.user(&[&role]).await;
        let id = other.get_path("/v1/auth/me", "").await.ok()["id"].clone();
        let record = app.admin().make(kind.plural, json!({"name": "r"})).await;
        let given =
            json!({"object": kind.name, "record": record, "with": {"user": id}, "access": "write"});
        let one = app.user(&[&role]).await;
        share(&one, given.clone()).await.problem(403, "forbidden");
        let one = app.user(&[&whole]).await;
        share(&one, given).await.status(201);
    }
}

/// It reads by a share for writing alone, which ends: a share for reading without an end is of no use to it.
#[tokio::test]
async fn what_one_share_gives_is_not_given_for_as_long_as_another_lasts() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let role = format!("{}Writer", kind.name);
        let by = json!({"where": {"$shared": "write"}, "fields": ["name"]});
        let rules = Rules::none()
            .allow("read", kind.name, by.clone())
            .allow("update", kind.name, by)
            .allow("share", kind.name, json!({}));
        app.add_role(&role, &rules).await;
        let team = json!({"name": format!("{} team", kind.name)});
        let team = admin.meta("POST", "teams", team).await.status(201).json();
        let one = app.user(&[&role]).await;
        let two = app.user(&[&role]).await;
        let [me, other] = [&one, &two].map(|client| client.get_path("/v1/auth/me", ""));
        let (me, other) = (me.await.ok()["id"].clone(), other.await.ok()["id"].clone());
        let path = format!("users/{}", me.as_str().expect("an id"));
        let teams = json!({"teams": [team["name"]]});
        admin.meta("PATCH", &path, teams).await.ok();
        let record = admin.make(kind.plural, json!({"name": "r"})).await;
        let given = |with: Json, access: &str, until: Json| json!({"object": kind.name, "record": record, "with": with, "access": access, "until": until});
        let end = (app.now() + Duration::days(1)).format(&Rfc3339);
        let end = json!(end.expect("an instant"));
        for wanted in [
            given(json!({"user": me}), "write", end.clone()),
            given(json!({"team": team["id"]}), "read", Json::Null),
        ] {
            share(&admin, wanted).await.status(201);
        }
        share(&one, given(json!({"user": other}), "read", Json::Null))
            .await
            .problem_at(422, "validation_failed", "/until");
        share(&one, given(json!({"user": other}), "read", end))
            .await
            .status(201);
    }
}
