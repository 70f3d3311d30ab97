//! Display names: what people read of a record, made of what the caller may read of it.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

/// Tickets of a customer, who has a keeper; a ticket is named by all three.
async fn start() -> (TestApp, String) {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "ticket", "plural": "tickets", "title": "number",
         "displayTemplate": "{number} – {customer.name} ({customer.parent.name})", "fields": [
            {"name": "number", "type": "text"},
            {"name": "secret", "type": "text"},
            {"name": "customer", "type": "reference", "target": "account", "inverse": {"name": "tickets"}}]},
    ]);
    let account = json!({"op": "addObjectType", "name": "account", "plural": "accounts", "title": "name", "fields": [
        {"name": "name", "type": "text"},
        {"name": "city", "type": "text"},
        {"name": "parent", "type": "reference", "target": "account", "inverse": {"name": "parts"}}]});
    let mut all = vec![account];
    all.extend(operations.as_array().into_iter().flatten().cloned());
    admin.change(Json::Array(all)).await.ok();
    let holding = admin
        .make("accounts", json!({"name": "Holding", "city": "Zeist"}))
        .await;
    let acme = json!({"name": "Acme", "city": "Utrecht", "parent": holding});
    let acme = admin.make("accounts", acme).await;
    let ticket = json!({"number": "7", "secret": "s", "customer": acme});
    let ticket = admin.make("tickets", ticket).await;
    (app, ticket)
}

async fn name_of(client: &Client, ticket: &str) -> Json {
    let path = format!("/v1/data/tickets/{ticket}");
    let rest = client.get_path(&path, "fields=displayName").await.ok();
    let document = "query($id: ID!) { ticket(id: $id) { displayName called: displayName } }";
    let graphql = client.graphql(document, json!({"id": ticket})).await.data();
    assert_eq!(graphql["ticket"]["displayName"], rest["displayName"]);
    assert_eq!(graphql["ticket"]["called"], rest["displayName"]);
    rest["displayName"].clone()
}

#[tokio::test]
async fn a_record_is_named_by_the_template_of_its_type() {
    let (app, ticket) = start().await;
    let admin = app.admin();
    assert_eq!(name_of(&admin, &ticket).await, "7 – Acme (Holding)");
    let shown = admin.get("tickets", &ticket).await.ok();
    assert!(
        shown.get("displayName").is_none(),
        "on request only: {shown}"
    );
    // Through references and collections, in lists, and as the answer to a write.
    let below = "fields=displayName,customer.displayName,customer.parent.displayName";
    let list = admin.list("tickets", below).await.ok()["data"][0].clone();
    assert_eq!(list["customer"]["displayName"], "Acme");
    assert_eq!(list["customer"]["parent"]["displayName"], "Holding");
    let select = json!({"select": {"tickets": {"select": ["displayName"]}}, "filter": {"name": {"eq": "Acme"}}});
    let found = admin.query("accounts", &select).await.ok();
    assert_eq!(
        found["data"][0]["tickets"]["data"][0]["displayName"],
        "7 – Acme (Holding)"
    );
    let document = "mutation { createTicket(input: {number: \"8\"}) { ticket { displayName } } }";
    let made = admin.graphql(document, Json::Null).await;
    assert!(made.text().contains("\"8\""), "{}", made.text());
    // A record without any of it has no name.
    let empty = admin.make("tickets", json!({})).await;
    assert_eq!(name_of(&admin, &empty).await, Json::Null);
    for wrong in [
        "fields=displayName.x",
        "sort=displayName",
        "displayName[eq]=7",
    ] {
        admin
            .list("tickets", wrong)
            .await
            .problem(400, "unknown_field");
    }
}

