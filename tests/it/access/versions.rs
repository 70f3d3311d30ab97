//! Earlier rule sets: which there were, what one of them was, and one of them in force again.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

async fn access(app: &TestApp) -> Json {
    app.admin().meta("GET", "access", Json::Null).await.ok()
}

async fn at(app: &TestApp, version: &Json) -> Json {
    let path = format!("access?version={version}");
    app.admin().meta("GET", &path, Json::Null).await.ok()
}

async fn apply(client: &Client, wish: Json) -> Json {
    client.meta("POST", "access/apply", wish).await.ok()
}

async fn restore(client: &Client, version: &Json) -> Json {
    let body = json!({"version": version});
    client.meta("POST", "access/restore", body).await.ok()
}

fn text_of(json: &Json) -> String {
    json.as_str().expect("a text").to_owned()
}

/// The role of a document with this name.
fn role<'a>(state: &'a Json, name: &str) -> &'a Json {
    let roles = state["roles"].as_array().expect("roles");
    let found = roles.iter().find(|role| role["name"] == name);
    found.unwrap_or(&Json::Null)
}

/// The roles that a list of changes names, with what is done to each.
fn told(roles: &Json) -> Vec<String> {
    let roles = roles.as_array().expect("roles").iter();
    roles
        .map(|it| format!("{} {}", text_of(&it["role"]), text_of(&it["change"])))
        .collect()
}

async fn in_cities(app: &TestApp, kind: Kind) {
    for (city, name) in [("Utrecht", "a"), ("Utrecht", "b"), ("Paris", "c")] {
        let record = json!({"name": name, "city": city});
        app.admin().make(kind.plural, record).await;
    }
}

fn utrecht(kind: Kind) -> Rules {
    let rule = json!({"fields": ["name", "city"], "where": {"city": {"eq": "Utrecht"}}});
    Rules::none().allow("read", kind.name, rule)
}

#[tokio::test]
async fn an_earlier_rule_set_is_in_force_again() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        in_cities(&app, kind).await;
        let name = format!("{}Clerk", kind.name);
        let clients = app.person_and_key(&name, utrecht(kind)).await;
        let early = access(&app).await;
        let seen = clients[0].list(kind.plural, "").await.ids();
        assert_eq!(seen.len(), 2);
        let admin = app.admin();
        let paris = json!({"object": kind.name, "action": "read", "fields": "*", "where": {"city": {"eq": "Paris"}}});
        apply(
            &admin,
            json!({"roles": [{"name": name, "label": name, "rules": [paris]}]}),
        )
        .await;
        let path = format!("roles/{name}");
        admin
            .meta("PATCH", &path, json!({"label": "Other"}))
            .await
            .ok();
        let later = format!("{}Later", kind.name);
        app.add_role(&later, &Rules::none().read(kind.name)).await;
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids().len(), 1);
        }
        let between = access(&app).await;

        // One looks first, which changes nothing.
        let question =
            json!({"restoreVersion": early["version"], "expectedVersion": between["version"]});
        let preview = admin.meta("POST", "access/preview", question).await.ok();
        let expected = [format!("{name} changed"), format!("{later} deleted")];
        assert_eq!(told(&preview["roles"]), expected, "{preview:#}");
        assert_eq!(preview["version"], between["version"]);
        let effect = &preview["roles"][0]["access"][0];
        assert_eq!(effect["gained"]["records"], 2, "{preview:#}");
        assert_eq!(effect["lost"]["records"], 1, "{preview:#}");
        assert_eq!(access(&app).await, between);

        let wish = json!({"version": early["version"], "expectedVersion": between["version"]});
        let answer = admin.meta("POST", "access/restore", wish.clone()).await;
        let done = answer.ok();
        assert_eq!(told(&done["roles"]), expected, "{done:#}");
        let label = json!({"before": "Other", "after": name});
        assert_eq!(done["roles"][0]["members"], json!({"label": label}));
        assert_eq!(
            answer.header("etag"),
            Some(&*format!("\"{}\"", done["version"]))
        );
        let after = access(&app).await;
        assert_eq!(after["version"], done["version"]);
        assert_eq!(after["roles"], early["roles"]);
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids(), seen);
        }
        let stale = admin.meta("POST", "access/restore", wish).await;
        stale.problem(409, "access_version_mismatch");
        // What is in force already is no change, and what was in force can be again.
        let again = restore(&admin, &early["version"]).await;
        assert_eq!(again, json!({"version": done["version"], "roles": []}));
        restore(&admin, &between["version"]).await;
        assert_eq!(access(&app).await["roles"], between["roles"]);
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids().len(), 1);
        }

        let log = admin
            .meta("GET", "audit?kind=accessPreviewed&limit=1", Json::Null)
            .await;
        assert_eq!(
            log.ok()["data"][0]["details"]["restoredVersion"],
            early["version"]
        );
        let log = admin
            .meta("GET", "audit?kind=roleDeleted&limit=1", Json::Null)
            .await;
        let log = log.ok();
        let details = &log["data"][0]["details"];
        assert_eq!(details["restoredVersion"], early["version"]);
        assert_eq!(details["accessVersion"], done["version"]);
    }
}

