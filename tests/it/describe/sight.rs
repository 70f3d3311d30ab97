//! What callers who can't define anything are told of conditions, defaults and rules: enough for a form, and
//! nothing of fields that they may not read.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

async fn loans(app: &TestApp) {
    let operations = json!([
        {"op": "addObjectType", "name": "branch", "plural": "branches", "fields": [
            {"name": "city", "type": "text"}, {"name": "margin", "type": "percent"}]},
        {"op": "addObjectType", "name": "loan", "plural": "loans", "fields": [
            {"name": "amount", "type": "integer"},
            {"name": "risk", "type": "integer"},
            {"name": "branch", "type": "reference", "target": "branch", "inverse": {"name": "loans"}},
            {"name": "reason", "type": "text", "requiredWhen": "amount > 100"},
            {"name": "second", "type": "text", "requiredWhen": "risk > 3 || amount > 100"},
            {"name": "third", "type": "text", "requiredWhen": "branch.margin > 0.5"},
            {"name": "fourth", "type": "text", "requiredWhen": "amount > 9 // not the risk"},
            {"name": "due", "type": "date", "required": true, "defaultExpression": "addDays(today, 30)"},
            {"name": "limit", "type": "integer", "defaultExpression": "risk"},
            {"name": "state", "type": "text", "default": "open"}],
         "validations": [
            {"name": "small", "condition": "amount <= 1000", "message": "too much", "fields": ["amount"]},
            {"name": "safe", "condition": "risk < 5 || amount < 10", "message": "too risky", "fields": ["amount"]},
            {"name": "told", "condition": "amount != 7", "message": "not seven", "fields": ["risk"]}]},
        {"op": "addRelationType", "name": "guarantee",
         "source": {"object": "loan", "name": "guarantors"},
         "target": {"object": "branch", "name": "guarantees"},
         "fields": [{"name": "share", "type": "integer"},
            {"name": "why", "type": "text", "requiredWhen": "share > 50"}],
         "validations": [{"name": "positive", "condition": "share > 0", "message": "needs a share", "fields": ["share"]}]},
    ]);
    app.admin().change(operations).await.ok();
}

async fn described(client: &Client) -> Json {
    client.meta("GET", "objects/loan", Json::Null).await.ok()
}

fn field<'j>(object: &'j Json, name: &str) -> &'j Json {
    let mut fields = object["fields"].as_array().into_iter().flatten();
    fields
        .find(|field| field["name"] == name)
        .expect("the field")
}

fn rules(object: &Json) -> Vec<&str> {
    let rules = object["validations"].as_array().into_iter().flatten();
    rules.filter_map(|rule| rule["name"].as_str()).collect()
}

#[tokio::test]
async fn a_form_knows_what_is_required_and_given() {
    let app = TestApp::start().await;
    loans(&app).await;
    let seen = [
        "amount", "branch", "reason", "second", "third", "fourth", "due", "limit", "state",
    ];
    let sent = json!({"fields": seen});
    let narrow = Rules::none()
        .allow("read", "loan", sent.clone())
        .allow("create", "loan", sent)
        .allow("read", "branch", json!({"fields": ["city"]}));
    for client in app.person_and_key("clerk", narrow).await {
        let object = described(&client).await;
        let rows = [
            ("reason", true, false, json!("amount > 100"), Json::Null),
            ("second", true, false, Json::Null, Json::Null),
            ("third", true, false, Json::Null, Json::Null),
            ("fourth", true, false, Json::Null, Json::Null),
            ("due", false, true, Json::Null, json!("addDays(today, 30)")),
            ("limit", false, true, Json::Null, Json::Null),
            ("state", false, true, Json::Null, Json::Null),
            ("amount", false, false, Json::Null, Json::Null),
        ];
        for (name, conditional, default, required_when, expression) in rows {
            let field = field(&object, name);
            assert_eq!(field["conditionallyRequired"], conditional, "{field}");
            assert_eq!(field["hasDefault"], default, "{field}");
            assert_eq!(field["requiredWhen"], required_when, "{field}");
            assert_eq!(field["defaultExpression"], expression, "{field}");
        }
        assert_eq!(rules(&object), ["small"]);
        assert_eq!(
            object["validations"][0],
            json!({"name": "small", "condition": "amount <= 1000", "message": "too much",
                   "fields": ["amount"]})
        );
        for hidden in ["risk", "margin"] {
            assert!(!object.to_string().contains(hidden), "{hidden}: {object}");
        }
    }
    let wide = Rules::none()
        .read("loan")
        .read("branch")
        .allow("create", "loan", json!({}));
    let object = described(&app.role("wide", wide).await).await;
    assert_eq!(rules(&object), ["small", "safe", "told"]);
    assert_eq!(
        field(&object, "third")["requiredWhen"],
        "branch.margin > 0.5"
    );
    assert_eq!(field(&object, "limit")["defaultExpression"], "risk");
    let admin = described(&app.admin()).await;
    assert_eq!(
        field(&admin, "fourth")["requiredWhen"],
        "amount > 9 // not the risk"
    );
}

#[tokio::test]
async fn the_rules_of_links_are_shown_alike() {
    let app = TestApp::start().await;
    loans(&app).await;
    let all = Rules::none().read("loan").read("branch").read("guarantee");
    let client = app.role("linker", all).await;
    let relation = client
        .meta("GET", "relations/guarantee", Json::Null)
        .await
        .ok();
    assert_eq!(rules(&relation), ["positive"]);
    assert_eq!(field(&relation, "why")["requiredWhen"], "share > 50");
}
