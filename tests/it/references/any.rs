//! A reference to any type.

use serde_json::{Value as Json, json};

use super::{parties, pointer, start, subjects};

#[tokio::test]
async fn it_points_at_standard_and_custom_types_alike() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, delta] = parties(&admin).await;
    let order = admin
        .make("orders", json!({"number": "1", "customer": delta}))
        .await;
    let note = admin.make("activities", json!({"subject": "note"})).await;
    for (subject, of_type, id) in [
        ("a", "account", &alfa),
        ("b", "contact", &carla),
        ("c", "organization", &delta),
        ("d", "order", &order),
        ("e", "activity", &note),
    ] {
        let values = json!({"subject": subject, "about": pointer(of_type, id)});
        let made = admin.create("activities", values).await.ok();
        assert_eq!(made["about"], json!({"id": id, "type": of_type}));
    }
    let fields =
        "fields=about.order.customer.name,about.activity.subject&subject[in]=d,e&sort=subject";
    let rows = admin.list("activities", fields).await.ok()["data"].clone();
    assert_eq!(
        rows[0]["about"]["order"]["customer"]["name"],
        json!("Delta")
    );
    assert_eq!(rows[1]["about"]["activity"]["subject"], json!("note"));
    for (filter, expected) in [
        (
            json!({"about": {"type": {"in": ["order", "account"]}}}),
            "ad",
        ),
        (
            json!({"about": {"order": {"customer": {"name": {"eq": "Delta"}}}}}),
            "d",
        ),
        (json!({"about": {"in": [alfa, note]}}), "ae"),
        (json!({"about": {"isNull": true}}), "note"),
    ] {
        assert_eq!(
            subjects(&admin, &filter).await.concat(),
            expected,
            "{filter}"
        );
    }
    let refused = json!({"subject": "x", "about": pointer("account", &delta)});
    let refused = admin.create("activities", refused).await;
    refused.problem_at(422, "validation_failed", "/about");
}

#[tokio::test]
async fn a_type_made_later_is_a_target_and_a_deleted_one_is_none() {
    let app = start().await;
    let admin = app.admin();
    let add = json!([{"op": "addObjectType", "name": "vessel", "plural": "vessels",
        "fields": [{"name": "name", "type": "text"}]}]);
    admin.change(add).await.ok();
    let ever = admin.make("vessels", json!({"name": "Ever"})).await;
    let values = json!({"subject": "v", "about": pointer("vessel", &ever)});
    let made = admin.make("activities", values).await;
    let rename =
        json!([{"op": "updateObjectType", "object": "vessel", "name": "ship", "plural": "ships"}]);
    admin.change(rename).await.ok();
    let read = admin.get("activities", &made).await.ok();
    assert_eq!(read["about"], json!({"id": ever, "type": "ship"}));
    // The old name of the type goes on as an alias.
    let again = json!({"about": pointer("vessel", &ever)});
    let again = admin.patch("activities", &made, again).await.ok();
    assert_eq!(again["about"]["type"], json!("ship"));
    let by_old = json!({"about": {"vessel": {"name": {"eq": "Ever"}}, "type": {"eq": "vessel"}}});
    assert_eq!(subjects(&admin, &by_old).await, ["v"]);
    let shown = admin
        .list("activities", "fields=about.vessel.name")
        .await
        .ok();
    assert_eq!(shown["data"][0]["about"]["ship"]["name"], json!("Ever"));
    let delete = json!([{"op": "deleteObjectType", "object": "ship"}]);
    admin.change(delete).await.ok();
    let read = admin.get("activities", &made).await.ok();
    assert_eq!(read["about"], Json::Null);
}

#[tokio::test]
async fn it_has_no_inverse() {
    let app = start().await;
    let add = json!([{"op": "addField", "object": "account", "field":
        {"name": "link2", "type": "reference", "any": true, "inverse": {"name": "back"}}}]);
    let refused = app.admin().change(add).await;
    assert_eq!(refused.code(), 422, "{refused}");
}
