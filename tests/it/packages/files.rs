//! `relata schema export`, `plan` and `apply`.

use std::fs;

use serde_json::{Value as Json, json};

use super::{put, relata, stopped, texts};
use crate::support::TestApp;

/// A schema of everything that files must be able to say.
fn operations() -> Json {
    json!([
        {"op": "addOptionList", "name": "zones", "labels": {"de": "Zonen"}, "options": [{"name": "north", "color": "#112233"}, {"name": "south", "active": false}]},
        {"op": "addObjectType", "name": "lane", "plural": "lanes", "title": "code", "fields": [
            {"name": "code", "type": "text", "required": true, "unique": true, "maxLength": 40},
            {"name": "parent", "type": "reference", "target": "lane", "onDelete": "cascade", "inverse": {"name": "parts", "label": "Parts"}},
            {"name": "carrier", "type": "reference", "target": "organization", "inverse": {"name": "lanes", "label": "Lanes", "labels": {"de": "Strecken"}}},
            {"name": "price", "type": "money"},
            {"name": "discount", "type": "percent", "default": "0.1", "labels": {"de": "Rabatt"}},
            {"name": "about", "type": "reference", "targets": ["person", "product"], "inverse": {"name": "aboutLanes", "label": "Lanes"}},
            {"name": "mode", "type": "select", "options": [{"name": "road", "label": "Road"}, {"name": "rail", "label": "Rail"}]},
            {"name": "zone", "type": "select", "optionList": "zones"},
            {"name": "serial", "type": "autoNumber", "format": "L-{0000}"},
            {"name": "home", "type": "address"}]},
        {"op": "addObjectType", "name": "toll", "plural": "tolls", "fields": [
            {"name": "lane", "type": "reference", "target": "lane", "required": true, "owned": true,
             "inverse": {"name": "tolls", "label": "Tolls"}}]},
        {"op": "addField", "object": "lane", "field": {"name": "platform", "type": "select", "dependsOn": "mode",
            "options": [{"name": "siding", "when": ["rail"]}]}},
        {"op": "addField", "object": "lane", "field": {"name": "carrierCity", "type": "lookup", "via": "carrier", "field": "city"}},
        {"op": "addField", "object": "lane", "field": {"name": "net", "type": "formula", "result": "decimal",
            "precision": 18, "scale": 4, "expression": "price.amount * (1 - discount)"}},
        {"op": "addField", "object": "lane", "field": {"name": "half", "type": "formula", "result": "decimal",
            "precision": 18, "scale": 4, "expression": "net / 2"}},
        {"op": "addRelationType", "name": "serves", "labels": {"de": "bedient"},
            "source": {"object": "person", "name": "servedLanes", "labels": {"de": "Bediente Strecken"}, "cardinality": "one", "onDelete": "restrict"},
            "target": {"object": "lane", "name": "servedBy"}, "fields": [{"name": "since", "type": "date"}]},
        {"op": "addRelationType", "name": "crews", "temporal": true, "source": {"object": "person", "name": "crewedLanes"},
            "target": {"object": "lane", "name": "crew"}},
        {"op": "addField", "object": "lane", "field": {"name": "crewSize", "type": "rollup", "of": "crew", "function": "count"}},
        {"op": "addField", "object": "lane", "field": {"name": "crewEver", "type": "rollup", "of": "crew", "function": "count",
            "validity": "all"}},
        {"op": "updateObjectType", "object": "task", "label": "To do"},
        {"op": "addField", "object": "organization", "field": {"name": "tier", "type": "integer"}},
    ])
}

#[tokio::test]
async fn what_is_exported_makes_the_same_schema_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let (first_text, second_text) = (first.display().to_string(), second.display().to_string());
    let mut app = TestApp::start().await;
    app.admin().change(operations()).await.ok();
    let url = app.stop().await;
    relata(&url, &["schema", "export", &first_text])
        .await
        .expect("an export");
    let files = texts(&first);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "object-types/lane.yaml",
            "object-types/organization.yaml",
            "object-types/task.yaml",
            "object-types/toll.yaml",
            "option-lists/zones.yaml",
            "relation-types/crews.yaml",
            "relation-types/serves.yaml",
        ],
        "a file a type, and none for what is as it is shipped"
    );
    relata(&url, &["schema", "export", &first_text])
        .await
        .expect("an export");
    assert_eq!(texts(&first), files, "the same schema gives the same bytes");
    // What holds because the type says so is not written down, as labels are that were given.
    let lane = fs::read_to_string(first.join("object-types/lane.yaml")).expect("a text");
    for implied in ["maxLength: 255", "999", "parts:", "hasDefault"] {
        assert!(!lane.contains(implied), "{implied} in {lane}");
    }
    let serves = fs::read_to_string(first.join("relation-types/serves.yaml")).expect("a text");
    assert!(serves.contains("Bediente Strecken"), "{serves}");
    let crews = fs::read_to_string(first.join("relation-types/crews.yaml")).expect("a text");
    assert!(!crews.contains("labels"), "{crews}");

    let (mut other, url) = stopped().await;
    relata(&url, &["schema", "apply", &first_text])
        .await
        .expect("an application");
    relata(&url, &["schema", "export", &second_text])
        .await
        .expect("an export");
    assert_eq!(
        texts(&second),
        files,
        "the same bytes from the other installation"
    );
    other.restart().await;
    let version = other.admin().meta("GET", "version", Json::Null).await.ok();
    assert_eq!(version["version"], json!(2), "one changeset");
    let url = other.stop().await;
    relata(&url, &["schema", "apply", &first_text])
        .await
        .expect("an application");
    other.restart().await;
    let again = other.admin().meta("GET", "version", Json::Null).await.ok();
    assert_eq!(again, version, "nothing was left to do");
}

