//! Deleted object types and relation types come back with what went with them; what needs something else
//! waits for it.

use serde_json::{Value as Json, json};

use super::undo::{deleted, id_of};
use crate::support::{Client, Rules, TestApp};

/// Ships with a port and a flag, each a type of its own, lookups, and voyages between ports.
async fn ships(admin: &Client) {
    let operations = json!([
        {"op": "addObjectType", "name": "port", "plural": "ports",
         "fields": [{"name": "name", "type": "text"}, {"name": "depth", "type": "integer"}]},
        {"op": "addObjectType", "name": "ship", "plural": "ships", "fields": [
            {"name": "name", "type": "text"},
            {"name": "home", "type": "reference", "target": "port", "inverse": {"name": "ships"}},
            {"name": "homeDepth", "type": "lookup", "via": "home", "field": "depth"}]},
        {"op": "addRelationType", "name": "voyage",
         "source": {"object": "ship", "name": "calls"}, "target": {"object": "port", "name": "callers"},
         "fields": [{"name": "day", "type": "date"}]},
    ]);
    admin.change(operations).await.ok();
}

async fn delete(admin: &Client, path: &str) {
    admin.meta("DELETE", path, Json::Null).await.status(204);
}

async fn restore(admin: &Client, name: &str) -> Json {
    let path = format!("deleted/{}/restore", id_of(admin, name).await);
    admin.meta("POST", &path, Json::Null).await.ok()
}

