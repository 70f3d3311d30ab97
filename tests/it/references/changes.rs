//! References to several types while the schema changes.

use serde_json::{Value as Json, json};

use super::{activity, parties, pointer, start, subjects};

#[tokio::test]
async fn definitions_that_make_no_sense_are_refused() {
    let app = start().await;
    let admin = app.admin();
    for (settings, place) in [
        (json!({"targets": []}), ""),
        (json!({"targets": "account"}), "/targets"),
        (json!({"targets": ["account", "nonsense"]}), "/targets/1"),
        (json!({"targets": ["account", "account"]}), ""),
        (json!({"targets": [7]}), "/targets/0"),
        (json!({"targets": ["account"], "any": true}), ""),
        (
            json!({"targets": ["account"], "target": "account", "inverse": {"name": "back"}}),
            "",
        ),
        (json!({"any": "yes"}), "/any"),
        (
            json!({"targets": ["account", "contact"], "inverse": {"name": "city"}}),
            "/inverse/name",
        ),
        (
            json!({"targets": ["account"], "inverse": {"name": "activities"}}),
            "/inverse/name",
        ),
        (
            json!({"targets": ["contact", "activity"], "inverse": {"name": "broken"}}),
            "/inverse/name",
        ),
        (json!({"targets": ["account"], "unique": true}), "/unique"),
        (
            json!({"targets": ["account"], "default": {"type": "account", "id": "x"}}),
            "/default",
        ),
    ] {
        let mut field = json!({"name": "broken", "type": "reference"});
        let (Some(members), Json::Object(more)) = (field.as_object_mut(), settings.clone()) else {
            continue;
        };
        members.extend(more);
        let add = json!([{"op": "addField", "object": "activity", "field": field}]);
        let refused = admin.change(add).await;
        let place = format!("/operations/0/field{place}");
        refused.problem_at(422, "validation_failed", &place);
        assert!(!settings.is_null());
    }
}

#[tokio::test]
async fn a_deleted_target_is_reported_and_the_others_stay() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, _] = parties(&admin).await;
    activity(&admin, "a", pointer("account", &alfa)).await;
    activity(&admin, "b", pointer("contact", &carla)).await;
    let delete = json!([{"op": "deleteObjectType", "object": "account"}]);
    let report = admin.change(delete).await.ok();
    let dependants = report["operations"][0]["dependants"].to_string();
    assert!(dependants.contains("activity.regarding"), "{dependants}");
    let rows = admin.list("activities", "sort=subject").await.ok()["data"].clone();
    assert_eq!(rows[0]["regarding"], Json::Null);
    assert_eq!(rows[1]["regarding"]["type"], json!("contact"));
    let left = json!({"regarding": {"isNull": false}});
    assert_eq!(subjects(&admin, &left).await, ["b"]);
    let gone = admin
        .filter("activities", &json!({"regarding": {"account": {}}}), "")
        .await;
    gone.problem(400, "unknown_field");
    let described = admin.meta("GET", "objects/activity", Json::Null).await.ok();
    assert!(
        described
            .to_string()
            .contains(r#"["contact","organization"]"#)
    );
    // Labels can still be changed, and more targets added.
    let update = json!([{"op": "updateField", "object": "activity", "field": "regarding",
        "label": "Concerns", "targets": ["contact", "organization", "person"]}]);
    admin.change(update).await.ok();
    let person = admin.make("people", json!({"lastName": "Else"})).await;
    activity(&admin, "c", pointer("person", &person)).await;
    let path = format!("/v1/data/people/{person}/activities");
    assert_eq!(admin.get_path(&path, "").await.column("subject"), ["c"]);
    let narrow = json!([{"op": "updateField", "object": "activity", "field": "regarding", "targets": ["contact"]}]);
    let refused = admin.change(narrow).await;
    refused.problem_at(422, "validation_failed", "/operations/0/targets");
}

#[tokio::test]
async fn the_last_target_takes_the_field_with_it() {
    let app = start().await;
    let admin = app.admin();
    let add = json!([{"op": "addField", "object": "activity", "field":
        {"name": "party", "type": "reference", "targets": ["account", "contact"]}}]);
    admin.change(add).await.ok();
    admin
        .change(json!([{"op": "deleteObjectType", "object": "account"}, {"op": "deleteObjectType", "object": "contact"}]))
        .await
        .ok();
    let described = admin.meta("GET", "objects/activity", Json::Null).await.ok();
    assert!(!described.to_string().contains(r#""party""#));
    admin
        .list("activities", "fields=party")
        .await
        .problem(400, "unknown_field");
}

#[tokio::test]
async fn a_renamed_target_and_field_keep_their_values_and_rules() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, beta, _, _] = parties(&admin).await;
    activity(&admin, "a", pointer("account", &alfa)).await;
    activity(&admin, "b", pointer("account", &beta)).await;
    let condition =
        json!({"regarding": {"account": {"city": {"eq": "Utrecht"}}, "type": {"in": ["account"]}}});
    let rules = crate::support::Rules::none()
        .allow("read", "activity", json!({"where": condition}))
        .read("account");
    let reader = app.role("reader", rules).await;
    assert_eq!(subjects(&reader, &json!({})).await, ["a"]);
    let rename = json!([
        {"op": "updateObjectType", "object": "account", "name": "client", "plural": "clients"},
        {"op": "updateField", "object": "activity", "field": "regarding", "name": "concerns"},
    ]);
    admin.change(rename).await.ok();
    assert_eq!(subjects(&reader, &json!({})).await, ["a"]);
    let rules = admin
        .meta("GET", "roles/reader/rules", Json::Null)
        .await
        .ok();
    let shown = rules.to_string();
    assert!(
        shown.contains(r#"{"concerns":{"client":{"city""#),
        "{shown}"
    );
    assert!(shown.contains(r#"["client"]"#), "{shown}");
    let read = admin.list("activities", "sort=subject").await.ok();
    assert_eq!(read["data"][0]["concerns"]["type"], json!("client"));
}
