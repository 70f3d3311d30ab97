//! Changes of the schema while the server runs: the very next request uses them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// A fleet: a custom type with a reference to a standard one, a field on a standard type, and a
/// relation type with fields of its own between the two.
fn fleet() -> Json {
    json!([
        {"op": "addObjectType", "name": "vessel", "plural": "vessels", "label": "Vessel", "pluralLabel": "Vessels",
         "title": "name", "fields": [
            {"name": "name", "label": "Name", "type": "text", "required": true},
            {"name": "capacity", "label": "Capacity", "type": "decimal", "precision": 12, "scale": 1},
            {"name": "operator", "label": "Operator", "type": "reference", "target": "organization",
             "inverse": {"name": "vessels", "label": "Vessels"}},
        ]},
        {"op": "addField", "object": "organization", "field": {"name": "fleetSize", "label": "Fleet", "type": "integer"}},
        {"op": "addRelationType", "name": "charter", "label": "Charter",
         "source": {"object": "organization", "name": "chartered", "label": "charters"},
         "target": {"object": "vessel", "name": "charterers", "label": "is chartered by"},
         "fields": [{"name": "rate", "label": "Rate", "type": "money"}]},
    ])
}

#[tokio::test]
async fn the_next_request_uses_what_was_defined() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let report = admin.change(fleet()).await.ok();
    assert_eq!(
        (&report["version"], &report["applicable"]),
        (&json!(2), &json!(true))
    );

    let acme = admin
        .make("organizations", json!({"name": "Acme", "fleetSize": 2}))
        .await;
    let ever = admin
        .make(
            "vessels",
            json!({"name": "Ever", "capacity": "1.5", "operator": acme}),
        )
        .await;
    let rate = json!({"rate": {"amount": "10", "currency": "EUR"}});
    admin
        .link(&format!("organizations/{acme}/chartered"), &ever, rate)
        .await
        .status(201);

    let select = json!({"select": {"name": true, "fleetSize": true,
        "vessels": {"select": {"name": true, "operator": {"select": {"name": true}}}},
        "chartered": {"select": {"name": true, "link": {"select": {"rate": true}}}}}});
    let tree = admin.query("organizations", &select).await.ok()["data"][0].clone();
    assert_eq!(tree["fleetSize"], json!(2));
    assert_eq!(
        tree["vessels"]["data"][0]["operator"]["name"],
        json!("Acme")
    );
    assert_eq!(
        tree["chartered"]["data"][0]["link"]["rate"]["amount"],
        json!("10.0000")
    );

    let document = r"query($f: VesselFilter) { vessels(filter: $f) { nodes {
        name operator { name fleetSize } charterers { edges { node { name } link { rate { amount } } } } } } }";
    let filter = json!({"f": {"operator": {"fleetSize": {"eq": 2}}, "charterers": {"some": {"link": {"rate": {"gte": "10"}}}}}});
    let answer = admin.graphql(document, filter).await.ok();
    let vessel = &answer["data"]["vessels"]["nodes"][0];
    assert_eq!(vessel["operator"], json!({"name": "Acme", "fleetSize": 2}));
    assert_eq!(
        vessel["charterers"]["edges"][0]["link"]["rate"]["amount"],
        json!("10.0000")
    );

    let contract = admin.call("GET", "/openapi.json", &Json::Null).await.ok();
    assert!(
        contract["paths"]["/v1/data/vessels"].is_object(),
        "the contract shows the type"
    );
    let described = admin.meta("GET", "objects/vessel", Json::Null).await.ok();
    let names: Vec<_> = described["relations"]
        .as_array()
        .expect("relations")
        .iter()
        .map(|one| &one["label"])
        .collect();
    assert_eq!(names, ["is chartered by"]);
    let introspected = admin
        .graphql(
            r#"{ __type(name: "Vessel") { fields { name } } }"#,
            Json::Null,
        )
        .await
        .ok();
    assert!(introspected.to_string().contains("capacity"));
}