#[tokio::test]
async fn a_type_comes_back_with_what_went_with_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    ships(&admin).await;
    let port = admin
        .make("ports", json!({"name": "Rotterdam", "depth": 24}))
        .await;
    let ship = admin
        .make("ships", json!({"name": "Ever", "home": port}))
        .await;
    admin
        .link(
            &format!("ships/{ship}/calls"),
            &port,
            json!({"day": "2026-01-02"}),
        )
        .await
        .status(201);
    let rules = Rules::none()
        .allow("read", "port", json!({}))
        .allow("read", "ship", json!({}));
    let [person, key] = app.person_and_key("sailor", rules).await;

    delete(&admin, "objects/port").await;
    assert_eq!(admin.get("ships", &ship).await.ok().get("home"), None);
    person
        .list("ports", "")
        .await
        .problem(404, "object_not_found");
    let shown = deleted(&admin, "port").await;
    let with: Vec<&str> = shown["with"]
        .as_array()
        .expect("members")
        .iter()
        .map(|member| member["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(shown["rows"], json!(1));
    for name in ["home", "homeDepth", "voyage"] {
        assert!(with.contains(&name), "{shown}");
    }
    // Made meanwhile, so that it has no port.
    let other = admin.make("ships", json!({"name": "Other"})).await;

    let report = restore(&admin, "port").await;
    let dependants = report["operations"][0]["dependants"].to_string();
    assert!(dependants.contains("comes back with it"), "{report}");
    let read = admin.get("ships", &ship).await.ok();
    assert_eq!(
        (&read["home"]["id"], &read["homeDepth"]),
        (&json!(port), &json!(24))
    );
    assert_eq!(admin.get("ships", &other).await.ok()["home"], Json::Null);
    for client in [&person, &key] {
        let filter = json!({"ships": {"some": {"name": {"eq": "Ever"}}}});
        let found = client.filter("ports", &filter, "").await;
        assert_eq!(found.ids(), [port.as_str()]);
    }
    let calls = admin
        .get_path(&format!("/v1/data/ships/{ship}/calls"), "")
        .await
        .ok();
    assert_eq!(calls["data"].as_array().map(Vec::len), Some(1), "{calls}");
    let listed = admin.meta("GET", "deleted", Json::Null).await.ok();
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn what_needs_two_deleted_types_waits_for_both() {
    let app = TestApp::start().await;
    let admin = app.admin();
    ships(&admin).await;
    let port = admin
        .make("ports", json!({"name": "Genoa", "depth": 11}))
        .await;
    let ship = admin
        .make("ships", json!({"name": "Costa", "home": port}))
        .await;
    admin
        .link(&format!("ships/{ship}/calls"), &port, json!({}))
        .await
        .status(201);
    delete(&admin, "objects/port").await;
    delete(&admin, "objects/ship").await;

    // The relation type and the reference went with the port, and now wait for the ship.
    let report = restore(&admin, "port").await;
    assert!(
        report["operations"][0]["dependants"]
            .to_string()
            .contains("stays deleted"),
        "{report}"
    );
    assert_eq!(admin.get("ports", &port).await.ok()["name"], "Genoa");
    admin
        .get_path(&format!("/v1/data/ports/{port}/callers"), "")
        .await
        .status(404);
    restore(&admin, "ship").await;
    let read = admin.get("ships", &ship).await.ok();
    assert_eq!(
        (&read["home"]["id"], &read["homeDepth"]),
        (&json!(port), &json!(11))
    );
    let callers = admin
        .get_path(&format!("/v1/data/ports/{port}/callers"), "")
        .await
        .ok();
    assert_eq!(
        callers["data"].as_array().map(Vec::len),
        Some(1),
        "{callers}"
    );

    // The other way round: the ship goes first, so that its own reference waits for the port.
    delete(&admin, "objects/ship").await;
    delete(&admin, "objects/port").await;
    restore(&admin, "ship").await;
    assert_eq!(admin.get("ships", &ship).await.ok().get("home"), None);
    restore(&admin, "port").await;
    let read = admin.get("ships", &ship).await.ok();
    assert_eq!(
        (&read["home"]["id"], &read["homeDepth"]),
        (&json!(port), &json!(11))
    );
    let calls = admin
        .get_path(&format!("/v1/data/ships/{ship}/calls"), "")
        .await
        .ok();
    assert_eq!(calls["data"].as_array().map(Vec::len), Some(1), "{calls}");
}

#[tokio::test]
async fn names_of_members_that_are_taken_are_told_and_can_be_left_out() {
    let app = TestApp::start().await;
    let admin = app.admin();
    ships(&admin).await;
    let port = admin.make("ports", json!({"name": "Piraeus"})).await;
    let ship = admin
        .make("ships", json!({"name": "Argo", "home": port}))
        .await;
    delete(&admin, "objects/port").await;
    let operations = json!([
        {"op": "addObjectType", "name": "port", "plural": "ports"},
        {"op": "addField", "object": "ship", "field": {"name": "home", "type": "text"}}]);
    admin.change(operations).await.ok();
    let gone = deleted(&admin, "port").await;
    let path = format!("deleted/{}/restore", gone["id"].as_str().expect("an id"));
    let refused = admin
        .meta("POST", &path, Json::Null)
        .await
        .problem(422, "validation_failed");
    let pointers: Vec<&str> = refused["errors"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| fault["pointer"].as_str().expect("a place"))
        .collect();
    for place in ["/name", "/plural", "/id"] {
        assert!(pointers.contains(&place), "{refused}");
    }
    let names = json!({"name": "harbour", "plural": "harbours"});
    let refused = admin.meta("POST", &path, names.clone()).await;
    refused.problem_at(422, "validation_failed", "/id");
    let home = gone["with"]
        .as_array()
        .expect("members")
        .iter()
        .find(|member| member["name"] == "home")
        .expect("the reference")["id"]
        .clone();
    let mut body = names;
    body["without"] = json!([home]);
    admin.meta("POST", &path, body).await.ok();
    assert_eq!(admin.get("harbours", &port).await.ok()["name"], "Piraeus");
    let home = home.as_str().expect("an id");
    let renamed = json!({"name": "homePort"});
    admin
        .meta("POST", &format!("deleted/{home}/restore"), renamed)
        .await
        .ok();
    let read = admin.get("ships", &ship).await.ok();
    assert_eq!(
        (&read["homePort"]["id"], &read["homeDepth"]),
        (&json!(port), &Json::Null)
    );
}

#[tokio::test]
async fn a_relation_type_comes_back_by_itself() {
    let app = TestApp::start().await;
    let admin = app.admin();
    ships(&admin).await;
    let port = admin.make("ports", json!({"name": "Oslo"})).await;
    let ship = admin.make("ships", json!({"name": "Fram"})).await;
    admin
        .link(
            &format!("ships/{ship}/calls"),
            &port,
            json!({"day": "2026-03-04"}),
        )
        .await
        .status(201);
    delete(&admin, "relations/voyage").await;
    admin
        .get_path(&format!("/v1/data/ships/{ship}/calls"), "")
        .await
        .status(404);
    let taken = json!({"name": "calls", "type": "text"});
    admin
        .meta("POST", "objects/ship/fields", taken)
        .await
        .status(201);
    let path = format!("deleted/{}/restore", id_of(&admin, "voyage").await);
    let refused = admin.meta("POST", &path, Json::Null).await;
    refused.problem_at(422, "validation_failed", "/source/name");
    admin
        .meta("POST", &path, json!({"source": {"name": "visits"}}))
        .await
        .ok();
    let visits = admin
        .get_path(&format!("/v1/data/ships/{ship}/visits"), "")
        .await
        .ok();
    assert_eq!(visits["data"][0]["id"], json!(port), "{visits}");
    // Of the wrong kind, and of things that are not deleted.
    delete(&admin, "relations/voyage").await;
    let id = id_of(&admin, "voyage").await;
    let wrong = admin
        .change(json!([{"op": "undeleteField", "id": id}]))
        .await;
    let fault = wrong.problem_at(422, "validation_failed", "/operations/0/id");
    assert!(
        fault.to_string().contains("undeleteRelationType"),
        "{fault}"
    );
    let unknown =
        json!([{"op": "undeleteObjectType", "id": "0198f6f2-0000-7000-8000-000000000000"}]);
    admin.change(unknown).await.problem(400, "unknown_field");
    let both =
        json!([{"op": "undeleteRelationType", "id": id}, {"op": "undeleteRelationType", "id": id}]);
    admin.change(both).await.problem(400, "unknown_field");
}

#[tokio::test]
async fn a_standard_type_comes_back_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let organization = admin.make("organizations", json!({"name": "Acme"})).await;
    let task = admin
        .make(
            "tasks",
            json!({"subject": "Call", "organization": organization}),
        )
        .await;
    delete(&admin, "objects/task").await;
    let shown = deleted(&admin, "task").await;
    assert_eq!(shown["undoUntil"], Json::Null, "it stays at any time");
    let id = shown["id"].as_str().expect("an id");
    let refused = admin
        .meta("DELETE", &format!("deleted/{id}"), Json::Null)
        .await;
    refused.problem_at(422, "validation_failed", "/id");
    restore(&admin, "task").await;
    let read = admin.get("tasks", &task).await.ok();
    assert_eq!(read["organization"]["id"], json!(organization));
}
