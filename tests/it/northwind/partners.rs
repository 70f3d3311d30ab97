//! What the keys of shippers and suppliers see, and that there is no way around it: what is hidden
//! answers as if it did not exist.

use serde_json::{Value as Json, json};

use super::{Northwind, all, count, expected, key, text};
use crate::support::{Client, Response};

const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_shipper_sees_its_own_orders() {
    let northwind = Northwind::start().await;
    let (shipper, none) = (northwind.partner("Speedy Express"), json!({}));
    let open = json!({"shippedDate": {"isNull": true}});
    let orders = all(&shipper, "orders", "fields=number&sort=number", &none).await;
    let number = |order: Option<&Json>| text(order.expect("an order"), "/number").parse::<i64>();
    let row = json!([
        count(&shipper, "orders", &none).await,
        count(&shipper, "organizations", &none).await,
        count(&shipper, "orders", &open).await,
        number(orders.first()).expect("a number"),
        number(orders.last()).expect("a number"),
    ]);
    assert_eq!(vec![row], expected("nw22"));
    assert_eq!(count(&shipper, "shipments", &none).await, 249);

    let customers = all(&shipper, "organizations", "fields=orders.number", &none).await;
    let orders_of = |customer: &Json| customer["orders"]["data"].as_array().map_or(0, Vec::len);
    assert_eq!(customers.iter().map(orders_of).sum::<usize>(), 249);
    let fields = all(&shipper, "organizations", "", &none).await;
    let members: Vec<&String> = fields[0].as_object().expect("an object").keys().collect();
    assert_eq!(members, ["id", "name", "city"]);
}

#[tokio::test]
async fn a_shipper_does_not_find_what_is_not_its_own() {
    let northwind = Northwind::start().await;
    let (admin, shipper) = (northwind.admin(), northwind.partner("Speedy Express"));
    let fields = "fields=number,shipments.carrier.externalId";
    let mut found = 0;
    for order in all(&admin, "orders", fields, &json!({})).await {
        let id = text(&order, "/id");
        let carrier = order.pointer("/shipments/data/0/carrier/externalId");
        let answer = shipper.get("orders", id).await;
        if key(carrier.expect("a carrier")) == 1 {
            answer.status(200);
            found += 1;
        } else {
            same(&answer, id, &shipper.get("orders", NOTHING).await, NOTHING);
        }
    }
    assert_eq!(found, 249);
    // Not its own organization either, nor other shippers, suppliers, customers of others.
    let ids = ["shipper-1", "shipper-2", "supplier-1", "customer-PARIS"];
    let filter = json!({"externalId": {"in": ids}});
    for organization in all(&admin, "organizations", "fields=name", &filter).await {
        let id = text(&organization, "/id");
        let nothing = shipper.get("organizations", NOTHING).await;
        same(
            &shipper.get("organizations", id).await,
            id,
            &nothing,
            NOTHING,
        );
    }
    for objects in ["people", "products", "orderLines", "regions", "tasks"] {
        let answer = shipper.list(objects, "").await;
        same(
            &answer,
            objects,
            &shipper.list("nothing", "").await,
            "nothing",
        );
    }
}

#[tokio::test]
async fn a_shipper_can_not_name_what_is_hidden() {
    let northwind = Northwind::start().await;
    let shipper = northwind.partner("Speedy Express");
    for (hidden, path) in [
        ("phone", "customer.phone"),
        ("northwindCode", "customer.northwindCode"),
        ("employee", "employee"),
        ("freight", "freight"),
        ("externalId", "externalId"),
        ("ownerId", "ownerId"),
        ("lines", "lines.quantity"),
    ] {
        let unknown = path.replace(hidden, "nothing");
        for how in ["fields", "sort"] {
            let answer = shipper.list("orders", &format!("{how}={path}")).await;
            let other = shipper.list("orders", &format!("{how}={unknown}")).await;
            same(&answer, hidden, &other, "nothing");
        }
        let answer = shipper.filter("orders", &nested(path), "").await;
        let other = shipper.filter("orders", &nested(&unknown), "").await;
        same(&answer, hidden, &other, "nothing");
    }
    let schema = "{ __schema { types { name fields { name } inputFields { name } } } }";
    let schema = shipper.graphql(schema, json!({})).await.data().to_string();
    let contract = shipper.get_path("/openapi.json", "").await.ok();
    let contract = contract["paths"].to_string() + &contract["components"]["schemas"].to_string();
    for hidden in [
        "phone",
        "northwindCode",
        "employee",
        "unitPrice",
        "carriedShipments",
    ] {
        let quoted = format!("\"{hidden}\"");
        assert!(!schema.contains(&quoted), "introspection shows {hidden}");
        assert!(!contract.contains(&quoted), "the contract shows {hidden}");
    }
}

