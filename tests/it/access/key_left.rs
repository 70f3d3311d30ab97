//! Scopes that leave nothing of what the roles grant: nothing is written by them, and nothing is told of them.

use serde_json::{Value as Json, json};

use crate::support::{Kind, Rules, TestApp};

/// A role that writes one field, by which the server sets another.
fn rules(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let written = json!({"fields": ["city"], "presets": {"description": "preset"}});
        rules
            .allow("read", kind.name, json!({"fields": ["name", "city"]}))
            .allow("create", kind.name, written.clone())
            .allow("update", kind.name, written)
    })
}

#[tokio::test]
async fn a_scope_that_leaves_no_field_of_a_rule_leaves_no_write() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("writer", &rules(kinds)).await;
    for kind in kinds {
        let id = kind.make(&app.admin(), "a").await;
        // A field that no rule grants, and one that nobody writes.
        for field in ["status", "version"] {
            let scopes = ["read(name)", "create(FIELD)", "update(FIELD)"]
                .map(|scope| format!("data:{}:{}", kind.name, scope.replace("FIELD", field)));
            let key = app.key(&["writer"], json!({"scopes": scopes})).await;
            for body in [json!({}), json!({"city": "Utrecht"})] {
                let created = key.create(kind.plural, body.clone()).await;
                created.problem(403, "forbidden");
                let updated = key.patch(kind.plural, &id, body).await;
                updated.problem(403, "forbidden");
            }
            let path = format!("objects/{}", kind.name);
            let described = key.meta("GET", &path, Json::Null).await.ok();
            assert_eq!(described["creatable"], false, "{described}");
            assert_eq!(described["updatable"], false, "{described}");
            let me = key.get_path("/v1/auth/me", "").await.ok();
            let question =
                json!({"principal": {"key": me["id"]}, "action": "update", "object": kind.name});
            let told = app
                .admin()
                .meta("POST", "access/explain", question)
                .await
                .ok();
            assert_eq!(told["allowed"], false, "{told}");
            assert_eq!(
                told["rules"][0]["reason"],
                "the scopes of the key leave it out"
            );
        }
        let scopes = json!({"scopes": [format!("data:{}:update(city)", kind.name)]});
        let key = app.key(&["writer"], scopes).await;
        key.patch(kind.plural, &id, json!({})).await.ok();
        let after = app.admin().get(kind.plural, &id).await.ok();
        assert_eq!(after["description"], "preset");
    }
}

#[tokio::test]
async fn a_key_is_not_told_what_its_scopes_name_and_its_roles_do_not_grant() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("writer", &rules(kinds)).await;
    for kind in kinds {
        let scopes = json!([
            format!("data:{}:read(name,serial)", kind.name),
            format!("data:{}:update(serial)", kind.name),
            format!("data:{}:delete", kind.name),
            "data:product:read",
            "data:*:create",
        ]);
        let key = app.key(&["writer"], json!({"scopes": scopes})).await;
        let me = key.get_path("/v1/auth/me", "").await.ok();
        let mut told: Vec<&str> = me["scopes"]
            .as_array()
            .expect("scopes")
            .iter()
            .filter_map(Json::as_str)
            .collect();
        told.sort_unstable();
        let read = format!("data:{}:read(name)", kind.name);
        let mut expected = vec!["data:*:create", &read];
        expected.sort_unstable();
        assert_eq!(told, expected);
        // The administrator is told all.
        let path = format!("keys/{}", me["id"].as_str().expect("an id"));
        let shown = app.admin().meta("GET", &path, Json::Null).await.ok();
        assert_eq!(shown["scopes"].as_array().map(Vec::len), Some(5), "{shown}");
        // Nor whether there is an owner that it may not name.
        let path = format!("objects/{}", kind.name);
        let described = key.meta("GET", &path, Json::Null).await.ok();
        assert_eq!(described["hasOwner"], false, "{described}");
        let described = app.admin().meta("GET", &path, Json::Null).await.ok();
        assert_eq!(described["hasOwner"], true, "{described}");
    }
}
