//! Formulas: exact, kept right by every write of their record, and never a way to see what is hidden.

use serde_json::{Value as Json, json};

use super::{add_field, formula, shop};
use crate::changes::{ended, jobs_of};
use crate::support::{Rules, TestApp};

const REVENUE: &str = "price.amount * quantity * (1 - discount)";

fn revenue() -> Json {
    let mut field = formula("revenue", "decimal", REVENUE);
    field["precision"] = json!(18);
    field["scale"] = json!(4);
    field
}

#[tokio::test]
async fn a_formula_follows_its_inputs() {
    let (_app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    admin
        .change(add_field(
            "position",
            formula("gross", "money", "price * quantity * 1.19"),
        ))
        .await
        .ok();
    admin
        .change(add_field(
            "position",
            formula("isLarge", "boolean", "revenue > 100"),
        ))
        .await
        .ok();
    let values = json!({"price": {"amount": "14.4000", "currency": "EUR"}, "quantity": 10,
        "discount": "0.15"});
    let created = admin.create("positions", values).await.status(201).json();
    assert_eq!(created["revenue"], "122.4000", "{created}");
    assert_eq!(
        created["gross"],
        json!({"amount": "171.3600", "currency": "EUR"})
    );
    assert_eq!(created["isLarge"], true);
    assert_eq!(created["version"], 1);
    let id = created["id"].as_str().expect("an id");

    let patched = admin
        .patch("positions", id, json!({"quantity": 3}))
        .await
        .ok();
    assert_eq!(patched["revenue"], "36.7200");
    assert_eq!(patched["isLarge"], false);
    assert_eq!(patched["version"], 2);
    let patched = admin
        .patch("positions", id, json!({"discount": null}))
        .await
        .ok();
    assert_eq!(patched["revenue"], Json::Null);
    assert_eq!(patched["isLarge"], Json::Null);

    for (parameters, expected) in [
        ("gross.amount[gt]=51", 1),
        ("gross.amount[gt]=52", 0),
        ("revenue[isNull]=true", 1),
        ("gross.currency[eq]=EUR&sort=-revenue,gross.amount", 1),
    ] {
        let found = admin.list("positions", parameters).await.ids();
        assert_eq!(found.len(), expected, "{parameters}");
    }
}

#[tokio::test]
async fn a_formula_reads_through_references() {
    let (_app, admin) = shop().await;
    let expression = "deal.number + \"/\" + note";
    admin
        .change(add_field("position", formula("code", "text", expression)))
        .await
        .ok();
    let one = admin.make("deals", json!({"number": "A"})).await;
    let two = admin.make("deals", json!({"number": "B"})).await;
    let values = json!({"deal": one, "note": "x"});
    let created = admin.create("positions", values).await.status(201).json();
    assert_eq!(created["code"], "A/x");
    let id = created["id"].as_str().expect("an id");
    let patched = admin
        .patch("positions", id, json!({"deal": two}))
        .await
        .ok();
    assert_eq!(patched["code"], "B/x");
    let patched = admin
        .patch("positions", id, json!({"deal": null}))
        .await
        .ok();
    assert_eq!(patched["code"], Json::Null);

    // While it is away its deal changes; it comes back with the new value.
    admin
        .patch("positions", id, json!({"deal": two}))
        .await
        .ok();
    admin.delete("positions", id).await.ok();
    admin
        .patch("deals", &two, json!({"number": "C"}))
        .await
        .ok();
    let restored = admin.restore("positions", id).await.ok();
    assert_eq!(restored["code"], "C/x");
}

#[tokio::test]
async fn graphql_shows_a_formula_in_the_type_of_its_result() {
    let (_app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    admin
        .change(add_field(
            "position",
            formula("gross", "money", "price * quantity"),
        ))
        .await
        .ok();
    let mutation = "mutation ($input: PositionInput!) { createPosition(input: $input) { \
        position { revenue gross { amount currency } } } }";
    let introspection = admin
        .graphql(
            "{ __type(name: \"PositionInput\") { inputFields { name } } }",
            json!({}),
        )
        .await
        .data();
    assert!(
        !introspection.to_string().contains("revenue"),
        "{introspection}"
    );
    let input = json!({"price": {"amount": "2.5", "currency": "EUR"}, "quantity": 2,
        "discount": "0"});
    let made = admin
        .graphql(mutation, json!({"input": input}))
        .await
        .data();
    assert_eq!(made["createPosition"]["position"]["revenue"], "5.0000");
    let query = "{ positions(filter: {revenue: {gte: \"5\"}, gross: {amount: {eq: \"5\"}}}) \
        { nodes { revenue gross { amount currency } } } }";
    let found = admin.graphql(query, json!({})).await.data();
    assert_eq!(
        found["positions"]["nodes"],
        json!([{"revenue": "5.0000", "gross": {"amount": "5.0000", "currency": "EUR"}}])
    );
}

#[tokio::test]
async fn nobody_writes_a_formula() {
    let (_app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    let sent = admin.create("positions", json!({"revenue": "1"})).await;
    sent.problem_at(422, "validation_failed", "/revenue");
    let id = admin.make("positions", json!({})).await;
    let sent = admin
        .patch("positions", &id, json!({"revenue": null}))
        .await;
    sent.problem_at(422, "validation_failed", "/revenue");
}

#[tokio::test]
async fn records_that_are_there_are_filled() {
    let (_app, admin) = shop().await;
    for quantity in 1..=3 {
        let values = json!({"price": {"amount": "2", "currency": "EUR"}, "quantity": quantity,
            "discount": "0"});
        admin.make("positions", values).await;
    }
    let report = admin.change(add_field("position", revenue())).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], 3, "{report}");
    let found = admin.list("positions", "sort=quantity").await;
    assert_eq!(found.column("revenue"), ["2.0000", "4.0000", "6.0000"]);
    assert_eq!(found.column("version"), ["1", "1", "1"]);

    let change = json!([{"op": "updateField", "object": "position", "field": "revenue",
        "expression": "price.amount * 10"}]);
    admin.change(change).await.ok();
    let found = admin.list("positions", "sort=quantity").await;
    assert_eq!(found.column("revenue"), ["20.0000", "20.0000", "20.0000"]);
    assert_eq!(found.column("version"), ["2", "2", "2"]);
}

#[tokio::test]
async fn a_rename_keeps_a_formula() {
    let (_app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    let change = json!([{"op": "updateField", "object": "position", "field": "quantity",
        "name": "pieces"}]);
    admin.change(change).await.ok();
    let described = admin.meta("GET", "objects/position", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields
        .iter()
        .find(|field| field["name"] == "revenue")
        .expect("the formula");
    assert_eq!(
        field["expression"],
        "price.amount * pieces * (1 - discount)"
    );
    assert_eq!(
        field["result"],
        json!({"type": "decimal", "precision": 18, "scale": 4})
    );
    let values = json!({"price": {"amount": "2", "currency": "EUR"}, "pieces": 2, "discount": "0"});
    let created = admin.create("positions", values).await.status(201).json();
    assert_eq!(created["revenue"], "4.0000");
}

#[tokio::test]
async fn what_makes_no_formula_is_refused() {
    let (_app, admin) = shop().await;
    let deep = format!("{}1{}", "(".repeat(2_000), ")".repeat(2_000));
    let long = "quantity+".repeat(5_000) + "1";
    for (expression, result) in [
        ("nothing + 1", "integer"),
        ("quantity + ", "integer"),
        ("quantity", "text"),
        ("note", "decimal"),
        ("version + 1", "integer"),
        ("now", "dateTime"),
        ("deal", "text"),
        ("deal.deal.number", "text"),
        ("revenue", "decimal"),
        (deep.as_str(), "integer"),
        (long.as_str(), "integer"),
        ("[1].map(x, x)", "integer"),
        ("'", "text"),
    ] {
        let field = formula("made", result, expression);
        let refused = admin.change(add_field("position", field)).await;
        refused.problem_at(422, "validation_failed", "/operations/0/field/expression");
    }
    for (member, value, place) in [
        ("result", json!("json"), "result"),
        ("result", json!(7), "result"),
        ("required", json!(true), "required"),
        ("default", json!(1), "default"),
        ("unique", json!(true), "unique"),
        ("expression", json!(7), "expression"),
    ] {
        let mut field = formula("made", "integer", "quantity");
        field[member] = value;
        let refused = admin.change(add_field("position", field)).await;
        let place = format!("/operations/0/field/{place}");
        refused.problem_at(422, "validation_failed", &place);
    }
    let mut field = formula("made", "integer", "quantity");
    field["options"] = json!([]);
    let refused = admin.change(add_field("position", field)).await;
    refused.problem_at(400, "unknown_field", "/operations/0/field/options");
}

#[tokio::test]
async fn a_cycle_is_refused_and_named() {
    let (_app, admin) = shop().await;
    admin
        .change(add_field("position", formula("one", "integer", "quantity")))
        .await
        .ok();
    admin
        .change(add_field("position", formula("two", "integer", "one + 1")))
        .await
        .ok();
    let change = json!([{"op": "updateField", "object": "position", "field": "one",
        "expression": "two + 1"}]);
    let refused = admin.change(change).await;
    let refused = refused.problem_at(422, "validation_failed", "/operations/0/expression");
    let message = refused["errors"][0]["message"].as_str().expect("a message");
    assert!(
        message.contains("position.one → position.two → position.one"),
        "{message}"
    );
    let change = json!([{"op": "updateField", "object": "position", "field": "one",
        "expression": "one + 1"}]);
    admin.change(change).await.problem(422, "validation_failed");
}

#[tokio::test]
async fn what_a_formula_reads_stays() {
    let (_app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    admin
        .change(add_field(
            "position",
            formula("code", "text", "deal.number"),
        ))
        .await
        .ok();
    for (operation, name) in [
        (
            json!({"op": "deleteField", "object": "position", "field": "discount"}),
            "position.revenue",
        ),
        (
            json!({"op": "deleteField", "object": "position", "field": "deal"}),
            "position.code",
        ),
        (
            json!({"op": "deleteField", "object": "deal", "field": "number"}),
            "position.code",
        ),
        (
            json!({"op": "deleteObjectType", "object": "deal"}),
            "position.code",
        ),
    ] {
        let refused = admin.change(json!([operation])).await;
        let refused = refused.problem_at(422, "validation_failed", "/operations/0");
        assert!(refused.to_string().contains(name), "{refused}");
    }
    let both = json!([
        {"op": "deleteField", "object": "position", "field": "discount"},
        {"op": "deleteField", "object": "position", "field": "revenue"},
    ]);
    admin.change(both).await.ok();
    admin
        .change(json!([{"op": "deleteObjectType", "object": "position"}]))
        .await
        .ok();
}

#[tokio::test]
async fn a_formula_is_a_field_of_rules_like_any_other() {
    let (app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    let values =
        json!({"price": {"amount": "2", "currency": "EUR"}, "quantity": 2, "discount": "0"});
    let id = admin.make("positions", values).await;
    let rules = Rules::none()
        .allow("read", "position", json!({"fields": ["note", "quantity"]}))
        .allow(
            "update",
            "position",
            json!({"fields": ["note", "quantity"]}),
        );
    for client in app.person_and_key("narrow", rules).await {
        for parameters in ["revenue[gt]=1", "sort=revenue", "fields=revenue"] {
            client
                .list("positions", parameters)
                .await
                .problem(400, "unknown_field");
        }
        let hidden = client
            .patch("positions", &id, json!({"revenue": "1"}))
            .await;
        let unknown = client
            .patch("positions", &id, json!({"revenux": "1"}))
            .await;
        assert_eq!(hidden.code(), unknown.code());
        let patched = client
            .patch("positions", &id, json!({"quantity": 5}))
            .await
            .ok();
        assert!(patched.get("revenue").is_none(), "{patched}");
        let described = client.meta("GET", "objects/position", Json::Null).await;
        assert!(!described.text().contains("revenue"), "{described}");
    }
    assert_eq!(admin.get("positions", &id).await.ok()["revenue"], "10.0000");

    // Whoever sees the result but may not define fields is not told what it is computed of.
    let rules = Rules::none().allow("read", "position", json!({"fields": ["revenue"]}));
    for client in app.person_and_key("result", rules).await {
        assert_eq!(
            client.get("positions", &id).await.ok()["revenue"],
            "10.0000"
        );
        let described = client
            .meta("GET", "objects/position", Json::Null)
            .await
            .text();
        assert!(
            described.contains("revenue") && !described.contains("discount"),
            "{described}"
        );
    }
}

#[tokio::test]
async fn a_check_looks_at_the_formula_of_the_record_afterwards() {
    let (app, admin) = shop().await;
    admin.change(add_field("position", revenue())).await.ok();
    let small = json!({"check": {"revenue": {"lte": "100"}}});
    let rules = Rules::none()
        .read("position")
        .allow("create", "position", small);
    let client = app.role("careful", rules).await;
    let values = |quantity: i64| json!({"price": {"amount": "2", "currency": "EUR"}, "quantity": quantity, "discount": "0"});
    client.create("positions", values(50)).await.status(201);
    client
        .create("positions", values(51))
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn revenue_of_northwind_lines_is_exact() {
    let demo = TestApp::start_demo().await;
    let admin = demo.app.admin();
    let field = json!({"name": "lineRevenue", "type": "formula", "result": "decimal",
        "precision": 18, "scale": 6, "expression": "unitPrice.amount * quantity * (1 - discount)"});
    let report = admin.change(add_field("orderLine", field)).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], 2155, "{report}");
    ended(&admin, &jobs_of(&report)[0]).await;
    let lines = admin
        .list(
            "orderLines",
            "fields=unitPrice,quantity,discount,lineRevenue&limit=200",
        )
        .await
        .ok();
    let scaled = |text: &Json, scale: u32| -> i128 {
        let text = text.as_str().expect("a decimal");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction:0<width$}", width = scale as usize);
        digits.parse().expect("digits")
    };
    for line in lines["data"].as_array().expect("lines") {
        let price = scaled(&line["unitPrice"]["amount"], 4);
        let quantity = scaled(&line["quantity"], 4);
        let rest = 1_000_000 - scaled(&line["discount"], 6);
        let exact = price * quantity * rest / 100_000_000;
        assert_eq!(scaled(&line["lineRevenue"], 6), exact, "{line}");
    }
}