#[tokio::test]
async fn files_are_edited_and_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let mut app = TestApp::start().await;
    let admin = app.admin();
    admin.change(operations()).await.ok();
    let lane = json!({"code": "a", "price": {"amount": "10", "currency": "EUR"}});
    let lane = admin.make("lanes", lane).await;
    let url = app.stop().await;
    relata(&url, &["schema", "export", &files])
        .await
        .expect("an export");
    let path = folder.path().join("object-types/lane.yaml");
    let text = fs::read_to_string(&path).expect("a text");
    let text = text
        .replace("name: code", "name: key")
        .replace("title: code", "title: key");
    fs::write(&path, text).expect("the file is written");
    put(
        folder.path(),
        "object-types/depot.yaml",
        "name: depot\nplural: depots\nfields:\n- {name: code, type: text}\n",
    );
    fs::remove_file(folder.path().join("relation-types/serves.yaml")).expect("the file goes");

    relata(&url, &["schema", "plan", &files])
        .await
        .expect("a plan");
    relata(&url, &["schema", "apply", &files])
        .await
        .expect("an application");
    app.restart().await;
    let admin = app.admin();
    let read = admin.get("lanes", &lane).await.ok();
    assert_eq!(
        (&read["key"], &read["net"]),
        (&json!("a"), &json!("9.0000")),
        "a rename keeps values and formulas"
    );
    admin.make("depots", json!({"code": "x"})).await;
    admin.meta("GET", "relations/serves", Json::Null).await.ok();

    let url = app.stop().await;
    relata(&url, &["schema", "apply", &files, "--prune"])
        .await
        .expect("an application");
    app.restart().await;
    let gone = app
        .admin()
        .meta("GET", "relations/serves", Json::Null)
        .await;
    gone.problem(404, "not_found");
}

#[tokio::test]
async fn what_deletions_do_is_edited_in_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let mut app = TestApp::start().await;
    app.admin().change(operations()).await.ok();
    let url = app.stop().await;
    relata(&url, &["schema", "export", &files])
        .await
        .expect("an export");
    for (name, old, new) in [
        (
            "relation-types/serves.yaml",
            "onDelete: restrict",
            "onDelete: cascade",
        ),
        (
            "object-types/lane.yaml",
            "onDelete: cascade",
            "onDelete: detach",
        ),
        ("object-types/toll.yaml", "owned: true", "owned: false"),
    ] {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).expect("a text");
        assert!(text.contains(old), "{text}");
        fs::write(&path, text.replace(old, new)).expect("the file is written");
    }
    for _ in 0..2 {
        relata(&url, &["schema", "apply", &files])
            .await
            .expect("an application");
    }
    app.restart().await;
    let admin = app.admin();
    let version = admin.meta("GET", "version", Json::Null).await.ok();
    assert_eq!(
        version["version"],
        json!(3),
        "the second time nothing is left to do"
    );
    let serves = admin.meta("GET", "relations/serves", Json::Null).await.ok();
    assert_eq!(serves["source"]["onDelete"], "cascade");
    for (path, member) in [("objects/lane", "onDelete"), ("objects/toll", "owned")] {
        let described = admin.meta("GET", path, Json::Null).await.ok();
        let fields = described["fields"].as_array().expect("fields");
        assert!(
            fields.iter().all(|field| field[member].is_null()),
            "{described}"
        );
    }
}

#[tokio::test]
async fn files_that_make_no_sense_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let (mut app, url) = stopped().await;
    for (name, text, hint) in [
        ("object-types/lane.yaml", "name: [", "lane.yaml"),
        (
            "object-types/lane.yaml",
            "name: other\nplural: others\n",
            "the name of the file",
        ),
        (
            "object-types/lane.yaml",
            "name: lane\nplural: lanes\nfields:\n- {name: x, type: nothing}\n",
            "must be one of the field types",
        ),
        (
            "object-types/lane.yaml",
            "name: lane\nplural: lanes\nsurprise: 1\n",
            "surprise",
        ),
    ] {
        put(folder.path(), name, text);
        let refused = relata(&url, &["schema", "apply", &files])
            .await
            .expect_err("a refusal");
        assert!(refused.contains(hint), "{refused} should mention {hint}");
    }
    let missing = relata(&url, &["schema", "apply", "/nowhere/at/all"]).await;
    assert!(missing.expect_err("a refusal").contains("is no folder"));
    app.restart().await;
    let version = app.admin().meta("GET", "version", Json::Null).await.ok();
    assert_eq!(version["version"], json!(1));
}