#[tokio::test]
async fn a_template_holds_what_it_means() {
    let (app, ticket) = start().await;
    let admin = app.admin();
    let rename = json!({"name": "code"});
    admin
        .meta("PATCH", "objects/ticket/fields/number", rename)
        .await
        .ok();
    assert_eq!(name_of(&admin, &ticket).await, "7 – Acme (Holding)");
    let described = admin.meta("GET", "objects/ticket", Json::Null).await.ok();
    let text = "{code} – {customer.name} ({customer.parent.name})";
    assert_eq!(described["displayTemplate"], text);
    let fields = json!(["code", "customer.name", "customer.parent.name"]);
    assert_eq!(described["displayFields"], fields);
    // What a deletion takes away is told before, and left out after.
    let path = "objects/account/fields/parent";
    let dry = admin
        .meta("DELETE", &format!("{path}?dryRun=true"), Json::Null)
        .await
        .ok();
    let dependants = dry["operations"][0]["dependants"].to_string();
    assert!(
        dependants.contains("displayTemplate") && dependants.contains("ticket"),
        "{dependants}"
    );
    admin.meta("DELETE", path, Json::Null).await.status(204);
    assert_eq!(name_of(&admin, &ticket).await, "7 – Acme");
    let described = admin.meta("GET", "objects/ticket", Json::Null).await.ok();
    assert_eq!(described["displayTemplate"], "{code} – {customer.name}");
    // Without a template the title is the name.
    let none = json!({"displayTemplate": null});
    admin.meta("PATCH", "objects/ticket", none).await.ok();
    assert_eq!(name_of(&admin, &ticket).await, "7");
    for (wrong, says) in [
        ("{nope}", "nope"),
        ("no field", "names no field"),
        ("{customer.nope}", "nope"),
        ("{code", "opening brace"),
        ("{now}", "now"),
    ] {
        let template = json!({"displayTemplate": wrong});
        let refused = admin.meta("PATCH", "objects/ticket", template).await;
        let body = refused.problem_at(422, "validation_failed", "/displayTemplate");
        assert!(body.to_string().contains(says), "{wrong}: {body}");
    }
    let field = json!({"name": "displayName", "type": "text"});
    admin
        .meta("POST", "objects/ticket/fields", field)
        .await
        .problem_at(422, "validation_failed", "/name");
}

#[tokio::test]
async fn a_name_follows_two_references_at_most() {
    let (app, _) = start().await;
    let far = json!({"displayTemplate": "{customer.parent.parent.name}"});
    let refused = app.admin().meta("PATCH", "objects/ticket", far).await;
    refused.problem_at(422, "validation_failed", "/displayTemplate");
}

#[tokio::test]
async fn what_a_caller_may_not_read_is_no_part_of_the_name() {
    let (app, ticket) = start().await;
    let admin = app.admin();
    let utrecht = json!({"where": {"city": {"eq": "Utrecht"}}});
    let cases = [
        (
            "all",
            json!({}),
            Some(json!({})),
            json!("7 – Acme (Holding)"),
        ),
        (
            "utrecht",
            json!({}),
            Some(utrecht.clone()),
            json!("7 – Acme"),
        ),
        (
            "noName",
            json!({}),
            Some(json!({"fields": ["city", "parent"]})),
            json!("7"),
        ),
        (
            "noParent",
            json!({}),
            Some(json!({"fields": ["name", "city"]})),
            json!("7 – Acme"),
        ),
        ("noAccount", json!({}), None, json!("7")),
        (
            "noNumber",
            json!({"fields": ["customer"]}),
            Some(json!({})),
            json!("Acme (Holding)"),
        ),
        (
            "nothing",
            json!({"fields": ["secret"]}),
            Some(json!({})),
            Json::Null,
        ),
    ];
    for (role, tickets, accounts, expected) in cases {
        let mut rules = Rules::none().allow("read", "ticket", tickets);
        if let Some(accounts) = accounts {
            rules = rules.allow("read", "account", accounts);
        }
        let hidden = "Holding";
        for client in app.person_and_key(role, rules).await {
            assert_eq!(name_of(&client, &ticket).await, expected, "{role}");
            let described = client.meta("GET", "objects/ticket", Json::Null).await.ok();
            let sees_all = expected == "7 – Acme (Holding)";
            let of_rows = role == "utrecht";
            assert_eq!(
                described["displayTemplate"].is_string(),
                sees_all || of_rows,
                "{role}"
            );
            if role == "noAccount" {
                assert_eq!(described["displayFields"], json!(["number"]));
            }
            if expected.as_str().is_none_or(|name| !name.contains(hidden)) {
                let answer = client
                    .get_path(&format!("/v1/data/tickets/{ticket}"), "fields=displayName")
                    .await;
                assert!(!answer.text().contains(hidden), "{role}");
            }
        }
    }
    // What is hidden must not show by being changed either.
    let rules = Rules::none().allow("read", "ticket", json!({"fields": ["number"]}));
    let [person, _] = app.person_and_key("narrow", rules).await;
    let before = name_of(&person, &ticket).await;
    admin
        .patch("tickets", &ticket, json!({"customer": null}))
        .await
        .ok();
    assert_eq!(name_of(&person, &ticket).await, before);
}

