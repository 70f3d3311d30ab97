//! Validation rules, conditional `required` and defaults that are expressions, over both faces; and what
//! they must not tell.

use serde_json::{Value as Json, json};

use super::shop;
use crate::support::{Client, Rules};

/// A rule that positions of more than ten pieces need a discount.
fn bulk_rule() -> Json {
    json!({"name": "bulk", "condition": "quantity <= 10 || discount > 0.0",
        "message": "more than ten pieces need a discount", "fields": ["quantity", "discount"]})
}

async fn with_rules(admin: &Client, rules: Json) {
    let operation = json!([{"op": "updateObjectType", "object": "position", "validations": rules}]);
    admin.change(operation).await.ok();
}

#[tokio::test]
async fn a_rule_is_kept_by_every_write() {
    let (_app, admin) = shop().await;
    with_rules(&admin, json!([bulk_rule()])).await;
    let refused = admin.create("positions", json!({"quantity": 11})).await;
    refused.problem_at(422, "validation_failed", "/discount");
    let body = refused.problem_at(422, "validation_failed", "/quantity");
    assert_eq!(body["errors"][0]["code"], "rule_broken");
    assert_eq!(
        body["errors"][0]["message"],
        "more than ten pieces need a discount"
    );
    // Nothing is left of a refused write.
    assert!(admin.list("positions", "").await.ids().is_empty());

    let id = admin
        .make("positions", json!({"quantity": 11, "discount": "0.1"}))
        .await;
    let refused = admin
        .patch("positions", &id, json!({"discount": null}))
        .await;
    refused.problem_at(422, "validation_failed", "/discount");
    assert_eq!(
        admin.get("positions", &id).await.ok()["discount"],
        "0.100000"
    );
    admin
        .patch("positions", &id, json!({"discount": null, "quantity": 3}))
        .await
        .ok();
    // A comparison with a missing value does not hold.
    let refused = admin
        .patch("positions", &id, json!({"quantity": null}))
        .await;
    refused.problem_at(422, "validation_failed", "/quantity");

    let mutation = "mutation ($input: PositionInput!) { createPosition(input: $input) { id } }";
    let refused = admin
        .graphql(mutation, json!({"input": {"quantity": 12}}))
        .await;
    refused.error("validation_failed");
    assert!(refused.text().contains("more than ten pieces"), "{refused}");

    with_rules(&admin, json!([])).await;
    admin
        .create("positions", json!({"quantity": 11}))
        .await
        .status(201);
}

#[tokio::test]
async fn a_rule_reads_formulas_references_and_the_moment() {
    let (_app, admin) = shop().await;
    let total = json!([{"op": "addField", "object": "position", "field": {"name": "total",
        "type": "formula", "result": "decimal", "expression": "price.amount * quantity"}}]);
    admin.change(total).await.ok();
    let rules = json!([
        {"name": "cap", "condition": "isBlank(total) || deal == null || total <= deal.rate",
            "message": "over the rate", "fields": ["deal"]},
        {"name": "future", "condition": "due == null || due >= today", "message": "in the past"},
    ]);
    with_rules(&admin, rules).await;
    let deal = admin.make("deals", json!({"rate": "10"})).await;
    let price = json!({"amount": "5", "currency": "EUR"});
    let values = json!({"deal": deal, "price": price, "quantity": 2, "due": "9999-12-31"});
    let id = admin.make("positions", values).await;
    let refused = admin.patch("positions", &id, json!({"quantity": 3})).await;
    refused.problem_at(422, "validation_failed", "/deal");
    let refused = admin
        .patch("positions", &id, json!({"due": "2001-01-01"}))
        .await;
    refused.problem_at(422, "validation_failed", "");
}

