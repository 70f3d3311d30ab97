//! Amounts of money in the base currency: exact, at the rate of the day on which the record was created,
//! for whoever may read the amount and for nobody else.

mod changes;
mod computed;
mod reading;
mod sight;

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::{Client, Response, TestApp};

/// How often a test looks whether the amounts are converted.
const LOOKS: u32 = 600;

/// Sellers with sales in several currencies; EUR is the base currency, USD has a rate.
async fn sales(app: &TestApp) -> Client {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "seller", "plural": "sellers",
         "fields": [{"name": "name", "type": "text"}]},
        {"op": "addObjectType", "name": "sale", "plural": "sales", "fields": [
            {"name": "number", "type": "integer"},
            {"name": "price", "type": "money"},
            {"name": "seller", "type": "reference", "target": "seller",
             "inverse": {"name": "sales", "label": "Sales"}}]},
        {"op": "addRelationType", "name": "bid",
         "source": {"object": "seller", "name": "bids"}, "target": {"object": "sale", "name": "bidders"},
         "fields": [{"name": "offer", "type": "money"}]},
    ]);
    admin.change(operations).await.ok();
    let table = json!({"base": "EUR", "rates": [rate("USD", "2020-01-01", "0.5")]});
    admin.meta("PUT", "currencies", table).await.ok();
    admin
}

fn rate(currency: &str, from: &str, rate: &str) -> Json {
    json!({"currency": currency, "validFrom": from, "rate": rate})
}

fn money(amount: &str, currency: &str) -> Json {
    json!({"amount": amount, "currency": currency})
}

async fn add_rates(admin: &Client, rates: Json) -> Response {
    admin
        .meta("POST", "currencies/rates", json!({"rates": rates}))
        .await
}

/// Waits until every amount is converted.
async fn converted(admin: &Client) {
    for _ in 0..LOOKS {
        let table = admin.meta("GET", "currencies", Json::Null).await.ok();
        if table["converting"] == false {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the amounts are not converted");
}

/// What one field of a record holds, asked for like this.
async fn read(client: &Client, objects: &str, id: &str, fields: &str) -> Json {
    let path = format!("/v1/data/{objects}/{id}");
    client
        .get_path(&path, &format!("fields={fields}"))
        .await
        .ok()
}

/// The amount of a sale in the base currency.
async fn base_amount(client: &Client, id: &str) -> Json {
    read(client, "sales", id, "price.baseAmount").await["price"]["baseAmount"].clone()
}