#[tokio::test]
async fn a_renamed_field_keeps_its_values_and_forgets_its_old_name_when_told() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(fleet()).await.ok();
    let ever = admin
        .make("vessels", json!({"name": "Ever", "capacity": "1.5"}))
        .await;
    let rename = json!({"name": "tonnage", "label": "Tonnage", "aliasUntil": null});
    admin
        .meta("PATCH", "objects/vessel/fields/capacity", rename)
        .await
        .ok();
    assert_eq!(
        admin.get("vessels", &ever).await.ok()["tonnage"],
        json!("1.5")
    );
    admin
        .list("vessels", "sort=capacity")
        .await
        .problem(400, "unknown_field");
    admin
        .meta(
            "PATCH",
            "objects/vessel",
            json!({"name": "ship", "plural": "ships", "aliasUntil": null}),
        )
        .await
        .ok();
    assert_eq!(
        admin.get("ships", &ever).await.ok()["tonnage"],
        json!("1.5")
    );
    admin.get("vessels", &ever).await.status(404);
}

#[tokio::test]
async fn what_is_deleted_hides_at_once_and_its_name_starts_empty() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(fleet()).await.ok();
    let ever = admin
        .make("vessels", json!({"name": "Ever", "capacity": "1.5"}))
        .await;
    admin
        .meta("DELETE", "objects/vessel/fields/capacity", Json::Null)
        .await
        .status(204);
    admin
        .list("vessels", "fields=capacity")
        .await
        .problem(400, "unknown_field");
    let again = json!({"name": "capacity", "label": "Capacity", "type": "text"});
    admin
        .meta("POST", "objects/vessel/fields", again)
        .await
        .status(201);
    assert_eq!(
        admin.get("vessels", &ever).await.ok()["capacity"],
        Json::Null
    );
    admin
        .meta("DELETE", "relations/charter", Json::Null)
        .await
        .status(204);
    admin
        .list("organizations", "fields=chartered")
        .await
        .problem(400, "unknown_field");
    admin
        .meta("DELETE", "objects/vessel", Json::Null)
        .await
        .status(204);
    admin.list("vessels", "").await.status(404);
    admin
        .list("organizations", "fields=vessels")
        .await
        .problem(400, "unknown_field");
}

#[tokio::test]
async fn a_dry_run_reports_and_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let body = json!({"dryRun": true, "operations": fleet()});
    let report = admin.meta("POST", "changesets", body).await.ok();
    assert_eq!(report["operations"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        admin.meta("GET", "version", Json::Null).await.ok()["version"],
        json!(1)
    );
    admin.list("vessels", "").await.status(404);
}

#[tokio::test]
async fn of_two_changesets_on_the_same_version_one_wins() {
    let app = TestApp::start().await;
    let node = app.another_node().await;
    let change = |client: Client, name: &'static str| async move {
        let field = json!({"name": name, "label": name, "type": "text"});
        let operations = json!([{"op": "addField", "object": "organization", "field": field}]);
        let body = json!({"expectedVersion": 1, "operations": operations});
        client.meta("POST", "changesets", body).await.code()
    };
    let (a, b) = tokio::join!(change(app.admin(), "alpha"), change(node.admin(), "beta"));
    let mut codes = [a, b];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409]);
    // The other node follows within a moment; the one that won knows at once.
    let mut versions = Vec::new();
    for client in [app.admin(), node.admin()] {
        versions.push(client.meta("GET", "version", Json::Null).await.ok()["version"].as_i64());
    }
    assert_eq!(versions.into_iter().max(), Some(Some(2)));
}

#[tokio::test]
async fn a_changeset_that_fails_half_way_leaves_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for sku in ["1", "2"] {
        admin
            .make("products", json!({"name": "same", "sku": sku}))
            .await;
    }
    let unique = json!({"op": "updateField", "object": "product", "field": "name", "unique": true});
    let broken = [
        json!({"op": "addField", "object": "vessel", "field": {"name": "x", "type": "nonsense"}}),
        json!({"op": "addField", "object": "organization", "field": {"name": "createdAt", "type": "text"}}),
        json!({"op": "addObjectType", "name": "\"; drop table", "plural": "y", "fields": []}),
        unique,
    ];
    for operation in broken {
        let mut operations = fleet();
        operations
            .as_array_mut()
            .expect("operations")
            .push(operation.clone());
        let refused = admin.change(operations).await;
        assert!(
            (400..500).contains(&refused.code()),
            "{operation}: {}",
            refused.text()
        );
        admin.list("vessels", "").await.status(404);
        assert_eq!(
            admin.meta("GET", "version", Json::Null).await.ok()["version"],
            json!(1)
        );
    }
    admin.change(fleet()).await.ok();
    admin.make("vessels", json!({"name": "Ever"})).await;
}

