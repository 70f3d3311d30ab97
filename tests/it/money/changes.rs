//! Changes of base currency and rates, and what they make of the amounts that are there.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use super::{add_rates, base_amount, converted, money, rate, sales};
use crate::support::TestApp;

fn day(from_today: i64) -> String {
    (OffsetDateTime::now_utc() + Duration::days(from_today))
        .date()
        .to_string()
}

#[tokio::test]
async fn amounts_follow_the_rates() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let usd = admin
        .make("sales", json!({"price": money("10", "USD")}))
        .await;
    let jpy = admin
        .make("sales", json!({"price": money("1000", "JPY")}))
        .await;
    let version = admin.get("sales", &usd).await.ok()["version"].clone();

    // From tomorrow on: records of today stay.
    add_rates(
        &admin,
        json!([rate("USD", &day(1), "0.9"), rate("JPY", &day(1), "0.006")]),
    )
    .await
    .ok();
    converted(&admin).await;
    assert_eq!(base_amount(&admin, &usd).await, "5.0000");
    assert_eq!(base_amount(&admin, &jpy).await, Json::Null);
    assert_eq!(admin.get("sales", &usd).await.ok()["version"], version);

    // From yesterday on, and for another currency.
    add_rates(
        &admin,
        json!([
            rate("USD", &day(-1), "0.8"),
            rate("JPY", "2000-01-01", "0.005")
        ]),
    )
    .await
    .ok();
    converted(&admin).await;
    assert_eq!(base_amount(&admin, &usd).await, "8.0000");
    assert_eq!(base_amount(&admin, &jpy).await, "5.0000");
    let after = admin.get("sales", &usd).await.ok();
    assert_eq!(
        after["version"],
        json!(version.as_i64().unwrap_or(0) + 1),
        "the ETag tells"
    );

    // The rate of the day of creation counts, not that of the day of a change.
    app.advance(Duration::days(2));
    let admin = app.admin_anew().await;
    let later = admin
        .make("sales", json!({"price": money("10", "USD")}))
        .await;
    assert_eq!(base_amount(&admin, &later).await, "9.0000");
    admin
        .patch("sales", &usd, json!({"price": money("20", "USD")}))
        .await
        .ok();
    assert_eq!(base_amount(&admin, &usd).await, "16.0000");

    // Gone: the one before is in force again.
    let path = format!("currencies/rates/USD/{}", day(-1));
    admin.meta("DELETE", &path, Json::Null).await.status(204);
    admin
        .meta("DELETE", &path, Json::Null)
        .await
        .problem(404, "not_found");
    converted(&admin).await;
    assert_eq!(base_amount(&admin, &usd).await, "10.0000");
    assert_eq!(base_amount(&admin, &later).await, "9.0000");
}

#[tokio::test]
async fn another_base_currency_converts_everything() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let price = money("10", ["USD", "EUR", "GBP"][number]);
        ids.push(admin.make("sales", json!({"price": price})).await);
    }
    let gone = admin
        .make("sales", json!({"price": money("10", "USD")}))
        .await;
    admin.delete("sales", &gone).await.status(204);
    let table = admin.meta("GET", "currencies", Json::Null).await;
    let etag = table.header("etag").expect("an ETag").to_owned();
    let new = json!({"base": "USD", "rates": [rate("EUR", "2020-01-01", "2")]});
    let request = admin
        .request(reqwest::Method::PUT, "/v1/meta/currencies")
        .json(&new);
    let answer = admin.send(request.header("if-match", &etag)).await.ok();
    assert_eq!(answer["base"], "USD");
    let request = admin
        .request(reqwest::Method::PUT, "/v1/meta/currencies")
        .json(&new);
    admin
        .send(request.header("if-match", &etag))
        .await
        .problem(409, "conflict");
    converted(&admin).await;
    let mut found = Vec::new();
    for id in &ids {
        found.push(base_amount(&admin, id).await);
    }
    assert_eq!(json!(found), json!(["10.0000", "20.0000", null]));
    admin.restore("sales", &gone).await.ok();
    assert_eq!(
        base_amount(&admin, &gone).await,
        "10.0000",
        "what was away meanwhile"
    );

    admin
        .meta("PUT", "currencies", json!({"base": null}))
        .await
        .ok();
    converted(&admin).await;
    assert_eq!(base_amount(&admin, &ids[0]).await, Json::Null);
    assert_eq!(base_amount(&admin, &gone).await, Json::Null);
}

#[tokio::test]
async fn a_record_comes_back_at_the_rates_of_now() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let id = admin
        .make("sales", json!({"price": money("10", "USD")}))
        .await;
    admin.delete("sales", &id).await.status(204);
    add_rates(&admin, json!([rate("USD", "2020-01-01", "0.7")]))
        .await
        .ok();
    converted(&admin).await;
    admin.restore("sales", &id).await.ok();
    assert_eq!(base_amount(&admin, &id).await, "7.0000");
}

