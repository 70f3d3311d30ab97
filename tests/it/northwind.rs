//! The demo over HTTP: what an administrator and the partners see of Northwind, against answers that
//! were computed from the source's files by SQL (`northwind/expected.json`).

mod answers;
mod carriers;
mod computed;
mod customers;
mod partners;
mod walls;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp, TestDemo};

/// A server with Northwind in it.
struct Northwind {
    app: TestApp,
    keys: BTreeMap<String, String>,
    people: BTreeMap<String, (String, String)>,
}

impl Northwind {
    async fn start() -> Self {
        let TestDemo { app, keys, people } = TestApp::start_demo().await;
        Self { app, keys, people }
    }

    fn admin(&self) -> Client {
        self.app.admin()
    }

    /// A partner, by the name of its organization.
    fn partner(&self, name: &str) -> Client {
        self.app.anonymous().with_token(&self.keys[name])
    }

    /// Somebody of a partner, signed in.
    async fn person(&self, name: &str) -> Client {
        let (email, password) = &self.people[name];
        self.app.sign_in(email, password).await
    }
}

/// The rows of one of the reference answers.
fn expected(id: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("northwind/expected.json")).expect("JSON");
    let answers = file["answers"].as_array().expect("answers");
    let answer = answers.iter().find(|answer| answer["id"] == id);
    let rows = answer.expect("an answer with this id")["rows"].as_array();
    rows.expect("rows").clone()
}

/// All records of a list, page after page.
async fn all(client: &Client, objects: &str, parameters: &str, filter: &Json) -> Vec<Json> {
    let mut records = Vec::new();
    let mut after = String::new();
    loop {
        let parameters = format!("limit=200&{parameters}{after}");
        let page = client.filter(objects, filter, &parameters).await.ok();
        records.extend(page["data"].as_array().expect("data").iter().cloned());
        match page["page"]["next"].as_str() {
            Some(next) if page["page"]["hasNext"] == true => after = format!("&after={next}"),
            Some(_) | None => return records,
        }
    }
}

/// How many records there are, as both faces say it.
async fn count(client: &Client, objects: &str, filter: &Json) -> u64 {
    let page = client.filter(objects, filter, "limit=1&count=exact").await;
    let over_rest = page.ok()["count"].as_u64().expect("a count");
    let kind = match objects {
        "organizations" => "Organization",
        "people" => "Person",
        "products" => "Product",
        "orders" => "Order",
        "orderLines" => "OrderLine",
        "shipments" => "Shipment",
        "territories" => "Territory",
        other => panic!("{other} is not counted here"),
    };
    let query = format!(
        "query ($filter: {kind}Filter) {{ {objects}(filter: $filter, first: 1) {{ totalCount }} }}"
    );
    let answer = client.graphql(&query, json!({"filter": filter})).await;
    let over_graphql = answer.data()[objects]["totalCount"].as_u64();
    assert_eq!(over_graphql, Some(over_rest), "{objects} over both faces");
    over_rest
}

/// The number behind the last hyphen of `externalId`: the key in the source.
fn key(external_id: &Json) -> i64 {
    let text = external_id.as_str().expect("an external id");
    let digits = text.rsplit('-').next().unwrap_or_default();
    digits.parse().expect("a number")
}

/// A text member of a record.
fn text<'a>(record: &'a Json, pointer: &str) -> &'a str {
    let value = record.pointer(pointer).and_then(Json::as_str);
    value.unwrap_or_else(|| panic!("no text at {pointer} of {record}"))
}
