//! What was deleted is taken out of the database: at once when it is asked for, or when its time is over.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{
    done, jobs_of, thing,
    undo::{deleted, id_of},
};
use crate::support::{Client, TestApp};

async fn delete(admin: &Client, path: &str) {
    admin.meta("DELETE", path, Json::Null).await.status(204);
}

/// Purges a thing and waits until it is out; the report of the job.
async fn purge(app: &TestApp, id: &str) -> Json {
    let admin = app.admin_anew().await;
    let report = admin
        .meta("DELETE", &format!("deleted/{id}"), Json::Null)
        .await
        .ok();
    let job = jobs_of(&report)[0].clone();
    app.advance(Duration::minutes(2));
    done(&app.admin_anew().await, &job).await
}

#[tokio::test]
async fn a_purged_field_is_gone_and_its_name_is_free() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"},
        {"name": "price", "type": "money", "indexed": true},
        {"name": "code", "type": "text", "unique": true, "indexed": true},
        {"name": "owner2", "type": "reference", "target": "organization", "inverse": {"name": "things"}}]);
    let report = admin.change(json!([thing(&fields)])).await.ok();
    for job in jobs_of(&report) {
        done(&admin, &job).await;
    }
    let price = json!({"amount": "1", "currency": "EUR"});
    let one = admin
        .make("things", json!({"name": "a", "code": "x", "price": price}))
        .await;
    admin
        .make("things", json!({"name": "b", "code": "y"}))
        .await;
    for field in ["price", "code", "owner2"] {
        delete(&admin, &format!("objects/thing/fields/{field}")).await;
    }
    let id = id_of(&admin, "price").await;
    let tried = admin
        .meta("DELETE", &format!("deleted/{id}?dryRun=true"), Json::Null)
        .await
        .ok();
    assert_eq!(tried["operations"][0]["rowsAffected"], json!(1), "{tried}");
    assert_eq!(tried["operations"][0]["jobs"], json!([{"kind": "purge"}]));
    deleted(&admin, "price").await;

    assert_eq!(purge(&app, &id).await, json!({"tables": 0, "columns": 3}));
    let admin = app.admin_anew().await;
    for name in ["code", "owner2"] {
        let id = id_of(&admin, name).await;
        assert_eq!(purge(&app, &id).await, json!({"tables": 0, "columns": 1}));
    }
    let admin = app.admin_anew().await;
    admin
        .meta("POST", &format!("deleted/{id}/restore"), Json::Null)
        .await
        .status(404);
    admin
        .meta("DELETE", &format!("deleted/{id}"), Json::Null)
        .await
        .status(422);
    let undo = admin
        .change(json!([{"op": "undeleteField", "id": id}]))
        .await;
    let fault = undo.problem_at(422, "validation_failed", "/operations/0/id");
    assert!(fault.to_string().contains("purged"), "{fault}");
    // The name is free; the column is another one, so that nothing of the old one shows.
    let again = json!({"name": "price", "type": "money"});
    admin
        .meta("POST", "objects/thing/fields", again)
        .await
        .status(201);
    let read = admin.get("things", &one).await.ok();
    assert_eq!((&read["name"], &read["price"]), (&json!("a"), &Json::Null));
    admin.patch("things", &one, json!({"name": "c"})).await.ok();
    admin.make("things", json!({"name": "d"})).await;
}

