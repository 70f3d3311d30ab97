//! Floating point numbers come back as the bits that were sent, however they travel.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// The edges of the form, and numbers all of whose digits count.
fn numbers() -> Vec<f64> {
    let mut numbers = vec![
        0.1,
        0.300_000_000_000_000_04,
        1.0 / 3.0,
        123_456_789.123_456_79,
        9_007_199_254_740_993.0,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        f64::EPSILON,
        1e23,
        8.41e21,
        2.225_073_858_507_201e-308,
    ];
    // Any bits: a multiplicative generator, the same numbers in each run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    while numbers.len() < 80 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let number = f64::from_bits(state);
        if number.is_finite() {
            numbers.push(number);
        }
        // And such as people write: of a middling size, with 17 digits.
        let fraction = f64::from(u32::try_from(state >> 32).unwrap_or(1)) / 4_294_967_291.0;
        numbers.push(fraction * 1_000.0);
    }
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers
}

/// The number of a member in the text of an answer, read by Rust itself.
fn number_in(text: &str, member: &str) -> f64 {
    let start = text.find(&format!("\"{member}\":")).expect("the member") + member.len() + 3;
    let rest = &text[start..];
    let end = rest.find([',', '}']).expect("its end");
    rest[..end].trim().parse().expect("a number")
}

async fn create(client: &Client, number: f64) -> String {
    let request = client.request(Method::POST, "/v1/data/gauges");
    let request = request.header("content-type", "application/json");
    let request = request.body(format!("{{\"reading\":{number:?}}}"));
    let made = client.send(request).await;
    let made = made.status(201);
    let text = made.text();
    let read = number_in(&text, "reading");
    assert_eq!(read.to_bits(), number.to_bits(), "{number:?} in {text}");
    made.json()["id"].as_str().expect("an id").to_owned()
}

async fn gauges(app: &TestApp) -> Client {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "station", "plural": "stations", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addObjectType", "name": "gauge", "plural": "gauges", "fields": [
            {"name": "reading", "type": "float"},
            {"name": "station", "type": "reference", "target": "station", "inverse": {"name": "gauges"}}]},
        {"op": "addField", "object": "gauge", "field":
            {"name": "copy", "type": "formula", "result": "float", "expression": "reading"}},
        {"op": "addField", "object": "station", "field":
            {"name": "most", "type": "rollup", "of": "gauges", "function": "max", "field": "reading"}},
    ]);
    admin.change(operations).await.ok();
    admin
}

#[tokio::test]
async fn a_float_is_read_as_it_was_sent() {
    let app = TestApp::start().await;
    let admin = gauges(&app).await;
    let station = admin.make("stations", json!({"name": "one"})).await;
    let mut ids = Vec::new();
    for number in numbers() {
        let id = create(&admin, number).await;
        let shown = admin.get("gauges", &id).await.text();
        let found = ["reading", "copy"].map(|member| number_in(&shown, member).to_bits());
        assert_eq!(found, [number.to_bits(); 2], "{number:?} in {shown}");
        // By a filter, and by a literal and a variable of the other face.
        let filter = format!("{{\"reading\":{{\"eq\":{number:?}}}}}");
        let filter: Json = serde_json::from_str(&filter).expect("JSON");
        assert_eq!(
            admin.filter("gauges", &filter, "").await.ids(),
            [id.clone()],
            "{number:?}"
        );
        let mutation = format!(
            "mutation ($id: ID!) {{ updateGauge(id: $id, input: {{reading: {number:?}}}) {{ gauge {{ reading copy }} }} }}"
        );
        let changed = admin.graphql(&mutation, json!({"id": id})).await;
        changed.data();
        let text = changed.text();
        assert_eq!(
            number_in(&text, "reading").to_bits(),
            number.to_bits(),
            "{number:?} in {text}"
        );
        ids.push(id);
    }
    // The greatest of a few, as a rollup has it.
    for (id, number) in ids.iter().zip(numbers()).take(20) {
        let patch = json!({"station": station});
        admin.patch("gauges", id, patch).await.ok();
        let shown = admin.get("stations", &station).await.text();
        assert_eq!(
            number_in(&shown, "most").to_bits(),
            number.to_bits(),
            "{number:?} in {shown}"
        );
    }
    // Page by page: the cursor holds the number at which it goes on.
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = admin
            .list("gauges", &format!("sort=reading&limit=7{after}"))
            .await;
        found.extend(page.ids());
        let page = page.ok()["page"].clone();
        match page["next"].as_str().filter(|_| page["hasNext"] == true) {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(found, ids);
}
