//! The impact of a change, as a dry run tells it: records that stand in the way, what names the changed
//! things, locks and time.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

async fn start() -> (TestApp, Vec<String>) {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "parcel", "plural": "parcels", "title": "code", "fields": [
            {"name": "code", "type": "text", "maxLength": 40},
            {"name": "weight", "type": "integer"},
            {"name": "tags", "type": "stringList"},
            {"name": "state", "type": "select", "options": [{"name": "here"}, {"name": "gone"}]},
            {"name": "shipper", "type": "reference", "target": "organization", "inverse": {"name": "parcels"}}]},
        {"op": "addField", "object": "parcel", "field": {"name": "twice", "type": "formula", "result": "integer",
            "expression": "weight * 2"}},
        {"op": "addField", "object": "parcel", "field": {"name": "shipperName", "type": "lookup", "via": "shipper", "field": "name"}},
        {"op": "addField", "object": "organization", "field": {"name": "heaviest", "type": "rollup", "of": "parcels",
            "function": "max", "field": "weight"}},
        {"op": "updateObjectType", "object": "parcel", "displayTemplate": "{code}: {weight}", "defaultSort": ["weight"],
            "uniqueKeys": [{"name": "one", "fields": ["code", "weight"]}],
            "validations": [{"name": "light", "condition": "weight < 1000", "message": "is too heavy"}]},
    ]);
    admin.change(operations).await.ok();
    let mut ids = Vec::new();
    for (code, weight, state) in [
        (json!("aa"), 1, "here"),
        (json!("aa"), 2, "gone"),
        (json!("B1"), 30, "here"),
        (Json::Null, 40, "here"),
    ] {
        let values =
            json!({"code": code, "weight": weight, "state": state, "tags": ["ok", "no way"]});
        ids.push(admin.make("parcels", values).await);
    }
    (app, ids)
}

async fn dry(client: &Client, field: &str, changes: Json) -> Json {
    let path = format!("objects/parcel/fields/{field}?dryRun=true");
    client.meta("PATCH", &path, changes).await.ok()["operations"][0].clone()
}

fn sorted(ids: &[&String]) -> Json {
    let mut ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    ids.sort_unstable();
    json!(ids)
}

#[tokio::test]
async fn a_dry_run_names_the_records_in_the_way() {
    let (app, ids) = start().await;
    let admin = app.admin();
    let [first, second, third, fourth] = &ids[..] else {
        panic!("four parcels")
    };
    for (field, changes, failing, samples) in [
        ("code", json!({"required": true}), 1, sorted(&[fourth])),
        ("code", json!({"unique": true}), 2, sorted(&[first, second])),
        ("weight", json!({"min": 2}), 1, sorted(&[first])),
        ("weight", json!({"max": 29}), 2, sorted(&[third, fourth])),
        (
            "code",
            json!({"minLength": 3}),
            3,
            sorted(&[first, second, third]),
        ),
        (
            "code",
            json!({"maxLength": 1}),
            3,
            sorted(&[first, second, third]),
        ),
        (
            "state",
            json!({"options": [{"name": "here"}]}),
            1,
            sorted(&[second]),
        ),
    ] {
        let case = changes.to_string();
        let impact = dry(&admin, field, changes.clone()).await;
        assert_eq!(impact["rowsFailing"], failing, "{case}: {impact}");
        assert_eq!(impact["samples"], samples, "{case}: {impact}");
        let time = &impact["expectedTime"];
        assert!(
            time["milliseconds"].as_u64().is_some_and(|it| it < 1_000),
            "{impact}"
        );
        assert!(
            time["basis"]
                .as_str()
                .is_some_and(|it| it.contains("rows in")),
            "{impact}"
        );
        // In earnest it is refused, and the message names one of them.
        let path = format!("objects/parcel/fields/{field}");
        let refused = admin.meta("PATCH", &path, changes).await;
        let body = refused.problem(422, "validation_failed").to_string();
        let named = samples.as_array().into_iter().flatten();
        let named = named.filter_map(Json::as_str).any(|id| body.contains(id));
        assert!(named, "{case}: {body}");
    }
    let singleton = json!({"singleton": true});
    let report = admin
        .meta("PATCH", "objects/parcel?dryRun=true", singleton)
        .await
        .ok();
    assert_eq!(
        report["operations"][0]["samples"].as_array().map(Vec::len),
        Some(4)
    );
    let field = json!({"name": "must", "type": "text", "required": true});
    let report = admin
        .meta("POST", "objects/parcel/fields?dryRun=true", field)
        .await
        .ok();
    assert_eq!(
        report["operations"][0]["samples"].as_array().map(Vec::len),
        Some(4)
    );
    // What nothing stands in the way of is done, and undone.
    for changes in [
        json!({"min": 1, "max": 40}),
        json!({"required": true}),
        json!({"min": null, "max": null, "required": false}),
    ] {
        admin
            .meta("PATCH", "objects/parcel/fields/weight", changes)
            .await
            .ok();
    }
}