#[tokio::test]
async fn the_versions_tell_what_changed_when_and_by_whom() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let admin = app.admin();
    let me = admin.get_path("/v1/auth/me", "").await.ok()["id"].clone();
    app.add_role("clerk", &Rules::none()).await;
    let empty = access(&app).await["version"].clone();
    let rule = json!({"object": kind.name, "action": "read", "fields": ["name"]});
    let made = admin.meta("POST", "roles/clerk/rules", rule.clone()).await;
    let path = format!(
        "roles/clerk/rules/{}",
        text_of(&made.status(201).json()["id"])
    );
    let one = access(&app).await["version"].clone();
    // A user moves the version, and no role.
    app.user(&[]).await;
    let same = access(&app).await["version"].clone();
    assert_ne!(same, one);
    let other = json!({"object": kind.name, "action": "read", "fields": ["city"]});
    admin.meta("PUT", &path, other).await.ok();
    admin.meta("DELETE", &path, Json::Null).await.status(204);
    admin
        .meta("PATCH", "roles/clerk", json!({"name": "agent"}))
        .await
        .ok();
    // A change that changes nothing makes no version of a role.
    admin
        .meta("PATCH", "roles/agent", json!({"name": "agent"}))
        .await
        .ok();
    admin
        .meta("DELETE", "roles/agent", Json::Null)
        .await
        .status(204);

    let listed = admin.meta("GET", "access/versions", Json::Null).await.ok();
    let versions = listed["data"].as_array().expect("versions");
    let all: Vec<Vec<String>> = versions.iter().map(|it| told(&it["roles"])).collect();
    let expected = [
        vec!["agent deleted"],
        vec!["agent changed"],
        vec!["clerk changed"],
        vec!["clerk changed"],
        vec!["clerk changed"],
        vec!["clerk created"],
        vec!["administrator created"],
    ];
    assert_eq!(all, expected, "{listed:#}");
    assert_eq!(versions[0]["by"], json!({"kind": "user", "id": me}));
    assert_eq!(versions[6]["by"], json!({"kind": "system", "id": null}));
    assert_eq!(versions[4]["version"], one);
    assert!(
        versions[0]["at"]
            .as_str()
            .expect("an instant")
            .ends_with('Z')
    );
    assert_eq!(listed["page"], json!({"next": null, "hasNext": false}));
    // In pages.
    let mut path = "access/versions?limit=3".to_owned();
    let mut found = Vec::new();
    loop {
        let page = admin.meta("GET", &path, Json::Null).await.ok();
        found.extend(page["data"].as_array().expect("versions").clone());
        let Some(next) = page["page"]["next"].as_str() else {
            break;
        };
        path = format!("access/versions?limit=3&after={next}");
    }
    assert_eq!(&found, versions);

    // The set at a version is that of its roles until then.
    assert_eq!(role(&at(&app, &empty).await, "clerk").get("rules"), None);
    for version in [&one, &same] {
        let state = at(&app, version).await;
        assert_eq!(state["version"], *version);
        assert_eq!(role(&state, "clerk")["rules"], json!([rule]), "{state:#}");
        assert_eq!(state["leftOut"], json!([]));
    }
    let state = at(&app, &versions[6]["version"]).await;
    assert_eq!(
        state["roles"].as_array().map(Vec::len),
        Some(1),
        "{state:#}"
    );
    let now = access(&app).await;
    assert_eq!(at(&app, &now["version"]).await, now);
}

