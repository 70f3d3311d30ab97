//! The day's work of a carrier, as a key and as people who sign in, over both faces; and that none of
//! them reaches further.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    Northwind, all, text,
    walls::{NOTHING, hidden_fields, hidden_record, hidden_types},
};
use crate::{
    access::{same, unknown},
    support::Client,
};

const OWN: &str = "Speedy Express";
const OTHER: &str = "United Package";
const PASSWORD: &str = "a password of a driver";

/// Where the goods are that have not arrived.
const OPEN: [&str; 4] = ["planned", "pickedUp", "inTransit", "exception"];

/// A driver, whom the lead of the carrier has made.
async fn driver(northwind: &Northwind, lead: &Client) -> Client {
    let email = format!("{}@speedy-express.example", Uuid::now_v7().simple());
    let user = json!({"email": email, "name": "Jan", "password": PASSWORD, "roles": ["carrier"]});
    lead.meta("POST", "users", user).await.status(201);
    northwind.app.sign_in(&email, PASSWORD).await
}

/// All who act for the carrier: its key, its lead and a driver.
async fn crew(northwind: &Northwind) -> [Client; 3] {
    let lead = northwind.person(OWN).await;
    let driver = driver(northwind, &lead).await;
    [northwind.partner(OWN), lead, driver]
}

/// What is to be delivered by today.
fn due(northwind: &Northwind) -> Json {
    let today = northwind.app.now().date().to_string();
    json!({"status": {"in": OPEN}, "requiredDate": {"lte": today}})
}

/// What an administrator finds that the carrier has to deliver by today, most urgent first.
async fn due_of(northwind: &Northwind, carrier: &str) -> Vec<String> {
    let mut filter = due(northwind);
    filter["carrier"] = json!({"name": {"eq": carrier}});
    let fields = "fields=number&sort=requiredDate,number";
    let due = all(&northwind.admin(), "shipments", fields, &filter).await;
    due.iter().map(|one| text(one, "/id").to_owned()).collect()
}

#[tokio::test]
async fn a_carrier_does_its_day_over_rest() {
    let northwind = Northwind::start().await;
    for carrier in crew(&northwind).await {
        let fields = "fields=number,requiredDate,recipientStreet,recipientCity,order.customer.name&sort=requiredDate,number";
        let list = carrier.filter("shipments", &due(&northwind), fields).await;
        let expected = due_of(&northwind, OWN).await;
        assert_eq!(list.ids(), expected);
        let first = list.ok()["data"][0].clone();
        assert!(!text(&first, "/order/customer/name").is_empty(), "{first}");
        let id = text(&first, "/id");

        let proof = json!({
            "status": "delivered", "deliveredAt": "2026-11-28T10:15:00Z", "receivedBy": "M. Anders",
        });
        let delivered = carrier.patch("shipments", id, proof).await.ok();
        assert_eq!(delivered["deliveredAt"], "2026-11-28T10:15:00.000000Z");
        assert_eq!(delivered["receivedBy"], "M. Anders");
        let rest = carrier.filter("shipments", &due(&northwind), fields).await;
        assert_eq!(rest.ids(), expected[1..]);

        let incident = json!({
            "shipment": id, "subject": "One crate is wet", "body": "Rain at the ramp.",
            "startedAt": "2026-11-28T10:10:00Z",
        });
        let recorded = carrier.create("interactions", incident).await;
        let recorded = recorded.status(201).json();
        let incident = text(&recorded, "/id");
        let read = carrier.get("interactions", incident).await.ok();
        assert_eq!(read, recorded);
        assert_eq!(read["kind"], "incident");
        assert_eq!(read["shipment"]["id"], id);
        stored(&northwind, id, incident).await;
    }
}

