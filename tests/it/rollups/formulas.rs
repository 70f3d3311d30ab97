//! Rollups of formulas, formulas of rollups, and formulas that read other records: all right at once.

use serde_json::{Value as Json, json};

use super::{of, rollup, ventures};
use crate::support::{Client, TestApp};

fn formula(name: &str, result: &str, expression: &str) -> Json {
    json!({"name": name, "type": "formula", "result": result, "expression": expression})
}

/// A chain from a region's factor to a group's share of it, through five computed fields.
async fn chain(app: &TestApp) -> Client {
    let admin = ventures(app).await;
    let operations = json!([
        {"op": "addField", "object": "region", "field": {"name": "factor", "type": "integer"}},
        {"op": "addField", "object": "venture", "field":
            {"name": "group", "type": "reference", "target": "organization",
             "inverse": {"name": "groupVentures", "label": "Ventures"}}},
        {"op": "addField", "object": "deal", "field":
            formula("net", "decimal", "amount * region.factor")},
        {"op": "addField", "object": "venture", "field": rollup("total", "deals", "sum", "net")},
        {"op": "addField", "object": "venture", "field": rollup("number", "deals", "count", "")},
        {"op": "addField", "object": "venture", "field": formula("average", "decimal", "total / number")},
        {"op": "addField", "object": "venture", "field": formula("doubled", "decimal", "average * 2")},
        {"op": "addField", "object": "organization", "field":
            rollup("best", "groupVentures", "max", "doubled")},
        {"op": "addField", "object": "deal", "field":
            formula("share", "percent", "net / venture.total")},
    ]);
    admin.change(operations).await.ok();
    admin
}

#[tokio::test]
async fn a_chain_of_formulas_and_rollups_follows_a_change_at_its_far_end() {
    let app = TestApp::start().await;
    let admin = chain(&app).await;
    let group = admin.make("organizations", json!({"name": "Group"})).await;
    let acme = admin
        .make("ventures", json!({"name": "Acme", "group": group}))
        .await;
    let north = admin
        .make("regionss", json!({"name": "North", "factor": 2}))
        .await;
    let south = admin
        .make("regionss", json!({"name": "South", "factor": 1}))
        .await;
    let mut deals = Vec::new();
    for (amount, region) in [("10", &north), ("5", &north), ("25", &south)] {
        let deal = json!({"venture": acme, "amount": amount, "region": region});
        deals.push(admin.make("deals", deal).await);
    }
    let venture = &["total", "number", "average", "doubled"];
    let expected = json!(["55.00", 3, "18.33", "36.66"]);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, venture).await),
        expected
    );
    assert_eq!(
        of(&admin, "organizations", &group, &["best"]).await,
        [json!("36.66")]
    );
    assert_eq!(
        of(&admin, "deals", &deals[0], &["share"]).await,
        [json!("0.363636")]
    );

    admin
        .patch("regionss", &north, json!({"factor": 3}))
        .await
        .ok();
    let expected = json!(["70.00", 3, "23.33", "46.66"]);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, venture).await),
        expected
    );
    assert_eq!(
        of(&admin, "organizations", &group, &["best"]).await,
        [json!("46.66")]
    );
    assert_eq!(
        of(&admin, "deals", &deals[0], &["net", "share"]).await,
        [json!("30.00"), json!("0.428571")]
    );
    assert_eq!(
        of(&admin, "deals", &deals[2], &["share"]).await,
        [json!("0.357143")]
    );

    // What is referred to goes and comes back.
    admin.delete("regionss", &north).await.status(204);
    let expected = json!(["25.00", 3, "8.33", "16.66"]);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, venture).await),
        expected
    );
    admin.restore("regionss", &north).await.ok();
    let expected = json!(["70.00", 3, "23.33", "46.66"]);
    assert_eq!(
        json!(of(&admin, "ventures", &acme, venture).await),
        expected
    );

    // The answer of a write, over both faces, is that of a read afterwards.
    let patch = json!({"amount": "20"});
    let answer = admin.patch("deals", &deals[0], patch).await;
    assert_eq!(answer.json(), admin.get("deals", &deals[0]).await.json());
    assert_eq!(answer.json()["share"], "0.600000");
    let etag = admin.get("deals", &deals[0]).await;
    assert_eq!(answer.header("etag"), etag.header("etag"));
    let query = "mutation ($id: ID!) { updateDeal(id: $id, input: {amount: \"10\"}) { deal { share version venture { doubled } } } }";
    let changed = admin.graphql(query, json!({"id": deals[0]})).await.data();
    let read = admin.get("deals", &deals[0]).await.ok();
    assert_eq!(changed["updateDeal"]["deal"]["version"], read["version"]);
    let expected =
        json!({"share": "0.428571", "version": read["version"], "venture": {"doubled": "46.66"}});
    assert_eq!(changed["updateDeal"]["deal"], expected);
}

#[tokio::test]
async fn cycles_over_formulas_and_rollups_are_refused() {
    let app = TestApp::start().await;
    let admin = chain(&app).await;
    let expression = json!({"expression": "amount * venture.average"});
    let refused = admin
        .meta("PATCH", "objects/deal/fields/net", expression)
        .await;
    assert!(matches!(refused.code(), 400 | 422), "{refused}");
    assert!(refused.text().contains("depend on itself"), "{refused}");
    let refused = admin
        .meta("DELETE", "objects/deal/fields/net", Json::Null)
        .await;
    assert!(matches!(refused.code(), 400 | 409 | 422), "{refused}");
    // Another way to compute is computed at once for all, and so is what depends on it.
    let group = admin.make("organizations", json!({"name": "Group"})).await;
    let acme = admin
        .make("ventures", json!({"name": "Acme", "group": group}))
        .await;
    let north = admin.make("regionss", json!({"factor": 2})).await;
    admin
        .make(
            "deals",
            json!({"venture": acme, "amount": "3", "region": north}),
        )
        .await;
    let expression = json!({"expression": "amount * region.factor + 1"});
    admin
        .meta("PATCH", "objects/deal/fields/net", expression)
        .await
        .ok();
    assert_eq!(
        of(&admin, "ventures", &acme, &["total", "doubled"]).await,
        [json!("7.00"), json!("14.00")]
    );
    assert_eq!(
        of(&admin, "organizations", &group, &["best"]).await,
        [json!("14.00")]
    );
}