#[tokio::test]
async fn a_field_is_required_by_condition() {
    let (_app, admin) = shop().await;
    let operation = json!([{"op": "updateField", "object": "position", "field": "note",
        "requiredWhen": "quantity > 100"}]);
    admin.change(operation).await.ok();
    admin
        .create("positions", json!({"quantity": 100}))
        .await
        .status(201);
    let refused = admin.create("positions", json!({"quantity": 101})).await;
    let body = refused.problem_at(422, "validation_failed", "/note");
    assert_eq!(body["errors"][0]["code"], "required");
    let id = admin
        .make("positions", json!({"quantity": 101, "note": "many"}))
        .await;
    let refused = admin.patch("positions", &id, json!({"note": null})).await;
    refused.problem_at(422, "validation_failed", "/note");

    let rename = json!([{"op": "updateField", "object": "position", "field": "quantity",
        "name": "pieces"}]);
    admin.change(rename).await.ok();
    let described = admin.meta("GET", "objects/position", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let note = fields
        .iter()
        .find(|field| field["name"] == "note")
        .expect("the field");
    assert_eq!(note["requiredWhen"], "pieces > 100");
    let operation = json!([{"op": "updateField", "object": "position", "field": "note",
        "requiredWhen": null}]);
    admin.change(operation).await.ok();
    admin
        .create("positions", json!({"pieces": 101}))
        .await
        .status(201);
}

#[tokio::test]
async fn a_default_is_computed_for_what_is_not_sent() {
    let (app, admin) = shop().await;
    let operations = json!([
        {"op": "updateField", "object": "position", "field": "due",
            "defaultExpression": "addDays(today, 30)"},
        {"op": "updateField", "object": "position", "field": "note",
            "defaultExpression": "\"pieces: \" + text(quantity)"},
        {"op": "addField", "object": "position", "field": {"name": "maker", "type": "uuid",
            "defaultExpression": "currentUser"}},
        {"op": "addField", "object": "position", "field": {"name": "short", "type": "text",
            "maxLength": 3, "defaultExpression": "\"too long\""}},
    ]);
    admin.change(operations).await.ok();
    let created = admin
        .create("positions", json!({"quantity": 3}))
        .await
        .status(201)
        .json();
    assert_eq!(created["note"], "pieces: 3");
    assert_eq!(created["maker"], created["createdBy"]);
    assert_eq!(created["short"], Json::Null);
    assert!(
        created["due"].as_str() > created["createdAt"].as_str(),
        "{created}"
    );
    let values = json!({"quantity": 3, "note": null, "due": "2026-01-01"});
    let created = admin.create("positions", values).await.status(201).json();
    assert_eq!(created["note"], Json::Null);
    assert_eq!(created["due"], "2026-01-01");
    let created = admin
        .create("positions", json!({}))
        .await
        .status(201)
        .json();
    assert_eq!(created["note"], Json::Null);

    let rules = Rules::none()
        .read("position")
        .allow("create", "position", json!({}));
    let [user, key] = app.person_and_key("maker", rules).await;
    let made = user.create("positions", json!({})).await.status(201).json();
    assert_eq!(made["maker"], made["createdBy"]);
    let made = key.create("positions", json!({})).await.status(201).json();
    assert_eq!(made["maker"], Json::Null);
}

#[tokio::test]
async fn a_required_field_with_a_computed_default_need_not_be_sent() {
    let (_app, admin) = shop().await;
    let opened = json!({"name": "opened", "type": "dateTime", "required": true,
        "defaultExpression": "now"});
    let operation = json!([{"op": "addField", "object": "position", "field": opened}]);
    admin.change(operation).await.ok();
    let refused = admin.create("positions", json!({"quantity": "many"})).await;
    let body = refused.problem_at(422, "validation_failed", "/quantity");
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body}");

    let mutation = "mutation ($input: PositionInput!) { createPosition(input: $input) { position { opened } } }";
    let made = admin.graphql(mutation, json!({"input": {}})).await.data();
    assert!(
        made["createPosition"]["position"]["opened"].is_string(),
        "{made}"
    );

    let path = "objects/position/schema?for=create";
    let schema = admin.meta("GET", path, Json::Null).await.ok();
    let contract = admin.get_path("/openapi.json", "").await.ok();
    let create = &contract["components"]["schemas"]["PositionCreate"];
    for schema in [&schema, create] {
        assert_eq!(schema["properties"]["opened"]["type"], "string", "{schema}");
        assert_eq!(schema["required"], Json::Null, "{schema}");
    }

    // What the expression does not give must be sent.
    let deadline = json!({"name": "deadline", "type": "date", "required": true,
        "defaultExpression": "due"});
    let other = json!([{"op": "addObjectType", "name": "errand", "plural": "errands",
        "fields": [{"name": "due", "type": "date"}, deadline]}]);
    admin.change(other).await.ok();
    let refused = admin.create("errands", json!({})).await;
    refused.problem_at(422, "validation_failed", "/deadline");
    admin.make("errands", json!({"due": "2026-12-01"})).await;
}

#[tokio::test]
async fn links_keep_rules_and_have_formulas() {
    let (_app, admin) = shop().await;
    let operation = json!([{"op": "addRelationType", "name": "mention",
        "source": {"object": "deal", "name": "mentions"},
        "target": {"object": "position", "name": "mentionedIn"},
        "fields": [
            {"name": "weight", "type": "integer"},
            {"name": "double", "type": "formula", "result": "integer", "expression": "weight * 2"},
            {"name": "why", "type": "text", "requiredWhen": "weight > 5"},
        ],
        "validations": [{"name": "positive", "condition": "weight > 0",
            "message": "needs a weight", "fields": ["weight"]}]}]);
    admin.change(operation).await.ok();
    let deal = admin.make("deals", json!({})).await;
    let position = admin.make("positions", json!({})).await;
    let path = format!("deals/{deal}/mentions");
    let refused = admin.link(&path, &position, json!({"weight": -1})).await;
    let body = refused.problem(422, "validation_failed");
    let pointer = body["errors"][0]["pointer"].as_str().expect("a pointer");
    assert!(pointer.ends_with("weight"), "{body}");
    admin
        .link(&path, &position, json!({"weight": 6}))
        .await
        .problem(422, "validation_failed");
    let linked = admin
        .link(&path, &position, json!({"weight": 6, "why": "so"}))
        .await;
    linked.status(201);
    let found = admin
        .get_path(
            &format!("/v1/data/deals/{deal}"),
            "fields=mentions.link.double,mentions.link.weight",
        )
        .await
        .ok();
    assert_eq!(
        found["mentions"]["data"][0]["link"]["double"], 12,
        "{found}"
    );
}