#[tokio::test]
async fn a_carrier_does_its_day_over_graphql() {
    let northwind = Northwind::start().await;
    for carrier in crew(&northwind).await {
        let list = "query ($due: ShipmentFilter) {
            shipments(filter: $due, sort: [{requiredDate: ASC}, {number: ASC}]) {
              nodes { id number requiredDate recipientStreet recipientCity order { customer { name } } } } }";
        let due = json!({"due": due(&northwind)});
        let ids = |answer: &Json| -> Vec<String> {
            let nodes = answer["shipments"]["nodes"].as_array().expect("nodes");
            nodes
                .iter()
                .map(|one| text(one, "/id").to_owned())
                .collect()
        };
        let expected = due_of(&northwind, OWN).await;
        let listed = carrier.graphql(list, due.clone()).await.data();
        assert_eq!(ids(&listed), expected);
        let id = expected[0].as_str();

        let work = "mutation ($id: ID!) {
            deliver: updateShipment(id: $id, input: {
                status: \"delivered\", deliveredAt: \"2026-11-28T10:15:00Z\", receivedBy: \"M. Anders\"}) {
              shipment { status deliveredAt receivedBy } }
            record: createInteraction(input: {
                shipment: $id, subject: \"One crate is wet\", body: \"Rain at the ramp.\"}) {
              interaction { id kind subject shipment { number } } } }";
        let done = carrier.graphql(work, json!({"id": id})).await.data();
        assert_eq!(done["deliver"]["shipment"]["receivedBy"], "M. Anders");
        let listed = carrier.graphql(list, due).await.data();
        assert_eq!(ids(&listed), expected[1..]);

        let incident = text(&done, "/record/interaction/id");
        let read =
            "query ($id: ID!) { interaction(id: $id) { id kind subject shipment { number } } }";
        let read = carrier.graphql(read, json!({"id": incident})).await.data();
        assert_eq!(read["interaction"], done["record"]["interaction"]);
        stored(&northwind, id, incident).await;
    }
}

/// What the company has of the delivery and of the incident: from whom it is was not for the carrier to choose.
async fn stored(northwind: &Northwind, shipment: &str, incident: &str) {
    let admin = northwind.admin();
    let kept = admin.get("shipments", shipment).await.ok();
    assert_eq!(kept["status"], "delivered");
    assert_ne!(kept["freight"], Json::Null);
    let path = format!("/v1/data/interactions/{incident}");
    let fields = "fields=*,reportedBy.name,organization.name,shipment.carrier.name";
    let kept = admin.get_path(&path, fields).await.ok();
    for (member, value) in [
        ("kind", json!("incident")),
        ("direction", json!("inbound")),
        ("status", json!("done")),
        ("subject", json!("One crate is wet")),
        ("body", json!("Rain at the ramp.")),
        ("ownerId", Json::Null),
    ] {
        assert_eq!(kept[member], value, "{member} of {kept}");
    }
    for who in ["reportedBy", "organization"] {
        assert_eq!(kept[who]["name"], OWN, "{kept}");
    }
    assert_eq!(kept["shipment"]["carrier"]["name"], OWN, "{kept}");
}

#[tokio::test]
async fn what_is_not_of_the_carrier_does_not_exist_for_it() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let (own, others) = (
        due_of(&northwind, OWN).await.remove(0),
        due_of(&northwind, OTHER).await.remove(0),
    );
    // Two of the company about the carrier's own shipment, and one of another carrier.
    let mut interactions = vec![
        admin
            .make(
                "interactions",
                json!({"kind": "call", "subject": "Late again", "shipment": own}),
            )
            .await,
        admin
            .make(
                "interactions",
                json!({"kind": "incident", "subject": "Ours", "shipment": own}),
            )
            .await,
    ];
    let incident = json!({"subject": "Theirs", "shipment": others});
    let other = northwind.partner(OTHER);
    interactions.push(other.make("interactions", incident).await);
    let path = format!("/v1/data/shipments/{others}");
    let order = admin.get_path(&path, "fields=order").await.ok();
    let order = text(&order, "/order/id").to_owned();
    for carrier in crew(&northwind).await {
        let status = json!({"status": "delivered"});
        hidden_record(&carrier, ("shipments", "shipment"), &others, &status).await;
        hidden_record(&carrier, ("orders", "order"), &order, &status).await;
        for id in &interactions {
            let patch = json!({"subject": "x"});
            hidden_record(&carrier, ("interactions", "interaction"), id, &patch).await;
            // Not by a collection of the own shipment either.
            let taken = |id: &str| json!({"interactions": {"add": [id]}});
            let foreign = carrier.patch("shipments", &own, taken(id)).await;
            let nothing = carrier.patch("shipments", &own, taken(NOTHING)).await;
            same(&foreign, (id, NOTHING), &nothing);
        }
        let of_own = format!("/v1/data/shipments/{own}/interactions");
        assert!(carrier.get_path(&of_own, "").await.ids().is_empty());
        not_to_be_reported(&carrier, &others).await;
    }
    let untouched = admin.get("shipments", &others).await.ok();
    assert_eq!(untouched["version"], 1);
}

