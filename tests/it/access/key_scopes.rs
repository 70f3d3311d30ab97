//! What scopes with fields mean when the schema changes, and which of them are refused.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// The members of a record that a key reads.
async fn members(key: &Client, kind: Kind, id: &str) -> Vec<String> {
    let record = key.get(kind.plural, id).await.ok();
    record
        .as_object()
        .expect("a record")
        .keys()
        .cloned()
        .collect()
}

async fn scopes_of(app: &TestApp, id: &Json) -> Json {
    let path = format!("keys/{}", id.as_str().expect("an id"));
    app.admin().meta("GET", &path, Json::Null).await.ok()["scopes"].clone()
}

#[tokio::test]
async fn a_scope_follows_its_fields_and_never_takes_up_a_new_one_of_an_old_name() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let rules = ["read", "create", "update"]
            .into_iter()
            .fold(Rules::none(), |rules, action| {
                rules.allow(action, kind.name, json!({"fields": "*"}))
            });
        app.add_role(&format!("{}All", kind.name), &rules).await;
        let texts = [
            "data:thing:read(serial,weight)",
            "data:thing:update(serial)",
        ]
        .map(|it| it.replace("thing", kind.name));
        let created = app
            .create_key(&[&format!("{}All", kind.name)], json!({"scopes": texts}))
            .await;
        let key = app
            .anonymous()
            .with_token(created["secret"].as_str().expect("a secret"));
        let id = admin
            .make(
                kind.plural,
                json!({"name": "a", "serial": "1", "weight": "2"}),
            )
            .await;
        assert_eq!(members(&key, kind, &id).await, ["id", "serial", "weight"]);

        let field = |name: &str| json!({"op": "addField", "object": kind.name, "field": {"name": name, "type": "text"}});
        let rename = json!({"op": "updateField", "object": kind.name, "field": "serial", "name": "number", "aliasUntil": null});
        admin.change(json!([rename])).await.ok();
        admin.change(json!([field("serial")])).await.ok();
        assert_eq!(members(&key, kind, &id).await, ["id", "number", "weight"]);
        key.patch(kind.plural, &id, json!({"number": "3"}))
            .await
            .ok();
        key.patch(kind.plural, &id, json!({"serial": "x"}))
            .await
            .problem(400, "unknown_field");
        let texts = [
            "data:thing:read(number,weight)",
            "data:thing:update(number)",
        ]
        .map(|it| it.replace("thing", kind.name));
        assert_eq!(scopes_of(&app, &created["id"]).await, json!(texts));
        assert_eq!(
            key.call("GET", "/v1/auth/me", &Json::Null).await.ok()["scopes"],
            json!(texts)
        );

        let delete = |name: &str| json!({"op": "deleteField", "object": kind.name, "field": name});
        admin
            .change(json!([delete("number"), delete("weight")]))
            .await
            .ok();
        admin
            .change(json!([field("number"), field("weight")]))
            .await
            .ok();
        assert_eq!(members(&key, kind, &id).await, ["id"]);
        key.list(kind.plural, "weight[isNull]=true")
            .await
            .problem(400, "unknown_field");
        // Of what it could write nothing is left.
        key.patch(kind.plural, &id, json!({"number": "x"}))
            .await
            .problem(403, "forbidden");
        let shown = scopes_of(&app, &created["id"]).await.to_string();
        assert!(
            !shown.contains("number") && !shown.contains("weight"),
            "{shown}"
        );
        assert_eq!(
            key.list(kind.plural, "id[eq]=ID".replace("ID", &id).as_str())
                .await
                .ids(),
            [id]
        );
    }
}

#[tokio::test]
async fn a_scope_that_says_nothing_is_refused_where_it_stands() {
    let app = TestApp::start().await;
    app.add_role("all", &Rules::none()).await;
    for (scope, status, code, words) in [
        (
            "data:*:read(name)",
            422,
            "validation_failed",
            "name it in place of the *",
        ),
        (
            "data:*:*(name)",
            422,
            "validation_failed",
            "name it in place of the *",
        ),
        (
            "data:organization:delete(name)",
            422,
            "validation_failed",
            "read, create and update",
        ),
        (
            "data:organization:*(name)",
            422,
            "validation_failed",
            "read, create and update",
        ),
        (
            "data:organization:link(name)",
            422,
            "validation_failed",
            "read, create and update",
        ),
        (
            "data:employment:update(title)",
            422,
            "validation_failed",
            "read and link",
        ),
        (
            "data:organization:read()",
            400,
            "unknown_field",
            "missing between the brackets",
        ),
        (
            "data:organization:read(name,)",
            400,
            "unknown_field",
            "missing between the brackets",
        ),
        (
            "data:organization:read(nmae)",
            400,
            "unknown_field",
            "no field \"nmae\"",
        ),
        (
            "data:organization:read(parent.name)",
            400,
            "unknown_field",
            "no field \"parent.name\"",
        ),
        (
            "data:organization:read(name",
            422,
            "validation_failed",
            "is no scope",
        ),
        (
            "data:organization:read(name)x",
            422,
            "validation_failed",
            "is no scope",
        ),
        (
            "data:nothing:read(name)",
            422,
            "validation_failed",
            "no object type or relation type \"nothing\"",
        ),
        (
            "data:organization:see(name)",
            422,
            "validation_failed",
            "\"see\" is no action",
        ),
    ] {
        let key =
            json!({"name": "x", "roles": ["all"], "scopes": ["data:organization:read", scope]});
        let answer = app.admin().meta("POST", "keys", key).await;
        let problem = answer.problem_at(status, code, "/scopes/1");
        let message = problem["errors"][0]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{scope}: {message}");
    }
    let keys = app.admin().meta("GET", "keys", Json::Null).await.ok();
    assert_eq!(keys["data"], json!([]), "nothing was made");
}

#[tokio::test]
async fn the_scope_of_changes_grants_no_records() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let role = format!("{}Reader", kind.name);
        let reading = Rules::none().allow("read", kind.name, json!({"fields": "*"}));
        app.add_role(&role, &reading).await;
        let record = app.admin().make(kind.plural, json!({"name": "a"})).await;
        let alone = app
            .create_key(&[&role], json!({"scopes": ["changes:read"]}))
            .await;
        assert_eq!(scopes_of(&app, &alone["id"]).await, json!(["changes:read"]));
        let key = app
            .anonymous()
            .with_token(alone["secret"].as_str().expect("a secret"));
        let me = key.get_path("/v1/auth/me", "").await.ok();
        assert_eq!(me["scopes"], json!(["changes:read"]));
        key.get(kind.plural, &record)
            .await
            .problem(404, "object_not_found");
        let both = [
            format!("data:{}:read", kind.name),
            "changes:read".to_owned(),
        ];
        let key = app.key(&[&role], json!({"scopes": both})).await;
        key.get(kind.plural, &record).await.ok();
        for wrong in [
            "changes:write",
            "changes:*",
            "changes:read(name)",
            "changes",
        ] {
            let body = json!({"name": "k", "roles": [role], "scopes": [wrong]});
            app.admin().meta("POST", "keys", body).await.problem_at(
                422,
                "validation_failed",
                "/scopes/0",
            );
        }
    }
}