#[tokio::test]
async fn what_makes_no_rule_is_refused() {
    let (_app, admin) = shop().await;
    for (rule, place) in [
        (
            json!({"name": "a", "condition": "quantity", "message": "m"}),
            "condition",
        ),
        (
            json!({"name": "a", "condition": "nothing > 1", "message": "m"}),
            "condition",
        ),
        (
            json!({"name": "a", "condition": "quantity > 1", "message": " "}),
            "message",
        ),
        (
            json!({"name": "A b", "condition": "quantity > 1", "message": "m"}),
            "name",
        ),
    ] {
        let operation = json!([{"op": "updateObjectType", "object": "position",
            "validations": [rule]}]);
        let refused = admin.change(operation).await;
        let place = format!("/operations/0/validations/0/{place}");
        refused.problem_at(422, "validation_failed", &place);
    }
    for (member, value) in [
        ("requiredWhen", json!("quantity")),
        ("requiredWhen", json!(7)),
        ("defaultExpression", json!("quantity")),
        ("defaultExpression", json!("deal.number")),
        ("defaultExpression", json!("note +")),
    ] {
        let mut operation = json!({"op": "updateField", "object": "position", "field": "note"});
        operation[member] = value;
        let refused = admin.change(json!([operation])).await;
        let place = format!("/operations/0/{member}");
        refused.problem_at(422, "validation_failed", &place);
    }
    with_rules(&admin, json!([bulk_rule()])).await;
    let refused = admin
        .change(json!([{"op": "deleteField", "object": "position", "field": "discount"}]))
        .await;
    let body = refused.problem_at(422, "validation_failed", "/operations/0");
    assert!(
        body.to_string()
            .contains("the validation rule bulk of position"),
        "{body}"
    );
}

#[tokio::test]
async fn a_dry_run_counts_what_does_not_keep_a_rule() {
    let (_app, admin) = shop().await;
    for quantity in [1, 20, 30] {
        admin.make("positions", json!({"quantity": quantity})).await;
    }
    let body = json!({"dryRun": true, "operations": [{"op": "updateObjectType",
        "object": "position", "validations": [bulk_rule()]}]});
    let report = admin.meta("POST", "changesets", body).await.ok();
    let violations = &report["operations"][0]["violations"];
    assert_eq!(violations["rows"], 2, "{report}");
    assert_eq!(violations["samples"].as_array().expect("samples").len(), 2);
    assert_eq!(report["applicable"], true);
}

#[tokio::test]
async fn a_rule_tells_only_of_fields_that_the_caller_may_know() {
    let (app, admin) = shop().await;
    with_rules(&admin, json!([bulk_rule()])).await;
    let operation = json!([{"op": "updateField", "object": "position", "field": "note",
        "requiredWhen": "quantity > 100"}]);
    admin.change(operation).await.ok();
    let fields = json!({"fields": ["quantity"]});
    let rules = Rules::none()
        .allow("read", "position", fields.clone())
        .allow("create", "position", fields.clone())
        .allow("update", "position", fields);
    for client in app.person_and_key("narrow", rules).await {
        let refused = client.create("positions", json!({"quantity": 11})).await;
        let body = refused.problem_at(422, "validation_failed", "/quantity");
        assert_eq!(
            body["errors"].as_array().expect("errors").len(),
            1,
            "{body}"
        );
        let refused = client.create("positions", json!({"quantity": 101})).await;
        assert!(!refused.text().contains("note"), "{refused}");
        refused.status(403);
        let described = client.meta("GET", "objects/position", Json::Null).await;
        for hidden in ["note", "discount", "validations", "requiredWhen"] {
            assert!(!described.text().contains(hidden), "{hidden}: {described}");
        }
    }
    // Whom the rules of access refuse is not told whether a validation rule would hold.
    let small = json!({"check": {"quantity": {"lte": 5}}});
    let rules = Rules::none()
        .read("position")
        .allow("create", "position", small);
    let client = app.role("small", rules).await;
    client
        .create("positions", json!({"quantity": 11}))
        .await
        .problem(403, "forbidden");
}