/// An incident of a shipment that is not the carrier's is one of no shipment.
async fn not_to_be_reported(carrier: &Client, shipment: &str) {
    let report = |id: &str| json!({"subject": "x", "shipment": id});
    let foreign = carrier.create("interactions", report(shipment)).await;
    foreign.problem_at(422, "validation_failed", "/shipment");
    let nothing = carrier.create("interactions", report(NOTHING)).await;
    same(&foreign, (shipment, NOTHING), &nothing);
    let mutation = |id: &str| {
        format!(
            "mutation {{ createInteraction(input: {{subject: \"x\", shipment: \"{id}\"}}) {{ id }} }}"
        )
    };
    let foreign = carrier.graphql(&mutation(shipment), json!({})).await;
    let nothing = carrier.graphql(&mutation(NOTHING), json!({})).await;
    foreign.error("validation_failed");
    same(&foreign, (shipment, NOTHING), &nothing);
}

#[tokio::test]
async fn a_carrier_names_nothing_that_is_hidden() {
    let northwind = Northwind::start().await;
    for carrier in crew(&northwind).await {
        let types = "products orderLines people opportunities tasks territories";
        hidden_types(&carrier, types).await;
        for (objects, paths) in [
            (
                "shipments",
                "carrier externalId ownerId createdBy order.freight order.lines \
                 order.customer.annualRevenue order.customer.phone interactions.reportedBy",
            ),
            (
                "interactions",
                "reportedBy organization direction status ownerId createdBy order person \
                 shipment.carrier shipment.order.customer.annualRevenue",
            ),
            (
                "organizations",
                "annualRevenue kinds phone carriedShipments reports interactions people",
            ),
            (
                "orders",
                "freight employee externalId lines shipments.carrier",
            ),
        ] {
            hidden_fields(&carrier, objects, paths).await;
        }
    }
}

#[tokio::test]
async fn a_carrier_writes_nothing_else() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let own = due_of(&northwind, OWN).await.remove(0);
    let before = admin.get("shipments", &own).await.ok();
    for carrier in crew(&northwind).await {
        // It sees the price and does not write it; over GraphQL there is no such input.
        let price = json!({"freight": {"amount": "1", "currency": "USD"}});
        carrier.patch("shipments", &own, price).await.problem_at(
            422,
            "validation_failed",
            "/freight",
        );
        let mutation = |field: &str| {
            format!(
                "mutation {{ updateShipment(id: \"{own}\", input: {{{field}: null}}) {{ version }} }}"
            )
        };
        for field in ["freight", "carrier", "weight", "order"] {
            let missing = unknown(field);
            let refused = carrier.graphql(&mutation(field), json!({})).await;
            refused.error("invalid_query");
            let nothing = carrier.graphql(&mutation(&missing), json!({})).await;
            same(&refused, (field, &missing), &nothing);
        }
        hidden_in_writes(&carrier, &own).await;
        let kind = json!({"subject": "x", "shipment": own, "kind": "call"});
        carrier
            .create("interactions", kind)
            .await
            .problem_at(422, "validation_failed", "/kind");
        let alone = json!({"subject": "About nothing"});
        carrier
            .create("interactions", alone)
            .await
            .problem(403, "forbidden");
        carrier
            .delete("shipments", &own)
            .await
            .problem(403, "forbidden");
        carrier
            .create("shipments", json!({"number": "1"}))
            .await
            .problem(403, "forbidden");
        let incident = json!({"subject": "x", "shipment": own});
        let incident = carrier.make("interactions", incident).await;
        let changed = carrier
            .patch("interactions", &incident, json!({"subject": "y"}))
            .await;
        changed.problem(403, "forbidden");
        carrier
            .delete("interactions", &incident)
            .await
            .problem(403, "forbidden");
    }
    assert_eq!(admin.get("shipments", &own).await.ok(), before);
}

/// What the rules use and the carrier does not see, it can't name in a write.
async fn hidden_in_writes(carrier: &Client, shipment: &str) {
    for field in ["carrier", "externalId", "ownerId"] {
        let missing = unknown(field);
        let body = |field: &str| json!({field: NOTHING});
        let refused = carrier.patch("shipments", shipment, body(field)).await;
        refused.problem(400, "unknown_field");
        let nothing = carrier.patch("shipments", shipment, body(&missing)).await;
        same(&refused, (field, &missing), &nothing);
    }
    for field in ["reportedBy", "organization", "ownerId", "direction"] {
        let missing = unknown(field);
        let body = |field: &str| json!({"subject": "x", "shipment": shipment, field: NOTHING});
        let refused = carrier.create("interactions", body(field)).await;
        refused.problem(400, "unknown_field");
        let nothing = carrier.create("interactions", body(&missing)).await;
        same(&refused, (field, &missing), &nothing);
    }
}