#[tokio::test]
async fn a_restored_rule_set_is_refused_where_a_document_would_be() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let admin = app.admin();
    let bare = access(&app).await;
    let boss = json!({"name": "boss", "permissions": ["manageAccess"]});
    admin.meta("POST", "roles", boss).await.status(201);
    let held = app.role("held", Rules::none().read(kind.name)).await;
    let boss = app.user(&["boss"]).await;
    // Those who managed at that version have gone since; now another role manages.
    let administrator = admin.get_path("/v1/auth/me", "").await.ok()["id"].clone();
    let path = format!("users/{}", text_of(&administrator));
    boss.meta("PATCH", &path, json!({"active": false}))
        .await
        .ok();
    let powerless = json!({"roles": [{"name": "boss"}, role(&bare, "administrator")]});
    let refused = boss.meta("POST", "access/apply", powerless).await;
    refused.problem(409, "conflict");
    let state = boss.meta("GET", "access", Json::Null).await.ok();
    for (path, body) in [
        ("access/preview", json!({"restoreVersion": bare["version"]})),
        ("access/restore", json!({"version": bare["version"]})),
    ] {
        // Two roles that are held would go.
        let refused = boss.meta("POST", path, body).await;
        let problem = refused.problem(409, "conflict");
        let detail = text_of(&problem["detail"]);
        assert!(
            detail.starts_with(&format!("version {}", bare["version"])),
            "{detail}"
        );
        assert_eq!(boss.meta("GET", "access", Json::Null).await.ok(), state);
    }
    held.list(kind.plural, "").await.ok();
    // With all roles there, and none that manages.
    let quiet = boss.meta(
        "PATCH",
        "roles/boss",
        json!({"permissions": ["manageAccess", "manageSchema"]}),
    );
    let version = state["version"].clone();
    quiet.await.ok();
    app.sql("UPDATE role_versions SET definition = replace(definition, 'manageAccess', 'manageSchema') WHERE name = 'boss'").await;
    for (path, body) in [
        ("access/preview", json!({"restoreVersion": version})),
        ("access/restore", json!({"version": version})),
    ] {
        let refused = boss.meta("POST", path, body).await;
        let problem = refused.problem(409, "conflict");
        assert!(
            text_of(&problem["detail"]).contains("manageAccess"),
            "{problem:#}"
        );
    }
    // A key has no permissions by this way either.
    let path = format!("users/{}", text_of(&administrator));
    boss.meta("PATCH", &path, json!({"active": true}))
        .await
        .ok();
    let admin = app.admin_anew().await;
    let strong = admin.meta(
        "PATCH",
        "roles/held",
        json!({"permissions": ["manageSchema"]}),
    );
    strong.await.ok();
    let strong = access_of(&admin).await["version"].clone();
    let weak = admin.meta("PATCH", "roles/held", json!({"permissions": []}));
    weak.await.ok();
    let key = json!({"name": "k", "roles": ["held"]});
    admin.meta("POST", "keys", key).await.status(201);
    let refused = admin
        .meta("POST", "access/restore", json!({"version": strong}))
        .await;
    let problem = refused.problem(409, "conflict");
    assert!(text_of(&problem["detail"]).contains("keys"), "{problem:#}");
}

async fn access_of(client: &Client) -> Json {
    client.meta("GET", "access", Json::Null).await.ok()
}

#[tokio::test]
async fn what_was_renamed_has_its_new_name_and_what_was_deleted_is_gone() {
    let app = TestApp::start().await;
    let [_, kind] = Kind::both(&app).await;
    in_cities(&app, kind).await;
    let more = json!({"fields": ["name", "city", "weight"], "where": {"city": {"eq": "Utrecht"}}});
    let rules = Rules::none().allow("read", kind.name, more).allow(
        "read",
        kind.name,
        json!({"where": {"weight": {"gt": "1"}}}),
    );
    let clients = app.person_and_key("clerk", rules).await;
    let early = access(&app).await;
    let admin = app.admin();
    apply(
        &admin,
        json!({"roles": [{"name": "clerk", "label": "clerk"}]}),
    )
    .await;
    let operations = json!([
        {"op": "updateObjectType", "object": kind.name, "name": "enterprise", "plural": "enterprises", "aliasUntil": null},
        {"op": "updateField", "object": "enterprise", "field": "city", "name": "town", "aliasUntil": null},
        {"op": "deleteField", "object": "enterprise", "field": "weight"},
        // What takes an old name is another field.
        {"op": "addField", "object": "enterprise", "field": {"name": "city", "type": "text"}},
    ]);
    admin.change(operations).await.ok();
    let state = at(&app, &early["version"]).await;
    let rule = json!({"object": "enterprise", "action": "read", "fields": ["name", "town"],
        "where": {"town": {"eq": "Utrecht"}}});
    assert_eq!(role(&state, "clerk")["rules"], json!([rule]), "{state:#}");
    let lost = |what: &str| json!({"role": "clerk", "object": "enterprise", "action": "read", "what": what});
    let left_out = json!([lost("fields"), lost("rule")]);
    assert_eq!(state["leftOut"], left_out, "{state:#}");
    let question = json!({"restoreVersion": early["version"]});
    let preview = admin.meta("POST", "access/preview", question).await.ok();
    assert_eq!(preview["leftOut"], left_out, "{preview:#}");
    let done = restore(&admin, &early["version"]).await;
    assert_eq!(done["leftOut"], left_out, "{done:#}");
    assert_eq!(
        done["roles"][0]["rules"]["added"],
        json!([rule]),
        "{done:#}"
    );
    for client in &clients {
        let seen = client.list("enterprises", "sort=name").await;
        assert_eq!(seen.column("name"), ["a", "b"]);
        let hidden = client.list("enterprises", "fields=city").await;
        hidden.problem(400, "unknown_field");
    }
    // The field that comes back brings no right along.
    let deleted = admin.meta("GET", "deleted", Json::Null).await.ok();
    let id = text_of(&deleted["data"][0]["id"]);
    let path = format!("deleted/{id}/restore");
    admin.meta("POST", &path, json!({})).await.status(200);
    for client in &clients {
        let hidden = client.list("enterprises", "fields=weight").await;
        hidden.problem(400, "unknown_field");
    }
    assert_eq!(access(&app).await["leftOut"], json!([]));
}