#[tokio::test]
async fn standard_records_have_names() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let person = json!({"firstName": "Ada", "lastName": "Lovelace"});
    admin.make("people", person).await;
    let people = admin.list("people", "fields=displayName").await.ok();
    assert_eq!(people["data"][0]["displayName"], "Ada Lovelace");
    admin.make("organizations", json!({"name": "Acme"})).await;
    let document = "{ organizations { nodes { displayName } } }";
    let acme = admin.graphql(document, Json::Null).await.data();
    assert_eq!(acme["organizations"]["nodes"][0]["displayName"], "Acme");
    let order = admin.meta("GET", "objects/order", Json::Null).await.ok();
    assert_eq!(order["displayTemplate"], "{number} – {customer.name}");
    // The name of a type whose title is a reference is that of what it points at.
    let operations = json!([{"op": "addObjectType", "name": "badge", "plural": "badges", "title": "holder", "fields": [
        {"name": "holder", "type": "reference", "target": "organization", "inverse": {"name": "badges"}}]}]);
    admin.change(operations).await.ok();
    let acme = admin.list("organizations", "").await.ids()[0].clone();
    admin.make("badges", json!({"holder": acme})).await;
    let badges = admin.list("badges", "fields=displayName").await.ok();
    assert_eq!(badges["data"][0]["displayName"], "Acme");
}

#[tokio::test]
async fn a_title_reads_as_one_text() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let rows = [
        (json!({"type": "text"}), true),
        (json!({"type": "longText"}), true),
        (json!({"type": "email"}), true),
        (json!({"type": "phone"}), true),
        (json!({"type": "url"}), true),
        (json!({"type": "country"}), true),
        (json!({"type": "integer"}), true),
        (json!({"type": "decimal"}), true),
        (json!({"type": "date"}), true),
        (json!({"type": "dateTime"}), true),
        (json!({"type": "money"}), true),
        (json!({"type": "address"}), true),
        (json!({"type": "personName"}), true),
        (json!({"type": "select", "options": [{"name": "a"}]}), true),
        (json!({"type": "autoNumber", "format": "N-{0}"}), true),
        (
            json!({"type": "formula", "result": "text", "expression": "\"n\""}),
            true,
        ),
        (
            json!({"type": "lookup", "via": "owner", "field": "lastName"}),
            true,
        ),
        (
            json!({"type": "reference", "target": "person", "inverse": {"name": "named"}}),
            true,
        ),
        (json!({"type": "reference", "any": true}), false),
        (
            json!({"type": "formula", "result": "boolean", "expression": "true"}),
            false,
        ),
        (json!({"type": "json"}), false),
        (json!({"type": "geoPoint"}), false),
        (json!({"type": "secret"}), false),
        (json!({"type": "user"}), false),
        (json!({"type": "uuid"}), false),
        (json!({"type": "boolean"}), false),
        (json!({"type": "stringList"}), false),
        (
            json!({"type": "multiSelect", "options": [{"name": "a"}]}),
            false,
        ),
    ];
    for (at, (mut named, reads)) in rows.into_iter().enumerate() {
        named["name"] = json!("named");
        let owner = json!({"name": "owner", "type": "reference", "target": "person",
            "inverse": {"name": format!("owned{at}")}});
        if let Some(inverse) = named.get_mut("inverse") {
            inverse["name"] = json!(format!("named{at}"));
        }
        let operations = json!([
            {"op": "addObjectType", "name": format!("thing{at}"), "plural": format!("things{at}"),
             "fields": [owner, named]},
            {"op": "updateObjectType", "object": format!("thing{at}"), "title": "named"},
        ]);
        let changed = admin.change(operations).await;
        if reads {
            changed.ok();
        } else {
            let body = changed.problem_at(422, "validation_failed", "/operations/1/title");
            assert!(body.to_string().contains("read as one text"), "{body}");
        }
    }
    let operation = json!([{"op": "addObjectType", "name": "spot", "plural": "spots", "title": "place",
        "fields": [{"name": "place", "type": "geoPoint"}]}]);
    let refused = admin.change(operation).await;
    refused.problem_at(422, "validation_failed", "/operations/0/title");
    let path = "objects/organization";
    let extra = json!({"name": "extra", "type": "json"});
    admin
        .meta("POST", "objects/organization/fields", extra)
        .await
        .status(201);
    let refused = admin.meta("PATCH", path, json!({"title": "extra"})).await;
    refused.problem_at(422, "validation_failed", "/title");
}