#[tokio::test]
async fn a_carrier_links_nothing_and_walks_no_further() {
    let northwind = Northwind::start().await;
    let own = due_of(&northwind, OWN).await.remove(0);
    for carrier in crew(&northwind).await {
        let customers = carrier.list("organizations", "limit=2").await.ids();
        for (objects, id, relation) in [
            ("organizations", &customers[0], "carriesFor"),
            ("organizations", &customers[0], "suppliedProducts"),
            ("shipments", &own, "carrier"),
        ] {
            let (path, missing) = (format!("{objects}/{id}"), unknown(relation));
            let hidden = carrier
                .link(&format!("{path}/{relation}"), &customers[1], json!({}))
                .await;
            let nothing = carrier
                .link(&format!("{path}/{missing}"), &customers[1], json!({}))
                .await;
            assert!(hidden.code() >= 400, "{hidden}");
            same(&hidden, (relation, &missing), &nothing);
        }
        let mut seen = BTreeSet::new();
        for objects in ["shipments", "orders", "organizations", "interactions"] {
            let records = all(&carrier, objects, "fields=id", &json!({})).await;
            seen.extend(records.iter().map(|one| text(one, "/id").to_owned()));
        }
        let path = format!("/v1/data/shipments/{own}/related");
        let around = carrier.get_path(&path, "depth=5&limit=1000").await.ok();
        let nodes = around["nodes"].as_array().expect("nodes");
        assert!(nodes.len() > 3, "{around}");
        for node in nodes {
            assert!(seen.contains(text(node, "/id")), "{node}");
        }
    }
}

#[tokio::test]
async fn the_lead_of_a_carrier_makes_drivers_and_reaches_no_further() {
    let northwind = Northwind::start().await;
    let lead = northwind.person(OWN).await;
    let me = lead.get_path("/v1/auth/me", "").await.ok();
    assert_eq!(me["permissions"], json!(["managePartnerAccess"]));
    assert_eq!(me["partner"]["name"], OWN, "{me}");
    let driver = driver(&northwind, &lead).await;
    let me = driver.get_path("/v1/auth/me", "").await.ok();
    assert_eq!(me["permissions"], json!([]));
    driver
        .meta("GET", "users", Json::Null)
        .await
        .problem(403, "forbidden");

    // It finds the users and keys of its own company.
    let users = lead.meta("GET", "users", Json::Null).await.ok();
    assert_eq!(users["data"].as_array().map(Vec::len), Some(2), "{users}");
    let keys = lead.meta("GET", "keys", Json::Null).await.ok();
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(1), "{keys}");
    assert_eq!(keys["data"][0]["roles"], json!(["carrier"]));
    let partners = lead.meta("GET", "partners", Json::Null).await.ok();
    assert_eq!(partners["data"].as_array().map(Vec::len), Some(1));

    // Roles of others are as unknown to it as those that nobody has made.
    for role in ["supplier", "customer", "administrator"] {
        let missing = unknown(role);
        for path in ["users", "keys"] {
            let body = |role: &str| match path {
                "users" => json!({"email": "x@example.com", "name": "X", "roles": [role]}),
                _ => json!({"name": "X", "roles": [role]}),
            };
            let refused = lead.meta("POST", path, body(role)).await;
            refused.problem_at(422, "validation_failed", "/roles/0");
            let nothing = lead.meta("POST", path, body(&missing)).await;
            same(&refused, (role, &missing), &nothing);
        }
    }
    let all_users = northwind
        .admin()
        .meta("GET", "users", Json::Null)
        .await
        .ok();
    let foreign = all_users["data"].as_array().expect("users").iter();
    let foreign = foreign.filter(|user| user["partner"] != partners["data"][0]["id"]);
    for user in foreign {
        let id = text(user, "/id");
        for (method, body) in [
            ("GET", Json::Null),
            ("PATCH", json!({"password": PASSWORD})),
            ("DELETE", Json::Null),
        ] {
            let hidden = lead
                .meta(method, &format!("users/{id}"), body.clone())
                .await;
            hidden.problem(404, "not_found");
            let nothing = lead.meta(method, &format!("users/{NOTHING}"), body).await;
            same(&hidden, (id, NOTHING), &nothing);
        }
    }
}