#[tokio::test]
async fn another_node_writes_at_the_new_rates_at_once() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let other = app.another_node().await;
    let node = other.admin();
    for round in 1..6 {
        let now = format!("0.{round}");
        add_rates(&admin, json!([rate("USD", "2020-01-01", &now)]))
            .await
            .ok();
        let id = node
            .make("sales", json!({"price": money("10", "USD")}))
            .await;
        assert_eq!(base_amount(&node, &id).await, format!("{round}.0000"));
    }
}

#[tokio::test]
async fn a_required_field_gives_its_default_in_the_base_currency() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let id = admin.make("sales", json!({"number": 1})).await;
    let field =
        json!({"name": "fee", "type": "money", "required": true, "default": money("4", "USD")});
    admin
        .meta("POST", "objects/sale/fields", field)
        .await
        .status(201);
    converted(&admin).await;
    let shown = super::read(&admin, "sales", &id, "fee.baseAmount").await;
    assert_eq!(shown["fee"]["baseAmount"], "2.0000");
    let new = admin.make("sales", json!({"number": 2})).await;
    let shown = super::read(&admin, "sales", &new, "fee.baseAmount").await;
    assert_eq!(shown["fee"]["baseAmount"], "2.0000");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let of = |currency: &str, from: &str, value: Json| json!({"base": "EUR", "rates": [{"currency": currency, "validFrom": from, "rate": value}]});
    let ok = json!("0.5");
    let twice = [
        rate("USD", "2020-01-01", "1"),
        rate("USD", "2020-01-01", "2"),
    ];
    for (body, place) in [
        (json!({"base": "XYZ"}), "/base"),
        (json!({"base": "eur"}), "/base"),
        (json!({"base": 5}), "/base"),
        (json!({"rates": []}), ""),
        (json!({"base": "EUR", "rates": [], "more": 1}), "/more"),
        (
            json!({"base": null, "rates": [rate("USD", "2020-01-01", "1")]}),
            "/rates",
        ),
        (of("EUR", "2020-01-01", ok.clone()), "/rates/0/currency"),
        (of("dollar", "2020-01-01", ok.clone()), "/rates/0/currency"),
        (of("USD", "2020-02-30", ok.clone()), "/rates/0/validFrom"),
        (of("USD", "today", ok), "/rates/0/validFrom"),
        (of("USD", "2020-01-01", json!("0")), "/rates/0/rate"),
        (of("USD", "2020-01-01", json!("-1")), "/rates/0/rate"),
        (of("USD", "2020-01-01", json!("a")), "/rates/0/rate"),
        (of("USD", "2020-01-01", json!("100000000")), "/rates/0/rate"),
        (
            of("USD", "2020-01-01", json!("0.1234567890123")),
            "/rates/0/rate",
        ),
        (of("USD", "2020-01-01", json!(null)), "/rates/0/rate"),
        (json!({"base": "EUR", "rates": twice}), "/rates/1/validFrom"),
    ] {
        let answer = admin.meta("PUT", "currencies", body.clone()).await;
        assert!(matches!(answer.code(), 400 | 422), "{body}\n{answer}");
        let errors = answer.json()["errors"].to_string();
        assert!(
            errors.contains(&format!("{place}\"")),
            "{place} of {body}\n{answer}"
        );
    }
    let table = admin.meta("GET", "currencies", Json::Null).await.ok();
    assert_eq!(
        table["rates"],
        json!([rate("USD", "2020-01-01", "0.5")]),
        "nothing was changed"
    );
    let on = admin.get_path("/v1/meta/currencies", "on=yesterday").await;
    assert!(matches!(on.code(), 400 | 422), "{on}");
    assert_eq!(on.json()["errors"][0]["parameter"], "on", "{on}");
    admin
        .get_path("/v1/meta/currencies", "day=2020-01-01")
        .await
        .status(400);
    for path in ["USD/2019-01-01", "USD/x", "XXX/2020-01-01"] {
        let path = format!("currencies/rates/{path}");
        admin
            .meta("DELETE", &path, Json::Null)
            .await
            .problem(404, "not_found");
    }
}

#[tokio::test]
async fn rates_are_shown_by_currency_and_day() {
    let app = TestApp::start().await;
    let admin = sales(&app).await;
    let rates = json!([
        rate("USD", "2021-01-01", "0.60"),
        rate("GBP", "2021-06-01", "1.2")
    ]);
    let all = add_rates(&admin, rates).await.ok();
    let expected = json!([
        rate("GBP", "2021-06-01", "1.2"),
        rate("USD", "2021-01-01", "0.6"),
        rate("USD", "2020-01-01", "0.5")
    ]);
    assert_eq!(all["rates"], expected);
    let table = admin
        .get_path("/v1/meta/currencies", "currency=USD&on=2020-12-31")
        .await
        .ok();
    assert_eq!(table["rates"], json!([rate("USD", "2020-01-01", "0.5")]));
    let version = all["version"].clone();
    let again = add_rates(&admin, json!([rate("USD", "2021-01-01", "0.6")]))
        .await
        .ok();
    assert_eq!(again["version"], version, "what is so already is no change");
}