#[tokio::test]
async fn a_purged_type_takes_its_links_and_references_along() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "port", "plural": "ports", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addObjectType", "name": "ship", "plural": "ships", "fields": [{"name": "name", "type": "text"},
            {"name": "home", "type": "reference", "target": "port", "inverse": {"name": "ships"}}]},
        {"op": "addRelationType", "name": "voyage",
         "source": {"object": "ship", "name": "calls"}, "target": {"object": "port", "name": "callers"}},
    ]);
    admin.change(operations).await.ok();
    let port = admin.make("ports", json!({"name": "Rotterdam"})).await;
    let ship = admin
        .make("ships", json!({"name": "Ever", "home": port}))
        .await;
    admin
        .link(&format!("ships/{ship}/calls"), &port, json!({}))
        .await
        .status(201);
    // The relation type was deleted before, for itself, and can't be without the port either.
    delete(&admin, "relations/voyage").await;
    let voyage = id_of(&admin, "voyage").await;
    delete(&admin, "objects/port").await;
    let id = id_of(&admin, "port").await;
    let tried = admin
        .meta("DELETE", &format!("deleted/{id}?dryRun=true"), Json::Null)
        .await
        .ok();
    assert_eq!(tried["operations"][0]["rowsAffected"], json!(3), "{tried}");
    let dependants = tried["operations"][0]["dependants"].to_string();
    assert!(
        dependants.contains("ship.home") && dependants.contains("voyage"),
        "{tried}"
    );

    assert_eq!(purge(&app, &id).await, json!({"tables": 2, "columns": 1}));
    let admin = app.admin_anew().await;
    let listed = admin.meta("GET", "deleted", Json::Null).await.ok();
    assert_eq!(listed["data"], json!([]));
    admin
        .meta("POST", &format!("deleted/{voyage}/restore"), Json::Null)
        .await
        .status(404);
    assert_eq!(admin.get("ships", &ship).await.ok()["name"], "Ever");
    admin.delete("ships", &ship).await.status(204);
    admin
        .change(
            json!([{"op": "addObjectType", "name": "port", "plural": "ports",
        "fields": [{"name": "name", "type": "text"}]}]),
        )
        .await
        .ok();
    assert_eq!(admin.list("ports", "").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn time_ends_what_was_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"}, {"name": "size", "type": "integer"},
        {"name": "late", "type": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin.make("things", json!({"size": 1, "late": 2})).await;
    delete(&admin, "objects/thing/fields/size").await;
    delete(&admin, "objects/task").await;
    app.advance(Duration::days(29));
    let admin = app.admin_anew().await;
    deleted(&admin, "size").await;
    delete(&admin, "objects/thing/fields/late").await;
    app.advance(Duration::days(2));
    let admin = app.admin_anew().await;
    let mut looks = 0;
    let job = loop {
        let jobs = admin.meta("GET", "jobs", Json::Null).await.ok();
        let found = jobs["data"]
            .as_array()
            .expect("jobs")
            .iter()
            .find(|job| job["kind"] == "purge");
        if let Some(job) = found {
            break job["id"].as_str().expect("an id").to_owned();
        }
        looks += 1;
        assert!(looks < 400, "nobody ends it");
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    };
    let log = admin
        .meta("GET", "changesets?limit=1", Json::Null)
        .await
        .ok();
    assert_eq!(log["data"][0]["actorKind"], "system", "{log}");
    app.advance(Duration::minutes(2));
    assert_eq!(done(&admin, &job).await, json!({"tables": 0, "columns": 1}));
    let listed = admin.meta("GET", "deleted", Json::Null).await.ok();
    let names: Vec<&str> = listed["data"]
        .as_array()
        .expect("deleted things")
        .iter()
        .map(|deleted| deleted["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["late", "task"], "what is shipped stays");
    let late = id_of(&admin, "late").await;
    admin
        .meta("POST", &format!("deleted/{late}/restore"), Json::Null)
        .await
        .ok();
    assert_eq!(admin.get("things", &one).await.ok()["late"], json!(2));
}

#[tokio::test]
async fn nothing_stays_shared_of_a_purged_type() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let ship = json!({"op": "addObjectType", "name": "ship", "plural": "ships",
        "fields": [{"name": "name", "type": "text"}]});
    admin.change(json!([ship])).await.ok();
    let user = json!({"email": "ann@example.com", "name": "Ann"});
    let user = admin.meta("POST", "users", user).await.status(201).json()["id"].clone();
    for (object, plural) in [("ship", "ships"), ("organization", "organizations")] {
        let record = admin.make(plural, json!({"name": "r"})).await;
        let body =
            json!({"object": object, "record": record, "with": {"user": user}, "access": "read"});
        admin.meta("POST", "shares", body).await.status(201);
    }
    delete(&admin, "objects/ship").await;
    let shares = "SELECT count(*) FROM record_shares";
    // A type that can come back comes back as it was.
    assert_eq!(app.number(shares).await, 2);
    let id = id_of(&admin, "ship").await;
    purge(&app, &id).await;
    assert_eq!(app.number(shares).await, 1);
}
