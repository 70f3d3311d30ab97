//! A customer that helps itself: it places orders and follows them, as a key and as somebody who signs
//! in, over both faces; it chooses no price and sees nothing of anybody else.

use serde_json::{Value as Json, json};

use super::{
    Northwind, all, count, text,
    walls::{NOTHING, hidden_fields, hidden_record, hidden_types},
};
use crate::{
    access::{same, unknown},
    support::Client,
};

const OWN: &str = "Alfreds Futterkiste";

/// All who act for the customer: its key and somebody who signs in.
async fn both(northwind: &Northwind) -> [Client; 2] {
    [northwind.partner(OWN), northwind.person(OWN).await]
}

/// The id of the first record of a list.
async fn first(client: &Client, objects: &str, filter: &Json) -> String {
    let found = client.filter(objects, filter, "limit=1").await.ids();
    found.first().expect("a record").clone()
}

/// Orders of the customer, or of all others.
fn orders(is_own: bool) -> Json {
    let own = json!({"customer": {"name": {"eq": OWN}}});
    if is_own { own } else { json!({"not": own}) }
}

/// What can be ordered, and what can't any more.
async fn products(northwind: &Northwind) -> [String; 2] {
    let admin = northwind.admin();
    let active = |active: bool| json!({"active": {"eq": active}});
    [
        first(&admin, "products", &active(true)).await,
        first(&admin, "products", &active(false)).await,
    ]
}

#[tokio::test]
async fn a_customer_places_an_order_over_rest() {
    let northwind = Northwind::start().await;
    let today = northwind.app.now().date().to_string();
    for customer in both(&northwind).await {
        let product = first(&customer, "products", &json!({"name": {"eq": "Chai"}})).await;
        let order = json!({"requiredDate": "2027-01-31", "shipCity": "Berlin"});
        let order = customer.create("orders", order).await.status(201).json();
        assert_eq!(order["status"], "draft");
        assert_eq!(order["orderDate"], today);
        let id = text(&order, "/id");
        let line = json!({"order": id, "product": product, "quantity": "12"});
        let line = customer.make("orderLines", line).await;
        let more = json!({"quantity": "13"});
        customer.patch("orderLines", &line, more).await.ok();

        let path = format!("/v1/data/orders/{id}");
        let fields = "fields=customer.name,lines.quantity,lines.unitPrice,lines.product.name,lines.product.price";
        let seen = customer.get_path(&path, fields).await.ok();
        let of_line = |member: &str| seen.pointer(&format!("/lines/data/0/{member}")).cloned();
        assert_eq!(seen["customer"]["name"], OWN);
        assert_eq!(of_line("quantity"), Some(json!("13.0000")));
        assert_eq!(of_line("unitPrice"), Some(Json::Null));
        assert_eq!(of_line("product/name"), Some(json!("Chai")));
        assert_eq!(of_line("product/price/amount"), Some(json!("18.0000")));
        confirmed(&northwind, &customer, (id, &line, &product)).await;
    }
}

#[tokio::test]
async fn a_customer_places_an_order_over_graphql() {
    let northwind = Northwind::start().await;
    for customer in both(&northwind).await {
        let query = "{ products(filter: {name: {eq: \"Chai\"}}) { nodes { id name unit price { amount } } } }";
        let found = customer.graphql(query, json!({})).await.data();
        let product = text(&found, "/products/nodes/0/id");
        let create = "mutation { createOrder(input: {shipCity: \"Berlin\"}) {
            order { id status customer { name } } } }";
        let order = customer.graphql(create, json!({})).await.data();
        let order = &order["createOrder"]["order"];
        assert_eq!(order["customer"]["name"], OWN);
        let id = text(order, "/id");
        let add = "mutation ($order: ID!, $product: ID!) {
            createOrderLine(input: {order: $order, product: $product, quantity: \"12\"}) {
              orderLine { id quantity unitPrice { amount } order { lines { nodes { product { name } } } } } } }";
        let variables = json!({"order": id, "product": product});
        let added = customer.graphql(add, variables).await.data();
        let line = &added["createOrderLine"]["orderLine"];
        assert_eq!(line["unitPrice"], Json::Null);
        let name = line.pointer("/order/lines/nodes/0/product/name");
        assert_eq!(name, Some(&json!("Chai")));
        confirmed(&northwind, &customer, (id, text(line, "/id"), product)).await;
    }
}

