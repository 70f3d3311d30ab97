//! Rollups and formulas over converted amounts.

use serde_json::{Value as Json, json};

use super::{add_rates, converted, money, rate, read, sales};
use crate::support::{Client, TestApp};

async fn add(admin: &Client, object: &str, field: Json) {
    let path = format!("objects/{object}/fields");
    admin.meta("POST", &path, field).await.status(201);
}

fn rollup(name: &str, function: &str, field: &str) -> Json {
    json!({"name": name, "type": "rollup", "of": "sales", "function": function, "field": field})
}

#[tokio::test]
async fn amounts_of_several_currencies_have_a_sum_in_the_base_currency() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    add(&admin, "seller", rollup("total", "sum", "price.baseAmount")).await;
    add(&admin, "seller", rollup("least", "min", "price.baseAmount")).await;
    add(&admin, "seller", rollup("mean", "avg", "price.baseAmount")).await;
    add(&admin, "seller", rollup("worth", "sum", "price")).await;
    let bid = json!({"name": "offered", "type": "rollup", "of": "bids", "function": "max",
        "field": "link.offer.baseAmount"});
    add(&admin, "seller", bid).await;
    let seller = admin.make("sellers", json!({"name": "A"})).await;
    let shown = |fields: &'static str| read(&admin, "sellers", &seller, fields);
    let none = shown("total,least,mean,worth,offered").await;
    assert_eq!(
        none,
        json!({"id": none["id"], "total": "0.0000", "least": null, "mean": null, "worth": null, "offered": null})
    );
    let mut ids = Vec::new();
    for price in [
        money("10", "USD"),
        money("0.0003", "USD"),
        money("7", "EUR"),
    ] {
        ids.push(
            admin
                .make("sales", json!({"seller": seller, "price": price}))
                .await,
        );
    }
    let link = json!({"offer": money("3", "USD")});
    admin
        .link(&format!("sellers/{seller}/bids"), &ids[0], link)
        .await
        .status(201);
    let found = shown("total,least,mean,worth,offered").await;
    // 5 + 0.0002 (half away from zero of 0.00015) + 7
    assert_eq!(found["total"], "12.0002");
    assert_eq!(found["least"], "0.0002");
    assert_eq!(found["mean"], "4.000067");
    assert_eq!(
        found["worth"],
        Json::Null,
        "two currencies have no sum of their own"
    );
    assert_eq!(found["offered"], "1.5000");

    // One that can't be converted makes the whole unknown, not smaller.
    let jpy = json!({"seller": seller, "price": money("1000", "JPY")});
    let jpy = admin.make("sales", jpy).await;
    assert_eq!(shown("total").await["total"], Json::Null);
    add_rates(&admin, json!([rate("JPY", "2020-01-01", "0.006")]))
        .await
        .ok();
    converted(&admin).await;
    assert_eq!(shown("total").await["total"], "18.0002");
    admin.delete("sales", &jpy).await.status(204);
    admin.delete("sales", &ids[2]).await.status(204);
    let found = read(
        &admin,
        "sellers",
        &seller,
        "total,worth.amount,worth.currency,worth.baseAmount",
    )
    .await;
    assert_eq!(found["total"], "5.0002");
    assert_eq!(
        found["worth"],
        json!({"amount": "10.0003", "currency": "USD", "baseAmount": "5.0002"})
    );
    let filter = json!({"total": {"gt": "5"}});
    let list = admin.filter("sellers", &filter, "sort=-total").await.ok();
    assert_eq!(list["data"].as_array().expect("sellers").len(), 1);

    let field = admin
        .get_path("/v1/meta/fields", "object=seller")
        .await
        .ok();
    let total = field["data"]
        .as_array()
        .expect("fields")
        .iter()
        .find(|it| it["name"] == "total");
    assert_eq!(total.expect("total")["field"], "price.baseAmount");
}

