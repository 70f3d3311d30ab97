//! Values follow every write that can change them.

use serde_json::{Value as Json, json};

use super::{add, of, rollup, ventures};
use crate::support::TestApp;

/// All functions over the deals of a venture.
const FIELDS: &[&str] = &[
    "number", "total", "pieces", "least", "last", "mean", "won", "worth",
];

async fn all_functions(admin: &crate::support::Client) {
    let mut won = rollup("won", "deals", "sum", "amount");
    won["filter"] = json!({"stage": {"eq": "won"}});
    for field in [
        rollup("number", "deals", "count", ""),
        rollup("total", "deals", "sum", "amount"),
        rollup("pieces", "deals", "sum", "pieces"),
        rollup("least", "deals", "min", "amount"),
        rollup("last", "deals", "max", "closed"),
        rollup("mean", "deals", "avg", "amount"),
        won,
        rollup("worth", "deals", "sum", "price"),
    ] {
        add(admin, "venture", field).await;
    }
}

#[tokio::test]
async fn every_function_follows_its_members() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    all_functions(&admin).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let other = admin.make("ventures", json!({"name": "Other"})).await;
    let nothing = json!([0, "0.00", "0", null, null, null, "0.00", null]);
    assert_eq!(json!(of(&admin, "ventures", &acme, FIELDS).await), nothing);

    let eur = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let one = json!({"title": "one", "venture": acme, "amount": "10.01", "pieces": 3, "closed": "2026-03-01",
                     "stage": "won", "price": eur("5")});
    let one = admin.make("deals", one).await;
    let two = json!({"title": "two", "venture": acme, "amount": "0.02", "pieces": 4, "closed": "2025-01-31",
                     "stage": "open", "price": eur("7.5")});
    let two = admin.make("deals", two).await;
    let three = json!({"title": "three", "venture": acme, "amount": "-1"});
    let three = admin.make("deals", three).await;
    let expected = json!([3, "9.03", "7", "-1.00", "2026-03-01", "3.010000", "10.01",
        {"amount": "12.5000", "currency": "EUR"}]);
    assert_eq!(json!(of(&admin, "ventures", &acme, FIELDS).await), expected);

    // An update of what counts, of what does not, and of what is filtered by.
    admin
        .patch("deals", &two, json!({"amount": "0.03"}))
        .await
        .ok();
    admin.patch("deals", &two, json!({"title": "2"})).await.ok();
    admin
        .patch("deals", &two, json!({"stage": "won"}))
        .await
        .ok();
    let now = of(&admin, "ventures", &acme, &["total", "won", "mean"]).await;
    assert_eq!(json!(now), json!(["9.04", "10.04", "3.013333"]));

    // Another venture: both are right.
    admin
        .patch("deals", &one, json!({"venture": other}))
        .await
        .ok();
    let expected = json!([2, "-0.97", "4", "-1.00", "2025-01-31", "-0.485000", "0.03",
        {"amount": "7.5000", "currency": "EUR"}]);
    assert_eq!(json!(of(&admin, "ventures", &acme, FIELDS).await), expected);
    let expected = json!([1, "10.01", "3", "10.01", "2026-03-01", "10.010000", "10.01",
        {"amount": "5.0000", "currency": "EUR"}]);
    assert_eq!(
        json!(of(&admin, "ventures", &other, FIELDS).await),
        expected
    );
    admin
        .patch("deals", &one, json!({"venture": null}))
        .await
        .ok();
    assert_eq!(json!(of(&admin, "ventures", &other, FIELDS).await), nothing);
    admin
        .patch("deals", &one, json!({"venture": acme}))
        .await
        .ok();

    // Deleted and restored, over both faces.
    admin.delete("deals", &one).await.status(204);
    let deleted = admin.graphql(
        "mutation ($id: ID!) { deleteDeal(id: $id) { id } }",
        json!({"id": three}),
    );
    deleted.await.data();
    let expected = json!([1, "0.03", "4", "0.03", "2025-01-31", "0.030000", "0.03",
        {"amount": "7.5000", "currency": "EUR"}]);
    assert_eq!(json!(of(&admin, "ventures", &acme, FIELDS).await), expected);
    admin.restore("deals", &one).await.ok();
    let found = of(&admin, "ventures", &acme, &["number", "total"]).await;
    assert_eq!(json!(found), json!([2, "10.04"]));
}

