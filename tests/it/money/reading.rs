//! Reads, filters and sorts of converted amounts, over both faces.

use serde_json::{Value as Json, json};

use super::{add_rates, base_amount, money, rate, read, sales};
use crate::support::TestApp;

#[tokio::test]
async fn a_converted_amount_shows_where_it_is_asked_for() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    for (price, expected) in [
        (money("10", "EUR"), json!("10.0000")),
        (money("10", "USD"), json!("5.0000")),
        // Half away from zero, to four digits.
        (money("10.0001", "USD"), json!("5.0001")),
        (money("-10.0001", "USD"), json!("-5.0001")),
        (
            money("99999999999999.9999", "USD"),
            json!("50000000000000.0000"),
        ),
        (money("10", "JPY"), Json::Null),
    ] {
        let id = admin.make("sales", json!({"price": price})).await;
        assert_eq!(base_amount(&admin, &id).await, expected, "{price}");
        let whole = admin.get("sales", &id).await.ok();
        let members = whole["price"].as_object().expect("money");
        assert_eq!(
            members.len(),
            2,
            "as a whole it has amount and currency: {whole}"
        );
        let all = read(
            &admin,
            "sales",
            &id,
            "price.amount,price.currency,price.baseAmount",
        )
        .await;
        assert_eq!(all["price"]["baseAmount"], expected);
        assert_eq!(all["price"]["currency"], price["currency"]);
        let query = "query($id: ID!) { sale(id: $id) { price { amount currency baseAmount } } }";
        let answer = admin.graphql(query, json!({"id": id})).await.data();
        assert_eq!(
            answer["sale"]["price"], all["price"],
            "the same over GraphQL"
        );
    }
    let none = admin.make("sales", json!({"number": 1})).await;
    assert_eq!(
        read(&admin, "sales", &none, "price.baseAmount").await["price"],
        Json::Null
    );
}

#[tokio::test]
async fn an_amount_that_has_too_many_digits_is_not_converted() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    add_rates(
        &admin,
        json!([rate("KWD", "2020-01-01", "99999999.123456789012")]),
    )
    .await
    .ok();
    for (amount, expected) in [
        ("1", json!("99999999.1235")),
        ("0.0001", json!("9999.9999")),
        ("1000000", json!("99999999123456.7890")),
        ("1000001", Json::Null),
        ("-99999999999999", Json::Null),
    ] {
        let id = admin
            .make("sales", json!({"price": money(amount, "KWD")}))
            .await;
        assert_eq!(base_amount(&admin, &id).await, expected, "{amount}");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_sorted_by_converted_amounts() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    for (number, price) in [
        (1, money("30", "USD")),
        (2, money("14", "EUR")),
        (3, money("20", "USD")),
        (4, money("11", "EUR")),
        (5, money("1", "JPY")),
    ] {
        admin
            .make("sales", json!({"number": number, "price": price}))
            .await;
    }
    admin.make("sales", json!({"number": 6})).await;
    let numbers = |list: Json| -> Vec<i64> {
        let list = list["data"].as_array().expect("sales").clone();
        list.iter()
            .filter_map(|one| one["number"].as_i64())
            .collect()
    };
    let sorted = admin
        .list("sales", "sort=price.baseAmount,number")
        .await
        .ok();
    assert_eq!(numbers(sorted), [3, 4, 2, 1, 5, 6]);
    let sorted = admin
        .list("sales", "sort=-price.baseAmount,number")
        .await
        .ok();
    assert_eq!(numbers(sorted), [1, 2, 4, 3, 5, 6]);
    let filter = json!({"price": {"baseAmount": {"gte": "11", "lt": "15"}}});
    let found = admin.filter("sales", &filter, "sort=number").await.ok();
    assert_eq!(numbers(found), [2, 4]);
    let found = admin
        .list("sales", "price.baseAmount[isNull]=true&sort=number")
        .await
        .ok();
    assert_eq!(numbers(found), [5, 6]);
    let found = admin
        .list("sales", "price.amount[gt]=14&sort=number")
        .await
        .ok();
    assert_eq!(numbers(found), [1, 3], "by amount as before");

    // Page by page, with cursors on the converted amount.
    let mut seen = Vec::new();
    let mut parameters = "sort=price.baseAmount&limit=2".to_owned();
    loop {
        let page = admin.list("sales", &parameters).await.ok();
        seen.extend(numbers(page.clone()));
        let Some(next) = page["page"]["next"].as_str() else {
            break;
        };
        parameters = format!("sort=price.baseAmount&limit=2&after={next}");
    }
    assert_eq!(seen[..4], [3, 4, 2, 1]);
    assert_eq!(seen.len(), 6);

    let query = "{ sales(filter: {price: {baseAmount: {gte: \"11\"}}}, sort: [{price: {baseAmount: DESC}}]) {
        nodes { number price { baseAmount } } } }";
    let answer = admin.graphql(query, Json::Null).await.data();
    let expected = json!([
        {"number": 1, "price": {"baseAmount": "15.0000"}},
        {"number": 2, "price": {"baseAmount": "14.0000"}},
        {"number": 4, "price": {"baseAmount": "11.0000"}}]);
    assert_eq!(answer["sales"]["nodes"], expected);
}

