//! Constraints: refused where they make no sense, checked on every write, and asked of the data when they
//! are drawn tighter.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

async fn add(admin: &Client, field: Json) -> crate::support::Response {
    let operation = json!({"op": "addField", "object": "gauge", "field": field});
    admin.change(json!([operation])).await
}

async fn gauges(app: &TestApp) -> Client {
    let admin = app.admin();
    let gauge = json!({"op": "addObjectType", "name": "gauge", "plural": "gauges", "fields": []});
    admin.change(json!([gauge])).await.ok();
    admin
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_where_they_stand() {
    let app = TestApp::start().await;
    let admin = gauges(&app).await;
    let cases = [
        json!({"type": "integer", "min": 2, "max": 1}),
        json!({"type": "decimal", "min": "x"}),
        json!({"type": "dateTime", "max": "yesterday"}),
        json!({"type": "text", "minLength": 5, "maxLength": 4}),
        json!({"type": "text", "pattern": "(["}),
        json!({"type": "text", "pattern": "(?:a{500}){500}"}),
        json!({"type": "rating", "max": 1000}),
        json!({"type": "phone", "region": "Holland"}),
        json!({"type": "text", "pattern": "a+", "default": "b"}),
        json!({"type": "integer", "min": 1, "default": 0}),
    ];
    for mut field in cases {
        field["name"] = json!("odd");
        add(&admin, field).await.problem(422, "validation_failed");
    }
    let unknown = add(&admin, json!({"name": "odd", "type": "boolean", "min": 1})).await;
    unknown.problem(400, "unknown_field");
}

#[tokio::test]
async fn every_write_is_checked_and_told_the_bound() {
    let app = TestApp::start().await;
    let admin = gauges(&app).await;
    let euros = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let cases = [
        (
            json!({"type": "integer", "min": 1, "max": 9}),
            json!(9),
            json!(10),
            "must be at most 9",
        ),
        (
            json!({"type": "bigInteger", "min": "5"}),
            json!("5"),
            json!("4"),
            "must be at least 5",
        ),
        (
            json!({"type": "decimal", "max": "1.50"}),
            json!("1.5"),
            json!("1.51"),
            "must be at most 1.50",
        ),
        (
            json!({"type": "float", "min": 0}),
            json!(0.0),
            json!(-0.1),
            "must be at least 0",
        ),
        (
            json!({"type": "percent", "max": "1"}),
            json!("1"),
            json!("1.01"),
            "must be at most 1",
        ),
        (
            json!({"type": "money", "min": "0"}),
            euros("0"),
            euros("-1"),
            "must be at least 0",
        ),
        (
            json!({"type": "date", "min": "2020-01-01"}),
            json!("2020-01-01"),
            json!("2019-12-31"),
            "must be at least 2020-01-01",
        ),
        (
            json!({"type": "dateTime", "max": "2030-01-01T00:00:00Z"}),
            json!("2029-12-31T23:59:59Z"),
            json!("2030-01-01T00:00:00.000001Z"),
            "must be at most 2030-01-01T00:00:00Z",
        ),
        (
            json!({"type": "time", "min": "09:00", "max": "17:00"}),
            json!("09:00:00"),
            json!("17:00:00.5"),
            "must be at most 17:00",
        ),
        (
            json!({"type": "duration", "max": "PT8H"}),
            json!("PT480M"),
            json!("PT8H1S"),
            "must be at most PT8H",
        ),
        (
            json!({"type": "rating", "max": 3}),
            json!(3),
            json!(4),
            "must be a whole number from 1 to 3",
        ),
        (
            json!({"type": "text", "pattern": "[A-Z]{2}\\d+"}),
            json!("NL1"),
            json!("xNL1"),
            "must match the pattern [A-Z]{2}\\d+",
        ),
        (
            json!({"type": "email", "pattern": ".*@x\\.nl"}),
            json!("a@x.nl"),
            json!("a@y.nl"),
            "must match the pattern .*@x\\.nl",
        ),
        (
            json!({"type": "longText", "minLength": 2}),
            json!("ab"),
            json!("a"),
            "has 1 characters; at least 2 are needed",
        ),
    ];
    for (at, (mut field, good, bad, message)) in cases.into_iter().enumerate() {
        let name = format!("field{at}");
        field["name"] = json!(name);
        add(&admin, field).await.ok();
        let id = admin.make("gauges", json!({ name.as_str(): good })).await;
        let place = format!("/{name}");
        for answer in [
            admin.create("gauges", json!({ name.as_str(): bad })).await,
            admin
                .patch("gauges", &id, json!({ name.as_str(): bad }))
                .await,
        ] {
            let problem = answer.problem_at(422, "validation_failed", &place);
            assert_eq!(problem["errors"][0]["message"], message, "{problem}");
        }
        // A filter may ask for what could not be written.
        admin
            .filter("gauges", &json!({ name.as_str(): {"isNull": false} }), "")
            .await
            .ok();
        let input = json!({"input": { name.as_str(): bad }});
        let document =
            "mutation($input: GaugeInput!) { createGauge(input: $input) { gauge { id } } }";
        let answer = admin.graphql(document, input).await;
        answer.error("validation_failed");
    }
}

#[tokio::test]
async fn a_bound_that_is_drawn_tighter_is_asked_of_the_data() {
    let app = TestApp::start().await;
    let admin = gauges(&app).await;
    for field in [
        json!({"name": "level", "type": "decimal", "max": "100"}),
        json!({"name": "depth", "type": "time"}),
        json!({"name": "note", "type": "longText"}),
        json!({"name": "code", "type": "text", "maxLength": 5}),
        json!({"name": "price", "type": "money"}),
    ] {
        add(&admin, field).await.ok();
    }
    let price = json!({"amount": "5", "currency": "EUR"});
    let values = json!({"level": "50", "depth": "10:00", "note": "é\u{1f680}234", "code": "é\u{1f680}234", "price": price});
    let id = admin.make("gauges", values).await;
    let update = |field: &str, key: &str, value: Json| json!([{"op": "updateField", "object": "gauge", "field": field, key: value}]);
    for (field, key, refused, accepted) in [
        ("level", "max", json!("49.99"), json!("50")),
        ("depth", "min", json!("10:01"), json!("10:00:00")),
        ("price", "min", json!("5.0001"), json!("5")),
        ("code", "maxLength", json!(4), json!(5)),
        ("note", "minLength", json!(6), json!(5)),
        ("code", "pattern", json!("("), json!("[a-z]+")),
    ] {
        let place = if key == "pattern" {
            String::from("/operations/0")
        } else {
            format!("/operations/0/{key}")
        };
        let answer = admin.change(update(field, key, refused)).await;
        answer.problem_at(422, "validation_failed", &place);
        admin.change(update(field, key, accepted)).await.ok();
    }
    // A pattern is for what is written from now on.
    admin
        .patch("gauges", &id, json!({"level": "50"}))
        .await
        .ok();
    let answer = admin.patch("gauges", &id, json!({"code": "A2345"})).await;
    answer.problem_at(422, "validation_failed", "/code");
    admin
        .change(update("code", "pattern", Json::Null))
        .await
        .ok();
    admin
        .patch("gauges", &id, json!({"code": "A2345"}))
        .await
        .ok();
}