#[tokio::test]
async fn amounts_of_two_currencies_have_no_sum() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    add(&admin, "venture", rollup("worth", "deals", "sum", "price")).await;
    let mut euros = rollup("euros", "deals", "max", "price");
    euros["filter"] = json!({"price": {"currency": {"eq": "EUR"}}});
    add(&admin, "venture", euros).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    for (amount, currency) in [("1", "EUR"), ("2", "EUR"), ("3", "USD")] {
        let price = json!({"amount": amount, "currency": currency});
        admin
            .make("deals", json!({"venture": acme, "price": price}))
            .await;
    }
    let found = of(&admin, "ventures", &acme, &["worth", "euros"]).await;
    assert_eq!(
        json!(found),
        json!([null, {"amount": "2.0000", "currency": "EUR"}])
    );
    let query =
        "query ($id: ID!) { venture(id: $id) { worth { amount } euros { amount currency } } }";
    let found = admin.graphql(query, json!({"id": acme})).await.data();
    let expected = json!({"worth": null, "euros": {"amount": "2.0000", "currency": "EUR"}});
    assert_eq!(found["venture"], expected);
    let filter = json!({"euros": {"amount": {"gte": "2"}}});
    let listed = admin.filter("ventures", &filter, "sort=-euros").await;
    assert_eq!(listed.ids(), [acme]);
}

#[tokio::test]
async fn links_are_rolled_up_with_fields_of_their_own() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let mut loud = rollup("loud", "holders", "sum", "link.part");
    loud["filter"] = json!({"link": {"silent": {"neq": true}}, "name": {"startsWith": "A"}});
    for (object, field) in [
        ("venture", rollup("holderCount", "holders", "count", "")),
        ("venture", rollup("held", "holders", "sum", "link.part")),
        ("venture", loud),
        (
            "organization",
            rollup("holdingCount", "holdings", "count", ""),
        ),
        (
            "organization",
            rollup("firstVenture", "holdings", "min", "name"),
        ),
    ] {
        add(&admin, object, field).await;
    }
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let [a, b] = ["Alpha", "Beta"].map(|name| json!({"name": name}));
    let (a, b) = (
        admin.make("organizations", a).await,
        admin.make("organizations", b).await,
    );
    let path = format!("ventures/{acme}/holders");
    let to_a = admin.link(&path, &a, json!({"part": "0.25"})).await.ok();
    let to_b = admin
        .link(&path, &b, json!({"part": "0.5", "silent": true}))
        .await
        .ok();
    let fields = &["holderCount", "held", "loud"];
    let expected = json!([2, "0.750000", "0.250000"]);
    assert_eq!(json!(of(&admin, "ventures", &acme, fields).await), expected);
    let fields_of_a = &["holdingCount", "firstVenture"];
    let expected = json!([1, "Acme"]);
    assert_eq!(
        json!(of(&admin, "organizations", &a, fields_of_a).await),
        expected
    );

    // The link changes, the member changes, the member goes and comes back, the link goes.
    let link_path =
        |link: &Json| format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"));
    let patch = json!({"part": "0.3"});
    admin.call("PATCH", &link_path(&to_a), &patch).await.ok();
    assert_eq!(
        json!(of(&admin, "ventures", &acme, fields).await),
        json!([2, "0.800000", "0.300000"])
    );
    admin
        .patch("organizations", &a, json!({"name": "Zeta"}))
        .await
        .ok();
    assert_eq!(
        json!(of(&admin, "ventures", &acme, fields).await),
        json!([2, "0.800000", "0.000000"])
    );
    admin.delete("organizations", &a).await.status(204);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, fields).await),
        json!([1, "0.500000", "0.000000"])
    );
    admin.restore("organizations", &a).await.ok();
    assert_eq!(
        json!(of(&admin, "ventures", &acme, fields).await),
        json!([2, "0.800000", "0.000000"])
    );
    admin
        .patch("ventures", &acme, json!({"name": "Acme 2"}))
        .await
        .ok();
    assert_eq!(
        json!(of(&admin, "organizations", &a, fields_of_a).await),
        json!([1, "Acme 2"])
    );
    admin
        .call("DELETE", &link_path(&to_b), &Json::Null)
        .await
        .status(204);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, fields).await),
        json!([1, "0.300000", "0.000000"])
    );
    assert_eq!(
        json!(of(&admin, "organizations", &b, fields_of_a).await),
        json!([0, null])
    );
}