#[tokio::test]
async fn a_shipper_reports_and_changes_nothing_else() {
    let northwind = Northwind::start().await;
    let (admin, shipper) = (northwind.admin(), northwind.partner("Speedy Express"));
    let shipment = |carrier: &str| json!({"carrier": {"externalId": {"eq": carrier}}});
    let others = all(&admin, "shipments", "fields=id", &shipment("shipper-2")).await;
    let own = all(&admin, "shipments", "fields=id", &shipment("shipper-1")).await;
    let (own, other) = (text(&own[0], "/id"), text(&others[0], "/id"));

    let report = json!({"status": "delivered", "receivedBy": "J. Doe"});
    let patched = shipper.patch("shipments", own, report.clone()).await.ok();
    assert_eq!(patched["receivedBy"], "J. Doe");
    let refused = shipper.patch("shipments", other, report.clone()).await;
    let nothing = shipper.patch("shipments", NOTHING, report).await;
    same(&refused, other, &nothing, NOTHING);
    let deleted = shipper.delete("shipments", other).await;
    let nothing = shipper.delete("shipments", NOTHING).await;
    same(&deleted, other, &nothing, NOTHING);

    let no_freight = json!({"status": "planned", "freight": null});
    let refused = shipper.patch("shipments", own, no_freight).await;
    refused.problem_at(422, "validation_failed", "/freight");
    let carrier = shipper
        .patch("shipments", own, json!({"carrier": other}))
        .await;
    let unknown = shipper
        .patch("shipments", own, json!({"nothing": other}))
        .await;
    same(&carrier, "carrier", &unknown, "nothing");
    shipper
        .create("shipments", json!({"number": "1"}))
        .await
        .problem(403, "forbidden");
    let stored = admin.get("shipments", own).await.ok();
    assert_eq!(stored["status"], "delivered");
    assert_ne!(stored["freight"], Json::Null);
}

#[tokio::test]
async fn suppliers_see_their_products_and_lines() {
    let northwind = Northwind::start().await;
    let (admin, none) = (northwind.admin(), json!({}));
    let names = [
        "Exotic Liquids",
        "New Orleans Cajun Delights",
        "Grandma Kelly's Homestead",
    ];
    for (name, row) in names.iter().zip(expected("nw24")) {
        let supplier = northwind.partner(name);
        assert_eq!(supplied(&supplier, &none, &none, &none).await, row_of(&row));
        supplier.list("organizations", "").await.status(404);
        let hidden = supplier.list("orders", "fields=customer").await;
        same(
            &hidden,
            "customer",
            &supplier.list("orders", "fields=nothing").await,
            "nothing",
        );
    }
    for row in expected("nw24") {
        let id = format!("supplier-{}", row[0]);
        let products = json!({"suppliers": {"some": {"externalId": {"eq": id}}}});
        let lines = json!({"product": products});
        let orders = json!({"lines": {"some": lines}});
        let seen = supplied(&admin, &products, &orders, &lines).await;
        assert_eq!(seen, row_of(&row), "{id}");
    }
}

/// Products, orders and order lines.
async fn supplied(client: &Client, products: &Json, orders: &Json, lines: &Json) -> [u64; 3] {
    [
        count(client, "products", products).await,
        count(client, "orders", orders).await,
        count(client, "orderLines", lines).await,
    ]
}

fn row_of(row: &Json) -> [u64; 3] {
    [1, 2, 3].map(|at| row[at].as_u64().expect("a number"))
}

/// Two answers are the same but for the name or id that was asked for.
#[track_caller]
fn same(answer: &Response, name: &str, other: &Response, other_name: &str) {
    let body = |answer: &Response, name: &str| {
        let mut body = answer.json();
        body["requestId"] = Json::Null;
        body.to_string().replace(name, "·")
    };
    assert_eq!(answer.code(), other.code(), "{answer}\n{other}");
    assert_eq!(body(answer, name), body(other, other_name));
}

/// A filter on the field at a path.
fn nested(path: &str) -> Json {
    let leaf = json!({"isNull": true});
    path.rsplit('.')
        .fold(leaf, |inner, name| json!({name: inner}))
}
