//! What is shared is never more than who shares it has.

use serde_json::{Value as Json, json};

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
