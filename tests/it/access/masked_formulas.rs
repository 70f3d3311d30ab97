//! What is computed of a masked value is masked with it: a formula beside a mask would read out what that hides.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

fn formula(name: &str, expression: &str) -> Json {
    json!({"name": name, "type": "formula", "result": "text", "expression": expression})
}

fn rollup(name: &str, of: &str, function: &str, field: &str) -> Json {
    let mut input = json!({"name": name, "type": "rollup", "of": of, "function": function});
    if !field.is_empty() {
        input["field"] = json!(field);
    }
    input
}

/// Ventures, a standard type and a custom one, with fields that are computed of each other's.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let operations = json!([
        {"op": "addObjectType", "name": "deal", "plural": "deals", "title": "title", "fields": [
            {"name": "title", "type": "text"},
            {"name": "code", "type": "text"},
            {"name": "pieces", "type": "integer"},
            {"name": "organization", "type": "reference", "target": "organization", "inverse": {"name": "deals"}}]},
        {"op": "addField", "object": "deal", "field": formula("told", "\"code \" + code")},
        {"op": "addField", "object": "deal", "field": formula("again", "told + \"!\"")},
        {"op": "addField", "object": "deal", "field": formula("titled", "title + \"!\"")},
        {"op": "addField", "object": "deal", "field": formula("where", "organization.phone")},
        {"op": "addField", "object": "organization", "field": formula("call", "\"tel:\" + phone")},
        {"op": "addField", "object": "organization", "field": rollup("lastCode", "deals", "max", "code")},
        {"op": "addField", "object": "organization", "field": rollup("number", "deals", "count", "")},
        {"op": "addField", "object": "organization", "field": formula("coded", "lastCode + \"!\"")},
    ]);
    let admin = app.admin();
    admin.change(operations).await.ok();
    let acme = json!({"name": "Acme", "phone": "+31612345678"});
    let acme = admin.make("organizations", acme).await;
    let deal = json!({"title": "t", "code": "1234-5678", "organization": acme});
    admin.make("deals", deal).await;
    app
}

/// What a client reads of the one record there is, over both faces.
async fn read(client: &Client, plural: &str, fields: &[&str]) -> Json {
    let listed = client
        .list(plural, &format!("fields={}", fields.join(",")))
        .await
        .ok();
    let record = listed["data"][0].clone();
    let document = format!("{{ {plural} {{ nodes {{ {} }} }} }}", fields.join(" "));
    let data = client.graphql(&document, Json::Null).await.data();
    let node = &data[plural]["nodes"][0];
    let values: Vec<Json> = fields.iter().map(|field| record[field].clone()).collect();
    for field in fields {
        assert_eq!(node[field], record[field], "{field}");
    }
    json!(values)
}

const DEAL: [&str; 5] = ["code", "told", "again", "titled", "where"];
const ORGANIZATION: [&str; 5] = ["phone", "call", "lastCode", "coded", "number"];

#[tokio::test]
async fn what_is_computed_of_a_masked_field_is_masked() {
    let app = start().await;
    let rules = Rules::none()
        .allow("read", "deal", json!({"masks": {"code": "last4"}}))
        .allow("read", "organization", json!({"masks": {"phone": "last4"}}));
    for client in app.person_and_key("reader", rules).await {
        assert_eq!(
            read(&client, "deals", &DEAL).await,
            json!(["****5678", null, null, "t!", null])
        );
        assert_eq!(
            read(&client, "organizations", &ORGANIZATION).await,
            json!(["****5678", null, null, null, 1])
        );
        // Nor can it be asked for.
        for (plural, filter) in [
            ("deals", "told[startsWith]=code 1"),
            ("deals", "where[eq]=%2B31612345678"),
            ("organizations", "coded[contains]=1234"),
        ] {
            let filter = filter.replace("%2B", "+");
            assert_eq!(
                client.list(plural, &filter).await.ids().len(),
                0,
                "{filter}"
            );
        }
    }
}

