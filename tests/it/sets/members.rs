//! Sets of records that refer to one: their reference is written, under the right to change them.

use serde_json::{Value as Json, json};

use super::define;
use crate::support::TestApp;

#[tokio::test]
async fn members_are_moved_by_their_reference() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let (one, two) = (
            fleet.boat(&admin, "one").await,
            fleet.boat(&admin, "two").await,
        );
        let made = json!({"name": "Argo", "boats": [one, two]});
        let argo = admin.make(fleet.ships, made).await;
        assert_eq!(fleet.boats_of(&admin, &argo).await, ["one", "two"]);
        assert_eq!(admin.get(fleet.ships, &argo).await.ok()["boatCount"], 2);
        let boat = admin.get(&fleet.boats(), &one).await.ok();
        assert_eq!(
            (&boat["ship"]["id"], &boat["version"]),
            (&json!(argo), &json!(2))
        );

        let fram = fleet.ship(&admin, "Fram").await;
        let path = format!("/v1/data/{}/{fram}/boats", fleet.ships);
        let moved = admin.call("PATCH", &path, &json!({"add": [one]})).await;
        assert_eq!(moved.column("name"), ["one"]);
        assert_eq!(fleet.boats_of(&admin, &argo).await, ["two"]);
        assert_eq!(admin.get(fleet.ships, &argo).await.ok()["boatCount"], 1);

        let set = admin.call("PUT", &path, &json!([{"id": two}])).await;
        assert_eq!(set.column("name"), ["two"]);
        let boat = admin.get(&fleet.boats(), &one).await.ok();
        assert_eq!(boat["ship"], Json::Null);
        admin
            .call("PATCH", &path, &json!({"remove": [one, two]}))
            .await
            .ok();
        assert_eq!(fleet.boats_of(&admin, &fram).await, Vec::<String>::new());

        for (item, place) in [
            (json!({"id": one, "name": "x"}), "/add/0/name"),
            (json!("x"), "/add/0"),
        ] {
            let answer = admin.call("PATCH", &path, &json!({"add": [item]})).await;
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["pointer"], place, "{problem}");
        }
        let by_link = json!({"remove": [{"link": one}]});
        admin.call("PATCH", &path, &by_link).await.problem_at(
            422,
            "validation_failed",
            "/remove/0",
        );
    }
}

#[tokio::test]
async fn a_required_reference_is_not_cleared_by_a_set() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let order = admin
        .make("orders", json!({"number": "1", "orderDate": "2026-01-01"}))
        .await;
    let product = admin
        .make("products", json!({"name": "p", "sku": "s"}))
        .await;
    let line = json!({"order": order, "product": product, "quantity": 1, "unitPrice": {"amount": "1", "currency": "EUR"}});
    let line = admin.make("orderLines", line).await;
    let answer = admin
        .patch("orders", &order, json!({"lines": {"remove": [line]}}))
        .await;
    answer.problem_at(422, "validation_failed", "/lines/remove/0");
    let other = admin
        .make("orders", json!({"number": "2", "orderDate": "2026-01-01"}))
        .await;
    admin
        .patch("orders", &other, json!({"lines": {"add": [line]}}))
        .await
        .ok();
    let moved = admin.get("orderLines", &line).await.ok();
    assert_eq!(moved["order"]["id"], json!(other));
}