/// The company confirms an order with its price; from then on the customer only sees it.
async fn confirmed(
    northwind: &Northwind,
    customer: &Client,
    (order, line, product): (&str, &str, &str),
) {
    let admin = northwind.admin();
    let kept = admin.get("orders", order).await.ok();
    assert_eq!(kept["ownerId"], Json::Null, "nobody of the customer");
    let price = json!({"unitPrice": {"amount": "17.50", "currency": "USD"}});
    admin.patch("orderLines", line, price).await.ok();
    let status = json!({"status": "confirmed"});
    admin.patch("orders", order, status).await.ok();

    let seen = customer.get("orderLines", line).await.ok();
    assert_eq!(seen["unitPrice"]["amount"], "17.5000");
    let city = json!({"shipCity": "Bonn"});
    let answers = [
        customer.patch("orders", order, city).await,
        customer.delete("orders", order).await,
        customer
            .patch("orderLines", line, json!({"quantity": "1"}))
            .await,
        customer.delete("orderLines", line).await,
    ];
    for answer in answers {
        answer.problem(403, "forbidden");
    }
    let line = json!({"order": order, "product": product, "quantity": "1"});
    customer
        .create("orderLines", line)
        .await
        .problem_at(422, "validation_failed", "/order");
    assert_eq!(admin.get("orders", order).await.ok()["shipCity"], "Berlin");
}

#[tokio::test]
async fn a_customer_orders_for_itself_and_sets_no_price() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let [product, discontinued] = products(&northwind).await;
    let foreign = first(&admin, "orders", &orders(false)).await;
    let other = json!({"name": {"eq": "Around the Horn"}});
    let other = first(&admin, "organizations", &other).await;
    for customer in both(&northwind).await {
        // Whose order it is, is not for it to say: neither for one that there is nor for one that there is not.
        let theirs = customer.create("orders", json!({"customer": other})).await;
        theirs.problem_at(422, "validation_failed", "/customer");
        let nobodys = customer
            .create("orders", json!({"customer": NOTHING}))
            .await;
        same(&theirs, (&other, NOTHING), &nobodys);
        let status = customer
            .create("orders", json!({"status": "confirmed"}))
            .await;
        status.problem_at(422, "validation_failed", "/status");
        for field in ["freight", "employee", "externalId", "number"] {
            let body = |field: &str| json!({field: null});
            let refused = customer.create("orders", body(field)).await;
            if field != "number" {
                let nothing = customer.create("orders", body(&unknown(field))).await;
                same(&refused, (field, &unknown(field)), &nothing);
            }
            assert!(refused.code() >= 400, "{refused}");
        }
        let order = customer.make("orders", json!({})).await;
        let line = |order: &str, product: &str| json!({"order": order, "product": product, "quantity": "1"});
        for (hidden, nothing, place) in [
            (line(&foreign, &product), line(NOTHING, &product), "/order"),
            (
                line(&order, &discontinued),
                line(&order, NOTHING),
                "/product",
            ),
        ] {
            let id = if place == "/order" {
                &foreign
            } else {
                &discontinued
            };
            let refused = customer.create("orderLines", hidden).await;
            refused.problem_at(422, "validation_failed", place);
            let nothing = customer.create("orderLines", nothing).await;
            same(&refused, (id, NOTHING), &nothing);
        }
        no_price(&customer, &order, &product).await;
        customer.delete("orders", &order).await.status(204);
        let drafts = json!({"status": {"eq": "draft"}});
        assert_eq!(count(&customer, "orders", &drafts).await, 0);
    }
}

/// Neither at a new line nor at one that is there, over neither face; and no line gives money back.
async fn no_price(customer: &Client, order: &str, product: &str) {
    let line = json!({"order": order, "product": product, "quantity": "1"});
    let id = customer.make("orderLines", line.clone()).await;
    let price = json!({"amount": "0.01", "currency": "USD"});
    for (field, value) in [("unitPrice", price), ("discount", json!("1"))] {
        let (mut priced, place) = (line.clone(), format!("/{field}"));
        priced[field] = value.clone();
        let created = customer.create("orderLines", priced).await;
        created.problem_at(422, "validation_failed", &place);
        let patched = customer
            .patch("orderLines", &id, json!({field: value}))
            .await;
        patched.problem_at(422, "validation_failed", &place);
        let mutation = |field: &str| {
            format!(
                "mutation {{ updateOrderLine(id: \"{id}\", input: {{{field}: null}}) {{ version }} }}"
            )
        };
        let missing = unknown(field);
        let refused = customer.graphql(&mutation(field), json!({})).await;
        refused.error("invalid_query");
        let nothing = customer.graphql(&mutation(&missing), json!({})).await;
        same(&refused, (field, &missing), &nothing);
    }
    for quantity in ["0", "-1"] {
        let less = json!({"quantity": quantity});
        let refused = customer.patch("orderLines", &id, less).await;
        refused.problem(403, "forbidden");
        let mut less = line.clone();
        less["quantity"] = json!(quantity);
        let refused = customer.create("orderLines", less).await;
        refused.problem(403, "forbidden");
    }
    customer.delete("orderLines", &id).await.status(204);
}