#[tokio::test]
async fn rollups_of_rollups_and_filters_through_references_follow() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let group = json!([
        {"op": "addField", "object": "venture", "field":
            {"name": "group", "type": "reference", "target": "organization",
             "inverse": {"name": "groupVentures", "label": "Ventures"}}},
    ]);
    admin.change(group).await.ok();
    let mut active = rollup("active", "deals", "sum", "amount");
    active["filter"] = json!({"region": {"active": {"eq": true}}});
    add(&admin, "venture", active).await;
    add(
        &admin,
        "organization",
        rollup("active", "groupVentures", "sum", "active"),
    )
    .await;

    let org = admin.make("organizations", json!({"name": "Group"})).await;
    let one = admin
        .make("ventures", json!({"name": "One", "group": org}))
        .await;
    let two = admin
        .make("ventures", json!({"name": "Two", "group": org}))
        .await;
    let north = admin
        .make("regionss", json!({"name": "North", "active": true}))
        .await;
    for (venture, amount) in [(&one, "1"), (&one, "2"), (&two, "4")] {
        let deal = json!({"venture": venture, "amount": amount, "region": north});
        admin.make("deals", deal).await;
    }
    let total = |id: String| {
        let admin = admin.clone();
        async move { of(&admin, "organizations", &id, &["active"]).await[0].clone() }
    };
    assert_eq!(total(org.clone()).await, "7.00");
    let before = admin.get("organizations", &org).await;
    admin
        .patch("regionss", &north, json!({"active": false}))
        .await
        .ok();
    let after = admin.get("organizations", &org).await;
    assert_eq!(after.ok()["active"], "0.00");
    assert_ne!(
        after.header("etag"),
        before.header("etag"),
        "the record has changed"
    );
    assert_eq!(
        after.ok()["updatedAt"],
        before.ok()["updatedAt"],
        "but nobody wrote it"
    );
    admin
        .patch("regionss", &north, json!({"active": true}))
        .await
        .ok();
    admin.delete("regionss", &north).await.status(204);
    assert_eq!(total(org.clone()).await, "0.00", "a deleted region is none");
    admin.restore("regionss", &north).await.ok();
    assert_eq!(total(org.clone()).await, "7.00");

    // A deleted parent keeps its values, and is right again when it comes back.
    admin.delete("ventures", &one).await.status(204);
    assert_eq!(total(org.clone()).await, "4.00");
    let deals = admin
        .filter("deals", &json!({"amount": {"eq": "2"}}), "")
        .await
        .ids();
    admin
        .patch("deals", &deals[0], json!({"amount": "20"}))
        .await
        .ok();
    admin.restore("ventures", &one).await.ok();
    assert_eq!(
        of(&admin, "ventures", &one, &["active"]).await,
        [json!("21.00")]
    );
    assert_eq!(total(org.clone()).await, "25.00");
}

#[tokio::test]
async fn the_writers_answer_has_the_version_that_counts() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    add(
        &admin,
        "organization",
        rollup("holdingCount", "holdings", "count", ""),
    )
    .await;
    add(&admin, "venture", rollup("number", "deals", "count", "")).await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let query = "mutation ($v: ID!) {
        a: createDeal(input: {venture: $v}) { deal { venture { number version } } }
        b: createDeal(input: {venture: $v}) { deal { venture { number version } } } }";
    let made = admin.graphql(query, json!({"v": acme})).await.data();
    assert_eq!(
        made["a"]["deal"]["venture"],
        json!({"number": 1, "version": 2})
    );
    assert_eq!(
        made["b"]["deal"]["venture"],
        json!({"number": 2, "version": 3})
    );
    let path = format!("/v1/data/ventures/{acme}");
    let request = admin.request(reqwest::Method::PATCH, &path);
    let request = request
        .header("if-match", "\"1\"")
        .json(&json!({"name": "x"}));
    admin.send(request).await.status(412);
}