#[tokio::test]
async fn a_pattern_is_no_obstacle_and_tells_what_does_not_match() {
    let (app, ids) = start().await;
    let admin = app.admin();
    let impact = dry(&admin, "code", json!({"pattern": "[A-Z]\\d"})).await;
    assert_eq!(impact["rowsFailing"], 0);
    assert_eq!(impact["violations"]["rows"], 2);
    assert_eq!(impact["violations"]["samples"], sorted(&[&ids[0], &ids[1]]));
    let impact = dry(&admin, "tags", json!({"pattern": "[a-z]+"})).await;
    assert_eq!(impact["violations"]["rows"], 4);
    let pattern = json!({"pattern": "[A-Z]\\d"});
    admin
        .meta("PATCH", "objects/parcel/fields/code", pattern)
        .await
        .ok();
    let worse = admin.patch("parcels", &ids[2], json!({"code": "x"})).await;
    worse.problem(422, "validation_failed");
}

#[tokio::test]
async fn a_duplicate_shows_its_value_to_those_who_may_read_it() {
    let (app, ids) = start().await;
    let admin = app.admin();
    let unique = json!({"unique": true});
    let impact = dry(&admin, "code", unique.clone()).await;
    let pair = &impact["duplicates"][0];
    assert_eq!(pair["values"], json!(["aa"]));
    assert_eq!(pair["records"], sorted(&[&ids[0], &ids[1]]));
    let key = json!({"uniqueKeys": [{"name": "both", "fields": ["code", "shipper"]}, {"name": "one", "fields": ["code", "weight"]}]});
    admin
        .meta("PATCH", "objects/parcel?dryRun=true", key)
        .await
        .ok();
    // Who defines fields and may not read this one is told the records alone.
    let rules = Rules::none().allow("read", "parcel", json!({"fields": ["weight"]}));
    app.add_role("definer", &rules).await;
    let permission = json!({"permissions": ["manageSchema"]});
    admin.meta("PATCH", "roles/definer", permission).await.ok();
    let definer = app.user(&["definer"]).await;
    let impact = dry(&definer, "code", unique).await;
    assert_eq!(
        impact["duplicates"][0]["records"],
        sorted(&[&ids[0], &ids[1]])
    );
    assert!(!impact.to_string().contains("\"aa\""), "{impact}");
}

#[tokio::test]
async fn a_dry_run_names_all_that_holds_the_field() {
    let (app, _) = start().await;
    let admin = app.admin();
    let rules = Rules::none().allow("read", "parcel", json!({"fields": ["weight"]}));
    app.add_role("weigher", &rules).await;
    app.create_key(&["weigher"], json!({"name": "Scale"})).await;
    let impact = dry(&admin, "weight", json!({"name": "mass"})).await;
    let dependants = impact["dependants"].as_array().cloned().unwrap_or_default();
    for (kind, name) in [
        ("alias", "weight"),
        ("formula", "parcel.twice"),
        ("rollup", "organization.heaviest"),
        ("displayTemplate", "parcel"),
        ("defaultSort", "parcel"),
        ("uniqueKey", "parcel.one"),
        ("validation", "parcel.light"),
        ("rule", "weigher: read"),
        ("key", "Scale"),
    ] {
        let found = dependants
            .iter()
            .any(|it| it["kind"] == kind && it["name"] == name);
        assert!(found, "{kind} {name}: {impact}");
    }
    let impact = dry(&admin, "shipper", json!({"name": "sender"})).await;
    assert!(
        impact.to_string().contains("parcel.shipperName"),
        "{impact}"
    );
    let report = admin
        .meta(
            "DELETE",
            "objects/parcel/fields/code?dryRun=true",
            Json::Null,
        )
        .await;
    // A unique key has it, which is a fault.
    report.problem(422, "validation_failed");
    let report = admin
        .meta(
            "PATCH",
            "objects/parcel?dryRun=true",
            json!({"uniqueKeys": []}),
        )
        .await
        .ok();
    assert!(
        !report["locks"].as_array().is_none_or(Vec::is_empty),
        "{report}"
    );
    assert!(
        !report["operations"][0]["locks"]
            .as_array()
            .is_none_or(Vec::is_empty),
        "{report}"
    );
}