#[tokio::test]
async fn an_option_in_use_stays_and_a_required_field_is_back_filled() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let options = json!([{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]);
    let field = json!({"name": "grade", "label": "Grade", "type": "select", "options": options});
    admin
        .meta("POST", "objects/organization/fields", field)
        .await
        .status(201);
    let acme = admin
        .make("organizations", json!({"name": "Acme", "grade": "a"}))
        .await;
    let fewer = json!({"options": [{"name": "b", "label": "B"}]});
    admin
        .meta("PATCH", "objects/organization/fields/grade", fewer)
        .await
        .status(422);
    let required = json!({"name": "tier", "label": "Tier", "type": "text", "required": true});
    admin
        .meta("POST", "objects/organization/fields", required.clone())
        .await
        .status(422);
    let mut with_default = required;
    with_default["default"] = json!("basic");
    admin
        .meta("POST", "objects/organization/fields", with_default)
        .await
        .status(201);
    assert_eq!(
        admin.get("organizations", &acme).await.ok()["tier"],
        json!("basic")
    );
}

#[tokio::test]
async fn names_that_sql_would_trip_over_work_or_are_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields: Vec<Json> = ["select", "group", "from", "table", "user", "limit"]
        .iter()
        .map(|name| json!({"name": name, "label": name, "type": "text"}))
        .collect();
    let operation =
        json!([{"op": "addObjectType", "name": "where", "plural": "wheres", "fields": fields}]);
    admin.change(operation).await.ok();
    admin
        .make("wheres", json!({"select": "a", "group": "b", "from": "c"}))
        .await;
    let found = admin
        .filter("wheres", &json!({"group": {"eq": "b"}}), "sort=-select")
        .await
        .ok();
    assert_eq!(found["data"][0]["from"], json!("c"));
    for name in [
        "id",
        "version",
        "createdAt",
        "a b",
        "a-b",
        "1a",
        "",
        "ünder",
        "x\"; drop table users; --",
    ] {
        let field = json!({"name": name, "label": "X", "type": "text"});
        let refused = admin
            .meta("POST", "objects/organization/fields", field)
            .await;
        assert!(
            (400..500).contains(&refused.code()),
            "{name:?}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn no_request_fails_while_the_schema_changes() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(fleet()).await.ok();
    admin.make("vessels", json!({"name": "Ever"})).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..4 {
        let (client, stop) = (admin.clone(), Arc::clone(&stop));
        workers.spawn(async move {
            let mut requests = 0;
            while !stop.load(Ordering::Relaxed) {
                match worker % 2 {
                    0 => drop(client.list("vessels", "count=exact").await.ok()),
                    _ => drop(client.make("vessels", json!({"name": "Next"})).await),
                }
                requests += 1;
            }
            requests
        });
    }
    for round in 0..5 {
        let name = format!("extra{round}");
        let field = json!({"name": name, "label": name, "type": "text"});
        admin
            .meta("POST", "objects/vessel/fields", field)
            .await
            .status(201);
        let renamed = json!({"name": format!("other{round}")});
        admin
            .meta("PATCH", &format!("objects/vessel/fields/{name}"), renamed)
            .await
            .ok();
        admin
            .meta(
                "DELETE",
                &format!("objects/vessel/fields/other{round}"),
                Json::Null,
            )
            .await
            .status(204);
    }
    stop.store(true, Ordering::Relaxed);
    let requests: u32 = workers.join_all().await.into_iter().sum();
    assert!(requests > 4, "the workers worked");
}
