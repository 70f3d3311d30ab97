//! How it is defined, changed, described and kept in files.

use serde_json::{Value as Json, json};

use super::{account, make, names, schema, start};
use crate::support::TestApp;

fn reference(name: &str, target: &str, more: Json) -> Json {
    let mut field = json!({"name": name, "type": "reference", "target": target,
                           "inverse": {"name": format!("{name}Inverse")}});
    if let (Some(field), Json::Object(more)) = (field.as_object_mut(), more) {
        field.extend(more);
    }
    field
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let app = start().await;
    let admin = app.admin();
    for (field, place) in [
        (reference("a", "account", json!({"owned": true})), "/owned"),
        (
            reference("a", "memo", json!({"owned": true, "required": true})),
            "/owned",
        ),
        (
            reference("a", "account", json!({"onDelete": "delete"})),
            "/onDelete",
        ),
        (reference("a", "account", json!({"owned": "yes"})), "/owned"),
        (
            json!({"name": "a", "type": "reference", "any": true, "owned": true, "required": true}),
            "/owned",
        ),
    ] {
        let refused = admin
            .meta("POST", "objects/memo/fields", field.clone())
            .await;
        assert_eq!(refused.code(), 422, "{field}: {}", refused.text());
        let faults = refused.json()["errors"].to_string();
        assert!(faults.contains(place), "{field}: {faults}");
    }
    let second = reference("a", "account", json!({"owned": true, "required": true}));
    let refused = admin.meta("POST", "objects/clause/fields", second).await;
    refused.problem_at(422, "validation_failed", "/owned");
    let twice = reference(
        "a",
        "account",
        json!({"owned": true, "required": true, "onDelete": "restrict"}),
    );
    admin
        .meta("POST", "objects/memo/fields", twice)
        .await
        .status(422);
    let path = "objects/clause/fields/contract";
    let loose = admin.meta("PATCH", path, json!({"required": false})).await;
    loose.problem_at(422, "validation_failed", "/owned");
    admin
        .meta("PATCH", path, json!({"onDelete": "restrict"}))
        .await
        .status(422);
}

#[tokio::test]
async fn it_can_be_changed_and_is_described() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    make(&admin, "memos", "Call", ("account", &acme)).await;
    let path = "objects/memo/fields/account";
    let report = admin
        .meta(
            "PATCH",
            &format!("{path}?dryRun=true"),
            json!({"onDelete": "cascade"}),
        )
        .await
        .ok();
    let summary = report["operations"][0]["summary"]
        .as_str()
        .expect("a summary");
    assert!(summary.contains("memo is deleted with it"), "{summary}");
    admin
        .meta("PATCH", path, json!({"onDelete": "restrict"}))
        .await
        .ok();
    admin
        .delete("accounts", &acme)
        .await
        .problem(409, "conflict");
    let described = admin
        .meta("PATCH", path, json!({"onDelete": "cascade"}))
        .await
        .ok();
    assert_eq!(described["onDelete"], "cascade");
    admin.delete("accounts", &acme).await.status(204);
    assert!(names(&admin, "memos").await.is_empty());
    // What went comes back, whatever has been defined since.
    let described = admin
        .meta("PATCH", path, json!({"onDelete": null}))
        .await
        .ok();
    assert!(described["onDelete"].is_null(), "{described}");
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "memos").await, ["Call"]);

    let owned = json!({"required": true, "owned": true});
    let described = admin.meta("PATCH", path, owned).await.ok();
    assert_eq!(described["owned"], true);
    let lines = admin
        .meta("GET", "objects/orderLine", Json::Null)
        .await
        .ok();
    let fields = lines["fields"].as_array().expect("fields").iter();
    let order = fields.clone().find(|field| field["name"] == "order");
    assert_eq!(order.expect("the order")["owned"], true);
}

#[tokio::test]
async fn the_standard_types_take_it_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let path = "objects/shipment/fields/order";
    admin
        .meta("PATCH", path, json!({"onDelete": "restrict"}))
        .await
        .ok();
    let order = admin
        .make("orders", json!({"number": "O-1", "status": "draft"}))
        .await;
    admin
        .make("orderLines", json!({"order": order, "position": 1}))
        .await;
    let shipment = json!({"number": "S-1", "order": order});
    let shipment = admin.make("shipments", shipment).await;
    admin
        .delete("orders", &order)
        .await
        .problem(409, "conflict");
    assert_eq!(admin.list("orderLines", "").await.ids().len(), 1);
    let loose = json!({"owned": false});
    admin
        .meta("PATCH", "objects/orderLine/fields/order", loose)
        .await
        .ok();
    admin.delete("shipments", &shipment).await.status(204);
    admin.delete("orders", &order).await.status(204);
    assert_eq!(admin.list("orderLines", "").await.ids().len(), 1);
}

#[tokio::test]
async fn what_is_defined_twice_is_defined_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let mut operations = schema();
    let more = json!([
        {"op": "addRelationType", "name": "staffing",
         "source": {"object": "account", "name": "projects", "onDelete": "cascade"},
         "target": {"object": "contract", "name": "staff"}},
        {"op": "updateRelationType", "relation": "staffing", "source": {"onDelete": "restrict"}},
    ]);
    let all = operations.as_array_mut().expect("operations");
    all.extend(more.as_array().expect("operations").clone());
    admin.change(operations).await.ok();
    let relation = admin
        .meta("GET", "relations/staffing", Json::Null)
        .await
        .ok();
    assert_eq!(relation["source"]["onDelete"], "restrict");
}
