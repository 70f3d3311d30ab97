//! Roles and rules as files beside the types.

use std::fs;

use serde_json::{Value as Json, json};

use super::{put, relata, stopped, texts, texts_in};
use crate::support::TestApp;

/// A type, and roles with all that files must be able to say.
async fn make(app: &TestApp) {
    let admin = app.admin();
    admin
        .change(json!([
            {"op": "addObjectType", "name": "lane", "plural": "lanes", "fields": [
                {"name": "code", "type": "text"}, {"name": "zip", "type": "text"}, {"name": "active", "type": "boolean"},
                {"name": "carrier", "type": "reference", "target": "organization", "inverse": {"name": "lanes", "label": "Lanes"}}]},
        ]))
        .await
        .ok();
    let roles = json!({"roles": [
        {"name": "carrier", "label": "Carrier", "description": "Of shippers", "rules": [
            {"object": "lane", "action": "read", "fields": ["zip", "code"], "where": {"carrier": {"eq": "$partner.id"}},
             "masks": {"zip": "last4"}},
            {"object": "organization", "action": "read", "fields": {"except": ["phone", "email"]},
             "where": {"lanes": {"some": {"carrier": {"eq": "$partner.id"}}}}},
            {"object": "lane", "action": "update", "fields": ["code"], "presets": {"active": true},
             "check": {"code": {"neq": "x"}}},
            {"object": "lane", "action": "delete"}]},
        {"name": "lead", "inherits": ["carrier"], "permissions": ["managePartnerAccess"]},
    ]});
    admin.meta("POST", "access/apply", roles).await.ok();
}

#[tokio::test]
async fn roles_that_are_exported_are_the_same_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let (first_text, second_text) = (first.display().to_string(), second.display().to_string());
    let mut app = TestApp::start().await;
    make(&app).await;
    let state = app.admin().meta("GET", "access", Json::Null).await.ok();
    let url = app.stop().await;
    relata(&url, &["schema", "export", &first_text])
        .await
        .expect("an export");
    let files = texts_in(&first, &["access/roles"]);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "access/roles/administrator.yaml",
            "access/roles/carrier.yaml",
            "access/roles/lead.yaml"
        ]
    );
    let carrier = &files[1].1;
    for said in [
        "name: carrier",
        "label: Carrier",
        "$partner.id",
        "- code",
        "zip: last4",
    ] {
        assert!(carrier.contains(said), "{said} in {carrier}");
    }
    for kept in ["id:", "createdAt", "null", "inherits"] {
        assert!(!carrier.contains(kept), "{kept} in {carrier}");
    }

    let (mut other, url) = stopped().await;
    relata(&url, &["schema", "plan", &first_text])
        .await
        .expect("a plan, although the rules speak of a type to come");
    relata(&url, &["schema", "apply", &first_text])
        .await
        .expect("an application");
    relata(&url, &["schema", "export", &second_text])
        .await
        .expect("an export");
    assert_eq!(
        texts_in(&second, &["access/roles"]),
        files,
        "the same bytes"
    );
    assert_eq!(texts(&second), texts(&first));
    other.restart().await;
    let there = other.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(there["roles"], state["roles"]);
    let url = other.stop().await;
    relata(&url, &["schema", "apply", &first_text])
        .await
        .expect("an application");
    other.restart().await;
    let again = other.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(again, there, "nothing was left to do");
}

#[tokio::test]
async fn files_of_roles_are_edited_planned_and_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let mut app = TestApp::start().await;
    make(&app).await;
    let url = app.stop().await;
    relata(&url, &["schema", "export", &files])
        .await
        .expect("an export");
    let lead = folder.path().join("access/roles/lead.yaml");
    fs::remove_file(&lead).expect("the file goes");
    put(
        folder.path(),
        "access/roles/clerk.yaml",
        "name: clerk\nrules:\n- {object: lane, action: read, fields: '*'}\n",
    );
    relata(&url, &["schema", "plan", &files])
        .await
        .expect("a plan");
    app.restart().await;
    let names = |state: &Json| -> Vec<String> {
        let roles = state["roles"].as_array().expect("roles").iter();
        roles
            .map(|role| role["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let planned = app.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(names(&planned), ["administrator", "carrier", "lead"]);
    let url = app.stop().await;
    relata(&url, &["schema", "apply", &files])
        .await
        .expect("an application");
    app.restart().await;
    let applied = app.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(
        names(&applied),
        ["administrator", "carrier", "clerk", "lead"],
        "what only the database has stays"
    );
    let url = app.stop().await;
    relata(&url, &["schema", "apply", &files, "--prune"])
        .await
        .expect("an application");
    app.restart().await;
    let pruned = app.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(names(&pruned), ["administrator", "carrier", "clerk"]);

    // Files without roles leave them alone, whatever else goes.
    fs::remove_dir_all(folder.path().join("access")).expect("the folder goes");
    let url = app.stop().await;
    relata(&url, &["schema", "apply", &files, "--prune"])
        .await
        .expect("an application");
    app.restart().await;
    let left = app.admin().meta("GET", "access", Json::Null).await.ok();
    assert_eq!(left, pruned);
}

#[tokio::test]
async fn files_of_roles_that_make_no_sense_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let (mut app, url) = stopped().await;
    put(
        folder.path(),
        "object-types/depot.yaml",
        "name: depot\nplural: depots\nfields:\n- {name: code, type: text}\n",
    );
    for (text, hint) in [
        ("name: other\n", "the name of the file"),
        ("name: clerk\nsurprise: 1\n", "surprise"),
        ("name: clerk\npermissions: [fly]\n", "fly"),
        (
            "name: clerk\nrules:\n- {object: depot, action: read, fields: [nothing]}\n",
            "access/roles/clerk.yaml: /rules/0/fields/0",
        ),
        ("name: clerk\ninherits: [nobody]\n", "no role \"nobody\""),
    ] {
        put(folder.path(), "access/roles/clerk.yaml", text);
        let refused = relata(&url, &["schema", "apply", &files])
            .await
            .expect_err("a refusal");
        assert!(refused.contains(hint), "{refused} should mention {hint}");
    }
    app.restart().await;
    let version = app.admin().meta("GET", "version", Json::Null).await.ok();
    assert_eq!(version["version"], json!(1), "the type was not made either");
    let roles = app.admin().meta("GET", "roles", Json::Null).await.ok();
    assert_eq!(roles["data"].as_array().map(Vec::len), Some(1));
}