#[tokio::test]
async fn what_is_sent_as_converted_is_ignored() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let price = json!({"amount": "4", "currency": "USD", "baseAmount": "999"});
    let id = admin.make("sales", json!({ "price": price })).await;
    assert_eq!(base_amount(&admin, &id).await, "2.0000");
    let price = json!({"amount": "6", "currency": "USD", "baseAmount": "999"});
    admin
        .patch("sales", &id, json!({ "price": price }))
        .await
        .ok();
    assert_eq!(base_amount(&admin, &id).await, "3.0000");
    let before = admin.get("sales", &id).await.ok();
    let again = admin
        .patch("sales", &id, json!({"price": money("6", "USD")}))
        .await
        .ok();
    assert_eq!(
        again["version"], before["version"],
        "the same again changes nothing"
    );
    admin.patch("sales", &id, json!({"price": null})).await.ok();
    assert_eq!(
        read(&admin, "sales", &id, "price.baseAmount").await["price"],
        Json::Null
    );
}

#[tokio::test]
async fn links_lookups_and_standard_types_have_converted_amounts() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let lookup = json!([
        {"op": "addObjectType", "name": "note", "plural": "notes", "fields": [
            {"name": "sale", "type": "reference", "target": "sale",
             "inverse": {"name": "notes", "label": "Notes"}}]},
        {"op": "addField", "object": "note", "field":
            {"name": "paid", "type": "lookup", "via": "sale", "field": "price"}}]);
    admin.change(lookup).await.ok();
    let seller = admin.make("sellers", json!({"name": "A"})).await;
    let sale = admin
        .make("sales", json!({"price": money("8", "USD")}))
        .await;
    let note = admin.make("notes", json!({"sale": sale})).await;
    let shown = read(&admin, "notes", &note, "paid.baseAmount").await;
    assert_eq!(shown["paid"]["baseAmount"], "4.0000");
    let path = format!("sellers/{seller}/bids");
    let offer = json!({"offer": money("3", "USD")});
    let link = admin.link(&path, &sale, offer).await.status(201).json();
    let filter = json!({"bids": {"some": {"link": {"offer": {"baseAmount": {"eq": "1.5"}}}}}});
    let found = admin.filter("sellers", &filter, "").await.ok();
    assert_eq!(
        found["data"].as_array().expect("sellers").len(),
        1,
        "{found}"
    );
    let id = link["id"].as_str().expect("a link");
    let path = format!("/v1/data/sellers/{seller}/bids/{id}");
    let patch = json!({"offer": money("5", "USD")});
    admin.call("PATCH", &path, &patch).await.ok();
    let filter = json!({"bids": {"some": {"link": {"offer": {"baseAmount": {"eq": "2.5"}}}}}});
    let found = admin.filter("sellers", &filter, "").await.ok();
    assert_eq!(
        found["data"].as_array().expect("sellers").len(),
        1,
        "{found}"
    );

    let product = admin
        .make(
            "products",
            json!({"name": "Tea", "price": money("7", "USD")}),
        )
        .await;
    let shown = read(&admin, "products", &product, "price.baseAmount").await;
    assert_eq!(shown["price"]["baseAmount"], "3.5000");
}

#[tokio::test]
async fn descriptions_and_contract_know_of_converted_amounts() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let fields = admin.get_path("/v1/meta/fields", "object=sale").await.ok();
    let price = fields["data"]
        .as_array()
        .expect("fields")
        .iter()
        .find(|it| it["name"] == "price");
    let price = price.expect("the price");
    assert!(
        price["operators"]["baseAmount"].to_string().contains("gte"),
        "{price}"
    );
    assert!(
        price["sortKeys"].to_string().contains("price.baseAmount"),
        "{price}"
    );
    let contract = admin.get_path("/openapi.json", "").await.ok();
    let shown = &contract["components"]["schemas"]["Sale"]["properties"]["price"];
    let member = &shown["properties"]["baseAmount"];
    assert_eq!(member["readOnly"], true, "{shown}");
    assert!(
        !shown["required"].to_string().contains("baseAmount"),
        "{shown}"
    );
    let schema = admin
        .get_path("/v1/meta/objects/sale/schema", "for=create")
        .await;
    schema.status(200);
    let types = admin
        .graphql(
            "{ __type(name: \"MoneyInput\") { inputFields { name } } }",
            Json::Null,
        )
        .await
        .data();
    assert!(
        !types.to_string().contains("baseAmount"),
        "nobody sends it: {types}"
    );
}