#[tokio::test]
async fn a_role_is_the_one_that_it_was_by_whatever_name() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    in_cities(&app, kind).await;
    let admin = app.admin();
    let one = app.role("one", utrecht(kind)).await;
    let two = app.role("two", Rules::none().read(kind.name)).await;
    let early = access(&app).await;
    // They change names, and what inherits them says so.
    for (from, to) in [("one", "three"), ("two", "one"), ("three", "two")] {
        let path = format!("roles/{from}");
        admin.meta("PATCH", &path, json!({"name": to})).await.ok();
    }
    let swapped = access(&app).await;
    let done = restore(&admin, &early["version"]).await;
    assert_eq!(told(&done["roles"]), ["one changed", "two changed"]);
    let names = json!({"name": {"before": "two", "after": "one"}});
    assert_eq!(done["roles"][0]["members"], names, "{done:#}");
    assert_eq!(access(&app).await["roles"], early["roles"]);
    restore(&admin, &swapped["version"]).await;
    assert_eq!(access(&app).await["roles"], swapped["roles"]);
    for (client, number) in [(&one, 2), (&two, 3)] {
        assert_eq!(client.list(kind.plural, "").await.ids().len(), number);
    }
    // One that was deleted and made anew by its name is not taken from those who hold it now.
    app.add_role("again", &utrecht(kind)).await;
    let with = access(&app).await;
    admin
        .meta("DELETE", "roles/again", Json::Null)
        .await
        .status(204);
    let without = access(&app).await;
    let third = app.role("again", Rules::none().read(kind.name)).await;
    assert_eq!(third.list(kind.plural, "").await.ids().len(), 3);
    restore(&admin, &with["version"]).await;
    assert_eq!(third.list(kind.plural, "").await.ids().len(), 2);
    let refused = admin.meta(
        "POST",
        "access/restore",
        json!({"version": without["version"]}),
    );
    refused.await.problem(409, "conflict");
    // One that nobody holds goes, and comes back as the one that it was.
    app.add_role("free", &utrecht(kind)).await;
    let free = admin.meta("GET", "roles/free", Json::Null).await.ok();
    let version = access(&app).await["version"].clone();
    restore(&admin, &with["version"]).await;
    admin
        .meta("GET", "roles/free", Json::Null)
        .await
        .problem(404, "not_found");
    restore(&admin, &version).await;
    let back = admin.meta("GET", "roles/free", Json::Null).await.ok();
    assert_eq!(back["id"], free["id"]);
}