#[tokio::test]
async fn a_mask_of_its_own_and_another_rule_show_more_of_what_is_computed() {
    let app = start().await;
    let masked = json!({"fields": ["title", "code", "told"], "masks": {"code": "last4"}});
    let told = json!({"fields": ["told"]});
    let rules = Rules::none()
        .allow("read", "deal", masked)
        .allow("read", "deal", told);
    app.add_role("both", &rules).await;
    let client = app.user(&["both"]).await;
    let fields = ["code", "told"];
    assert_eq!(
        read(&client, "deals", &fields).await,
        json!(["****5678", "code 1234-5678"])
    );
    // A role more never shows less, whatever it masks.
    let rules = Rules::none().read("organization");
    app.add_role("organizations", &rules).await;
    let rules = Rules::none().allow("read", "deal", json!({"masks": {"code": "null"}}));
    app.add_role("deals", &rules).await;
    let client = app.user(&["organizations", "deals"]).await;
    assert_eq!(
        read(&client, "organizations", &ORGANIZATION).await,
        json!([
            "+31612345678",
            "tel:+31612345678",
            "1234-5678",
            "1234-5678!",
            1
        ])
    );
    // In one role, a rule that shows the field in full frees what is computed of it elsewhere.
    let path = "roles/deals/rules";
    let rule = json!({"object": "organization", "action": "read", "fields": "*"});
    app.admin().meta("POST", path, rule).await.status(201);
    let client = app.user(&["deals"]).await;
    let masked = read(&client, "organizations", &ORGANIZATION).await;
    assert_eq!(
        masked,
        json!(["+31612345678", "tel:+31612345678", null, null, 1])
    );
    let rule = json!({"object": "deal", "action": "read", "fields": ["code"]});
    app.admin().meta("POST", path, rule).await.status(201);
    let shown = read(&client, "organizations", &ORGANIZATION).await;
    assert_eq!(shown[2], "1234-5678");
}

#[tokio::test]
async fn a_formula_that_comes_later_is_masked_from_the_beginning() {
    let app = start().await;
    let rules = Rules::none().allow("read", "deal", json!({"masks": {"code": "last4"}}));
    let client = app.role("reader", rules).await;
    let late =
        json!([{"op": "addField", "object": "deal", "field": formula("late", "code + \"?\"")}]);
    app.admin().change(late).await.ok();
    assert_eq!(read(&client, "deals", &["late"]).await, json!([null]));
    // The rule is shown as it was written.
    let rules = app
        .admin()
        .meta("GET", "roles/reader/rules", Json::Null)
        .await
        .ok();
    assert_eq!(rules["data"][0]["masks"], json!({"code": "last4"}));
}

#[tokio::test]
async fn a_rule_that_shows_a_field_on_some_records_frees_nothing_on_others() {
    let app = start().await;
    let above = formula("above", "parent.phone");
    let parent = json!({"name": "parent", "type": "reference", "target": "organization", "inverse": {"name": "parts"}});
    let above = json!([
        {"op": "addField", "object": "organization", "field": parent},
        {"op": "addField", "object": "organization", "field": above},
    ]);
    app.admin().change(above).await.ok();
    let acme = app.admin().list("organizations", "fields=id").await.ids();
    let child =
        json!({"name": "Below", "city": "Utrecht", "phone": "+31687654321", "parent": acme[0]});
    app.admin().make("organizations", child).await;
    let own = json!({"fields": "*", "where": {"city": {"eq": "Utrecht"}}});
    let rules = Rules::none()
        .read("deal")
        .allow("read", "organization", json!({"masks": {"phone": "last4"}}))
        .allow("read", "organization", own);
    for client in app.person_and_key("reader", rules).await {
        assert_eq!(read(&client, "deals", &["where"]).await, json!([null]));
        let fields = "fields=phone,call,above&sort=name";
        let found = client.list("organizations", fields).await.ok();
        let found = &found["data"];
        assert_eq!(found[0]["phone"], "****5678");
        assert_eq!(found[0]["call"], Json::Null);
        assert_eq!(found[1]["call"], "tel:+31687654321");
        assert_eq!(found[1]["above"], Json::Null);
    }
}