#[tokio::test]
async fn a_customer_sees_its_own_and_what_is_for_sale() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let own = orders(true);
    let mine = json!({"order": own});
    let ordered = json!({"orderLines": {"some": mine}});
    let offered = json!({"or": [{"active": {"eq": true}}, ordered]});
    let parties = json!({"or": [
        {"name": {"eq": OWN}}, {"carriedShipments": {"some": mine}}]});
    for customer in both(&northwind).await {
        let none = json!({});
        for (objects, filter) in [
            ("orders", &own),
            ("orderLines", &mine),
            ("shipments", &mine),
            ("products", &offered),
            ("organizations", &parties),
        ] {
            let expected = count(&admin, objects, filter).await;
            assert!(expected > 0, "{objects}");
            assert_eq!(
                count(&customer, objects, &none).await,
                expected,
                "{objects}"
            );
        }
        // What is not for sale any more has a name on old orders, and no price.
        for product in all(&customer, "products", "fields=*", &none).await {
            let stored = admin.get("products", text(&product, "/id")).await.ok();
            let is_active = stored["active"] == true;
            assert_eq!(product["price"] != Json::Null, is_active, "{product}");
        }
        let carriers = all(
            &customer,
            "shipments",
            "fields=carrier.name,trackingNumber",
            &none,
        )
        .await;
        assert!(!text(&carriers[0], "/carrier/name").is_empty());
    }
}

#[tokio::test]
async fn what_is_not_of_the_customer_does_not_exist_for_it() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let theirs = orders(false);
    let of_theirs = json!({"order": theirs});
    let order = first(&admin, "orders", &theirs).await;
    let line = first(&admin, "orderLines", &of_theirs).await;
    let shipment = first(&admin, "shipments", &of_theirs).await;
    let other = json!({"name": {"eq": "Around the Horn"}});
    let other = first(&admin, "organizations", &other).await;
    for customer in both(&northwind).await {
        for ((objects, object), id, patch) in [
            (("orders", "order"), &order, json!({"shipCity": "x"})),
            (("orderLines", "orderLine"), &line, json!({"quantity": "1"})),
            (
                ("shipments", "shipment"),
                &shipment,
                json!({"status": "planned"}),
            ),
            (
                ("organizations", "organization"),
                &other,
                json!({"name": "x"}),
            ),
        ] {
            hidden_record(&customer, (objects, object), id, &patch).await;
        }
    }
}

#[tokio::test]
async fn a_customer_names_nothing_that_is_hidden() {
    let northwind = Northwind::start().await;
    for customer in both(&northwind).await {
        let types = "people interactions opportunities tasks territories categories";
        hidden_types(&customer, types).await;
        for (objects, paths) in [
            (
                "orders",
                "freight employee contact description externalId ownerId customer.annualRevenue \
                 customer.phone lines.product.cost shipments.freight",
            ),
            (
                "orderLines",
                "ownerId createdBy product.suppliers order.freight",
            ),
            (
                "shipments",
                "freight weight instructions externalId carrier.phone",
            ),
            (
                "products",
                "cost active category unitsInStock suppliers externalId",
            ),
            (
                "organizations",
                "annualRevenue northwindCode kinds phone suppliedProducts people",
            ),
        ] {
            hidden_fields(&customer, objects, paths).await;
        }
        let made = customer.create("products", json!({"name": "x"})).await;
        made.problem(403, "forbidden");
        for path in ["users", "keys", "roles"] {
            let refused = customer.meta("GET", path, Json::Null).await;
            refused.problem(403, "forbidden");
        }
    }
}