#[tokio::test]
async fn only_those_who_manage_access_see_versions_and_unknown_ones_are_told() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let admin = app.admin();
    let version = access(&app).await["version"].clone();
    for client in app
        .person_and_key("none", Rules::none().read(kind.name))
        .await
    {
        for (method, path, body) in [
            ("GET", format!("access?version={version}"), Json::Null),
            ("GET", "access/versions".to_owned(), Json::Null),
            (
                "POST",
                "access/restore".to_owned(),
                json!({"version": version}),
            ),
            (
                "POST",
                "access/preview".to_owned(),
                json!({"restoreVersion": version}),
            ),
        ] {
            let refused = client.meta(method, &path, body).await;
            refused.problem(403, "forbidden");
        }
    }
    for version in ["0", "-7", "999999", "9223372036854775807"] {
        let path = format!("access?version={version}");
        let refused = admin.meta("GET", &path, Json::Null).await;
        let problem = refused.problem_at(422, "validation_failed", "version");
        assert!(text_of(&problem["detail"]).contains("/v1/meta/access/versions"));
        let body = json!({"version": version.parse::<i64>().expect("a number")});
        let refused = admin.meta("POST", "access/restore", body).await;
        refused.problem_at(422, "validation_failed", "/version");
        let body = json!({"restoreVersion": version.parse::<i64>().expect("a number")});
        let refused = admin.meta("POST", "access/preview", body).await;
        refused.problem_at(422, "validation_failed", "/restoreVersion");
    }
    let no_number = admin.meta("GET", "access?version=last", Json::Null).await;
    assert_eq!(no_number.code(), 422, "{no_number}");
    for (query, status) in [("after=x", 422), ("limit=0", 422), ("before=1", 400)] {
        let path = format!("access/versions?{query}");
        let refused = admin.meta("GET", &path, Json::Null).await;
        assert_eq!(refused.code(), status, "{refused}");
    }
    for (path, body, place) in [
        ("access/restore", json!({}), "/version"),
        ("access/restore", json!({"version": "last"}), "/version"),
        (
            "access/preview",
            json!({"restoreVersion": 1, "roles": []}),
            "/restoreVersion",
        ),
        (
            "access/preview",
            json!({"restoreVersion": 1, "prune": false}),
            "/prune",
        ),
        ("access/preview", json!({}), "/roles"),
    ] {
        let refused = admin.meta("POST", path, body).await;
        refused.problem_at(422, "validation_failed", place);
    }
    // What is read can be sent as it is.
    let state = access(&app).await;
    for path in ["access/preview", "access/apply"] {
        let answer = admin.meta("POST", path, state.clone()).await;
        assert_eq!(answer.ok()["roles"], json!([]));
    }
}

/// As an older version of the server, beside this one for a while, would do it.
#[tokio::test]
async fn what_was_changed_past_the_versions_is_kept_at_the_next_start() {
    let mut app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    app.add_role("clerk", &utrecht(kind)).await;
    app.add_role("goer", &Rules::none()).await;
    app.sql("UPDATE roles SET label = 'Other' WHERE name = 'clerk'")
        .await;
    app.sql("DELETE FROM roles WHERE name = 'goer'").await;
    app.restart().await;
    let admin = app.admin_anew().await;
    let listed = admin.meta("GET", "access/versions", Json::Null).await.ok();
    let newest = &listed["data"][0];
    assert_eq!(told(&newest["roles"]), ["clerk changed", "goer deleted"]);
    assert_eq!(newest["by"], json!({"kind": "system", "id": null}));
    let path = format!("access?version={}", newest["version"]);
    let kept = admin.meta("GET", &path, Json::Null).await.ok();
    assert_eq!(kept["roles"], access_of(&admin).await["roles"]);
}

#[tokio::test]
async fn a_database_from_before_keeps_what_it_has_at_its_next_start() {
    let mut app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    in_cities(&app, kind).await;
    let client = app.role("clerk", utrecht(kind)).await;
    app.sql("DELETE FROM role_versions").await;
    let listed = app.admin().meta("GET", "access/versions", Json::Null).await;
    assert_eq!(listed.ok()["data"], json!([]));
    let version = access(&app).await["version"].clone();
    let admin = app.admin();
    let refused = admin.meta("POST", "access/restore", json!({"version": version}));
    refused
        .await
        .problem_at(422, "validation_failed", "/version");
    for _ in 0..2 {
        app.restart().await;
    }
    let admin = app.admin_anew().await;
    let listed = admin.meta("GET", "access/versions", Json::Null).await.ok();
    let versions = listed["data"].as_array().expect("versions");
    assert_eq!(versions.len(), 1, "{listed:#}");
    assert_eq!(
        told(&versions[0]["roles"]),
        ["administrator initial", "clerk initial"]
    );
    assert_eq!(versions[0]["by"], json!({"kind": "system", "id": null}));
    let state = access_of(&admin).await;
    assert_eq!(versions[0]["version"], state["version"]);
    let client = client_anew(&app, &client);
    admin
        .meta(
            "PATCH",
            "roles/clerk",
            json!({"permissions": ["manageCurrencies"]}),
        )
        .await
        .ok();
    apply(&admin, json!({"roles": [{"name": "clerk"}]})).await;
    client
        .list(kind.plural, "")
        .await
        .problem(404, "object_not_found");
    restore(&admin, &versions[0]["version"]).await;
    assert_eq!(access_of(&admin).await["roles"], state["roles"]);
    assert_eq!(client.list(kind.plural, "").await.ids().len(), 2);
}

/// The same client at the server that has been started since.
fn client_anew(app: &TestApp, client: &Client) -> Client {
    app.anonymous().with_token(client.token())
}
