//! Parts: what is owned goes and comes back with its owner, and with nothing else.

use serde_json::json;

use super::{account, field, make, names, start};
use crate::support::{Rules, TestApp};

#[tokio::test]
async fn a_part_can_be_deleted_and_restored_alone_while_its_owner_is_there() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    let clause = make(&admin, "clauses", "A1", ("contract", &contract)).await;
    admin.delete("clauses", &clause).await.status(204);
    admin.restore("clauses", &clause).await.ok();
    admin.delete("contracts", &contract).await.status(204);
    let problem = admin
        .restore("clauses", &clause)
        .await
        .problem(409, "conflict");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("restore the contract"), "{detail}");
    // What hangs on it loosely comes back alone, and what is a part of that with it.
    admin.restore("contracts", &contract).await.ok();
    admin.delete("accounts", &acme).await.status(204);
    assert!(names(&admin, "clauses").await.is_empty());
    admin.restore("contracts", &contract).await.ok();
    assert_eq!(names(&admin, "clauses").await, ["A1"]);
    let contract = field(&admin, "contracts", &contract, "account").await;
    assert!(contract.is_null());
    // Nothing of it is left to come back.
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "contracts").await, ["A"]);
}

#[tokio::test]
async fn the_lines_of_an_order_go_and_come_back_with_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let order = admin
        .make("orders", json!({"number": "O-1", "status": "draft"}))
        .await;
    let mut lines = Vec::new();
    for position in 1..=3 {
        let line = json!({"order": order, "position": position});
        lines.push(admin.make("orderLines", line).await);
    }
    let shipment = admin
        .make("shipments", json!({"number": "S-1", "order": order}))
        .await;
    admin.delete("orderLines", &lines[1]).await.status(204);
    // Who may delete orders deletes their lines, which are nothing of their own.
    let rules = Rules::none()
        .read("order")
        .allow("delete", "order", json!({}));
    for clerk in app.person_and_key("clerk", rules).await {
        clerk.delete("orders", &order).await.status(204);
        assert!(admin.list("orderLines", "").await.ids().is_empty());
        admin
            .get("orderLines", &lines[0])
            .await
            .problem(404, "record_not_found");
        let order_of_it = field(&admin, "shipments", &shipment, "order").await;
        assert!(order_of_it.is_null());
        clerk.restore("orders", &order).await.ok();
        let back = admin.list("orderLines", "sort=position").await.ids();
        assert_eq!(back, [lines[0].clone(), lines[2].clone()]);
    }
    let pipeline = admin.make("pipelines", json!({"name": "Sales"})).await;
    admin
        .make(
            "stages",
            json!({"name": "New", "pipeline": pipeline, "position": 1}),
        )
        .await;
    let document = "mutation($id: ID!) { deletePipeline(id: $id) { id } }";
    admin
        .graphql(document, json!({"id": pipeline}))
        .await
        .data();
    assert!(admin.list("stages", "").await.ids().is_empty());
    let document = "mutation($id: ID!) { restorePipeline(id: $id) { pipeline { id stages { nodes { name } } } } }";
    let back = admin
        .graphql(document, json!({"id": pipeline}))
        .await
        .data();
    assert_eq!(
        back["restorePipeline"]["pipeline"]["stages"]["nodes"][0]["name"],
        "New"
    );
}

#[tokio::test]
async fn a_part_can_be_moved_to_another_owner() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let old = make(&admin, "contracts", "A", ("account", &acme)).await;
    let new = make(&admin, "contracts", "B", ("account", &acme)).await;
    let clause = make(&admin, "clauses", "1", ("contract", &old)).await;
    admin
        .patch("clauses", &clause, json!({"contract": new}))
        .await
        .ok();
    admin.delete("contracts", &old).await.status(204);
    assert_eq!(names(&admin, "clauses").await, ["1"]);
    // A part of what is deleted can't be made.
    let values = json!({"name": "2", "contract": old});
    admin
        .create("clauses", values)
        .await
        .problem_at(422, "validation_failed", "/contract");
    admin.delete("contracts", &new).await.status(204);
    assert!(names(&admin, "clauses").await.is_empty());
}