#[tokio::test]
async fn rollups_of_converted_amounts_follow_the_rates() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    add(&admin, "seller", rollup("total", "sum", "price.baseAmount")).await;
    let twice = json!({"name": "twice", "type": "formula", "result": "decimal", "precision": 18,
        "scale": 4, "expression": "total * 2"});
    add(&admin, "seller", twice).await;
    let seller = admin.make("sellers", json!({"name": "A"})).await;
    for _ in 0..3 {
        let sale = json!({"seller": seller, "price": money("10", "USD")});
        admin.make("sales", sale).await;
    }
    let before = read(&admin, "sellers", &seller, "total,twice,version").await;
    assert_eq!(
        (&before["total"], &before["twice"]),
        (&json!("15.0000"), &json!("30.0000"))
    );
    add_rates(&admin, json!([rate("USD", "2020-01-01", "0.7")]))
        .await
        .ok();
    converted(&admin).await;
    let after = read(&admin, "sellers", &seller, "total,twice,version").await;
    assert_eq!(
        (&after["total"], &after["twice"]),
        (&json!("21.0000"), &json!("42.0000"))
    );
    assert!(after["version"].as_i64() > before["version"].as_i64());
}

#[tokio::test]
async fn expressions_read_and_give_converted_amounts() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let formula = |name: &str, result: Json, expression: &str| {
        let mut field = json!({"name": name, "type": "formula", "expression": expression});
        field
            .as_object_mut()
            .expect("an object")
            .extend(result.as_object().expect("it").clone());
        field
    };
    let decimal = json!({"result": "decimal", "precision": 18, "scale": 4});
    add(
        &admin,
        "sale",
        formula("vat", decimal, "price.baseAmount * 0.2"),
    )
    .await;
    add(
        &admin,
        "sale",
        formula("gross", json!({"result": "money"}), "price * 1.2"),
    )
    .await;
    add(
        &admin,
        "sale",
        formula("deposit", json!({"result": "money"}), "money(10, \"USD\")"),
    )
    .await;
    let usual = json!({"name": "cheap", "type": "boolean",
        "defaultExpression": "has(price) && price.baseAmount < 10"});
    add(&admin, "sale", usual).await;
    let rules = json!([{"op": "updateObjectType", "object": "sale", "validations": [
        {"name": "small", "condition": "price == null || price.baseAmount < 1000",
         "message": "at most a thousand", "fields": ["price"]}]}]);
    admin.change(rules).await.ok();
    let id = admin
        .make("sales", json!({"price": money("10", "USD")}))
        .await;
    let fields = "vat,gross.amount,gross.baseAmount,deposit.baseAmount,cheap";
    let found = read(&admin, "sales", &id, fields).await;
    assert_eq!(found["vat"], "1.0000");
    assert_eq!(
        found["gross"],
        json!({"amount": "12.0000", "baseAmount": "6.0000"})
    );
    assert_eq!(found["deposit"], json!({"baseAmount": "5.0000"}));
    assert_eq!(found["cheap"], true);
    let refused = json!({"price": money("2000", "USD")});
    admin
        .create("sales", refused)
        .await
        .problem_at(422, "validation_failed", "/price");
    admin
        .create("sales", json!({"price": money("1998", "USD")}))
        .await
        .status(201);

    add_rates(&admin, json!([rate("USD", "2020-01-01", "0.1")]))
        .await
        .ok();
    converted(&admin).await;
    let found = read(&admin, "sales", &id, fields).await;
    assert_eq!(found["vat"], "0.2000");
    assert_eq!(found["gross"]["baseAmount"], "1.2000");
    assert_eq!(found["deposit"], json!({"baseAmount": "1.0000"}));
}

#[tokio::test]
async fn only_money_has_a_converted_amount() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    for (field, place) in [
        (rollup("x", "sum", "number.baseAmount"), "/field"),
        (rollup("x", "sum", "nothing.baseAmount"), "/field"),
        (rollup("x", "count", "price.baseAmount"), "/field"),
        (rollup("x", "sum", ".baseAmount"), "/field"),
        (rollup("x", "sum", "price.currency"), "/field"),
        (
            json!({"name": "x", "type": "formula", "result": "decimal", "expression": "name.baseAmount"}),
            "/expression",
        ),
    ] {
        let answer = admin
            .meta("POST", "objects/seller/fields", field.clone())
            .await;
        assert!(matches!(answer.code(), 400 | 422), "{field}\n{answer}");
        let errors = answer.json()["errors"].to_string();
        assert!(errors.contains(place), "{place} of {field}\n{answer}");
    }
}
