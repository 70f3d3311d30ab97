//! Who reads an amount reads what it is worth; who does not learns nothing of it.

use serde_json::{Value as Json, json};

use super::{base_amount, money, rate, sales};
use crate::support::{Rules, TestApp};

#[tokio::test]
async fn a_hidden_amount_has_no_converted_one() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let id = admin
        .make("sales", json!({"number": 1, "price": money("10", "USD")}))
        .await;
    let rules = Rules::none().allow("read", "sale", json!({"fields": ["number"]}));
    for client in app.person_and_key("clerk", rules).await {
        let path = format!("/v1/data/sales/{id}");
        let asked = client.get_path(&path, "fields=price.baseAmount").await;
        let missing = client.get_path(&path, "fields=nothing.baseAmount").await;
        asked.problem(400, "unknown_field");
        let same = |text: String| text.replace("nothing", "price");
        assert_eq!(
            same(missing.json()["errors"].to_string()),
            asked.json()["errors"].to_string()
        );
        client
            .list("sales", "sort=price.baseAmount")
            .await
            .problem(400, "unknown_field");
        client
            .list("sales", "price.baseAmount[gte]=1")
            .await
            .problem(400, "unknown_field");
        let query = "{ sales { nodes { price { baseAmount } } } }";
        let answer = client.graphql(query, Json::Null).await.json();
        assert!(answer["errors"].is_array(), "{answer}");
        let fields = client.get_path("/v1/meta/fields", "object=sale").await.ok();
        assert!(!fields.to_string().contains("baseAmount"), "{fields}");
    }
    let rules = Rules::none().allow("read", "sale", json!({"fields": ["price"]}));
    for client in app.person_and_key("cashier", rules).await {
        assert_eq!(base_amount(&client, &id).await, "5.0000");
    }
}

#[tokio::test]
async fn an_amount_that_shows_on_some_records_is_null_on_the_others() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    for (number, amount) in [(1, "10"), (2, "20")] {
        let sale = json!({"number": number, "price": money(amount, "USD")});
        admin.make("sales", sale).await;
    }
    let rules = Rules::none()
        .allow("read", "sale", json!({"fields": ["number"]}))
        .allow(
            "read",
            "sale",
            json!({"fields": ["price"], "where": {"number": {"eq": 1}}}),
        );
    for client in app.person_and_key("half", rules).await {
        let list = client
            .list("sales", "fields=number,price.baseAmount&sort=number")
            .await
            .ok();
        assert_eq!(list["data"][0]["price"], json!({"baseAmount": "5.0000"}));
        assert_eq!(list["data"][1]["price"], Json::Null);
        let found = client.list("sales", "price.baseAmount[gte]=1").await.ok();
        assert_eq!(found["data"].as_array().expect("sales").len(), 1, "{found}");
    }
}

#[tokio::test]
async fn rates_are_for_those_who_set_them() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let rules = Rules::none().read("sale");
    for client in app.person_and_key("reader", rules).await {
        let table = client.meta("GET", "currencies", Json::Null).await.ok();
        assert_eq!(table, json!({"base": "EUR"}), "the base currency, no rates");
        let new = json!({"base": "USD"});
        client
            .meta("PUT", "currencies", new)
            .await
            .problem(403, "forbidden");
        let rates = json!({"rates": [rate("USD", "2020-01-01", "9")]});
        client
            .meta("POST", "currencies/rates", rates)
            .await
            .problem(403, "forbidden");
        let path = "currencies/rates/USD/2020-01-01";
        client
            .meta("DELETE", path, Json::Null)
            .await
            .problem(403, "forbidden");
        let contract = client.get_path("/openapi.json", "").await.ok();
        assert!(contract["paths"]["/v1/meta/currencies"]["put"].is_null());
    }
    let role =
        json!({"name": "treasurer", "label": "Treasurer", "permissions": ["manageCurrencies"]});
    admin.meta("POST", "roles", role).await.status(201);
    let treasurer = app.user(&["treasurer"]).await;
    let rates = json!({"rates": [rate("GBP", "2020-01-01", "1.2")]});
    let table = treasurer.meta("POST", "currencies/rates", rates).await.ok();
    assert_eq!(table["rates"].as_array().expect("rates").len(), 2);
    let field = json!([{"op": "deleteField", "object": "sale", "field": "number"}]);
    treasurer.change(field).await.problem(403, "forbidden");
    treasurer
        .list("sales", "")
        .await
        .problem(404, "object_not_found");
    let contract = treasurer.get_path("/openapi.json", "").await.ok();
    assert!(contract["paths"]["/v1/meta/currencies"]["put"].is_object());
}
