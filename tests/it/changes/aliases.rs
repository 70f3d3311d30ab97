//! Old names after a rename: they answer wherever the new ones do, until their end, and for nobody who
//! could not ask by the new ones.

use serde_json::{Value as Json, json};
use time::Duration;

use super::thing;
use crate::support::{Client, Rules, TestApp};

async fn rename_field(admin: &Client, more: Json) -> Json {
    let mut operation =
        json!({"op": "updateField", "object": "thing", "field": "size", "name": "length"});
    for (key, value) in more.as_object().expect("members") {
        operation[key] = value.clone();
    }
    admin.change(json!([operation])).await.ok()
}

async fn start() -> TestApp {
    let app = TestApp::start().await;
    let fields = json!([{"name": "size", "type": "integer", "required": true}, {"name": "code", "type": "text"},
        {"name": "owner", "type": "reference", "target": "organization",
         "inverse": {"name": "things", "label": "Things"}}]);
    app.admin().change(json!([thing(&fields)])).await.ok();
    app
}

#[tokio::test]
async fn a_field_answers_by_its_old_name() {
    let app = start().await;
    let admin = app.admin();
    let report = rename_field(&admin, json!({})).await;
    let dependants = report["operations"][0]["dependants"]
        .as_array()
        .expect("dependants");
    assert!(
        dependants
            .iter()
            .any(|it| it["kind"] == "alias" && it["name"] == "size"),
        "{report}"
    );

    let small = admin.make("things", json!({"size": 1, "code": "a"})).await;
    let large = admin
        .make("things", json!({"length": 9, "code": "b"}))
        .await;
    admin.patch("things", &small, json!({"size": 2})).await.ok();
    let both = admin
        .patch("things", &small, json!({"size": 2, "length": 3}))
        .await;
    both.problem_at(422, "validation_failed", "/length");

    let found = admin
        .list("things", "size[lt]=5&sort=-size&fields=size")
        .await
        .ok();
    assert_eq!(found["data"], json!([{"id": small, "length": 2}]));
    let filter = json!({"not": {"size": {"eq": 2}}});
    let found = admin
        .filter("things", &filter, "fields=length&sort=size")
        .await
        .ok();
    assert_eq!(found["data"], json!([{"id": large, "length": 9}]));

    let query =
        r"{ things(filter: {size: {gte: 1}}, sort: [{size: DESC}]) { nodes { size length } } }";
    let answer = admin.graphql(query, json!({})).await.data();
    assert_eq!(
        answer["things"]["nodes"][0],
        json!({"size": 9, "length": 9})
    );
    let mutation = r"mutation { createThing(input: {size: 4}) { thing { size } } }";
    let answer = admin.graphql(mutation, json!({})).await.data();
    assert_eq!(answer["createThing"]["thing"], json!({"size": 4}));

    let introspection = r#"{ __type(name: "Thing") { fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }"#;
    let answer = admin.graphql(introspection, json!({})).await.data();
    let fields = answer["__type"]["fields"]
        .as_array()
        .expect("fields")
        .clone();
    let old = fields
        .iter()
        .find(|field| field["name"] == "size")
        .expect("the old name");
    assert_eq!(old["isDeprecated"], true);
    let reason = old["deprecationReason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("renamed to length, gone after 2"),
        "{reason}"
    );

    let described = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields
        .iter()
        .find(|field| field["name"] == "length")
        .expect("the field");
    assert_eq!(field["aliases"][0]["name"], "size");
}

#[tokio::test]
async fn an_alias_ends_by_the_clock() {
    let app = start().await;
    let admin = app.admin();
    rename_field(&admin, json!({})).await;
    admin.make("things", json!({"size": 1})).await;
    let query = "{ things { nodes { size } } }";
    admin.graphql(query, json!({})).await.data();

    app.advance(Duration::days(89));
    let admin = app.admin_anew().await;
    admin.make("things", json!({"size": 1})).await;
    app.advance(Duration::days(2));
    let admin = app.admin_anew().await;
    let refused = admin.create("things", json!({"size": 1})).await;
    refused.problem_at(400, "unknown_field", "/size");
    admin.list("things", "fields=size").await.status(400);
    assert!(admin.graphql(query, json!({})).await.json()["errors"].is_array());
    let described = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    assert!(
        !described.to_string().contains("\"aliases\""),
        "{described}"
    );
    // The name is free again.
    let field = json!({"name": "size", "type": "text"});
    let again = json!([{"op": "addField", "object": "thing", "field": field}]);
    admin.change(again).await.ok();
    admin
        .make("things", json!({"length": 1, "size": "XL"}))
        .await;
}

#[tokio::test]
async fn the_sender_says_how_long_an_alias_lives() {
    let app = start().await;
    let admin = app.admin();
    for bad in ["2020-01-01", "soon", "9999-01-01"] {
        let operation = json!([{"op": "updateField", "object": "thing", "field": "size",
            "name": "length", "aliasUntil": bad}]);
        let refused = admin.change(operation).await;
        refused.problem_at(422, "validation_failed", "/operations/0/aliasUntil");
    }
    rename_field(&admin, json!({"aliasUntil": null})).await;
    admin.create("things", json!({"size": 1})).await.status(400);
    admin.make("things", json!({"length": 1})).await;
    let operation = json!([{"op": "updateField", "object": "thing", "field": "length", "name": "width", "aliasUntil": "none"}]);
    admin.change(operation).await.ok();
    admin
        .create("things", json!({"length": 1}))
        .await
        .status(400);
}

#[tokio::test]
async fn nobody_takes_a_live_alias() {
    let app = start().await;
    let admin = app.admin();
    rename_field(&admin, json!({})).await;
    let field = json!({"name": "size", "type": "text"});
    let add = json!([{"op": "addField", "object": "thing", "field": field}]);
    let refused = admin.change(add.clone()).await;
    let body = refused.problem_at(422, "validation_failed", "/operations/0/field/name");
    assert!(body.to_string().contains("dropAlias"), "{body}");
    let named = json!([{"op": "updateField", "object": "thing", "field": "code", "name": "size"}]);
    admin.change(named).await.status(422);
    let unknown =
        json!([{"op": "dropAlias", "object": "thing", "field": "length", "alias": "other"}]);
    admin
        .change(unknown)
        .await
        .problem_at(422, "validation_failed", "/operations/0/alias");

    // Changesets know the alias too.
    let drop = json!([{"op": "dropAlias", "object": "thing", "field": "size", "alias": "size"}]);
    admin.change(drop).await.ok();
    admin.change(add).await.ok();

    // Renaming back frees the name as well, and turns the other one into the alias.
    let there = json!([{"op": "updateField", "object": "thing", "field": "code", "name": "label"},
        {"op": "updateField", "object": "thing", "field": "label", "name": "code"}]);
    admin.change(there).await.ok();
    let id = admin
        .make("things", json!({"length": 1, "label": "x"}))
        .await;
    assert_eq!(admin.get("things", &id).await.ok()["code"], "x");
}

#[tokio::test]
async fn an_object_type_answers_by_its_old_names() {
    let app = start().await;
    let admin = app.admin();
    let rename =
        json!([{"op": "updateObjectType", "object": "thing", "name": "item", "plural": "items"}]);
    admin.change(rename).await.ok();
    let id = admin.make("things", json!({"size": 1, "code": "a"})).await;
    assert_eq!(
        admin.get("things", &id).await.ok(),
        admin.get("items", &id).await.ok()
    );
    admin.patch("things", &id, json!({"size": 2})).await.ok();
    let described = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    assert_eq!(
        (&described["name"], &described["plural"]),
        (&json!("item"), &json!("items"))
    );
    assert_eq!(described["aliases"][0]["name"], "thing");
    assert_eq!(described["pluralAliases"][0]["name"], "things");

    let document = r"
        query($id: ID!, $f: ThingFilter) {
            thing(id: $id) { ...some __typename }
            things(filter: $f) { nodes { ... on Thing { code } } }
        }
        fragment some on Thing { size }";
    let variables = json!({"id": id, "f": {"size": {"eq": 2}}});
    let answer = admin.graphql(document, variables).await.data();
    assert_eq!(answer["thing"], json!({"size": 2, "__typename": "Item"}));
    assert_eq!(answer["things"]["nodes"], json!([{"code": "a"}]));
    let mutation =
        r"mutation($in: ThingInput!) { createThing(input: $in) { thing { size } item { size } } }";
    let answer = admin
        .graphql(mutation, json!({"in": {"size": 5}}))
        .await
        .data();
    assert_eq!(
        answer["createThing"],
        json!({"thing": {"size": 5}, "item": {"size": 5}})
    );

    for (name, plural) in [("thing", "others"), ("other", "things")] {
        let add = json!([{"op": "addObjectType", "name": name, "plural": plural, "fields": []}]);
        admin.change(add).await.status(422);
    }
    // A rule as it is sent may use the old names.
    let rule = json!({"where": {"size": {"gte": 1}}, "fields": ["size"]});
    let reader = app
        .role("reader", Rules::none().allow("read", "thing", rule))
        .await;
    let seen = reader.list("things", "").await.ok();
    assert_eq!(seen["data"].as_array().expect("things").len(), 2);
    let drop = json!([{"op": "dropAlias", "object": "item", "alias": "things"}]);
    admin.change(drop).await.ok();
    admin.list("things", "").await.status(404);
    admin.list("items", "").await.ok();
}

#[tokio::test]
async fn relations_and_collections_answer_by_their_old_names() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addRelationType", "name": "lease",
         "source": {"object": "organization", "name": "leased"}, "target": {"object": "thing", "name": "lessees"},
         "fields": [{"name": "rate", "type": "integer"}]},
    ]);
    admin.change(operations).await.ok();
    let rename = json!([
        {"op": "updateRelationType", "relation": "lease", "name": "rental", "source": {"name": "rented"}},
        {"op": "updateField", "relation": "rental", "field": "rate", "name": "price"},
        {"op": "updateField", "object": "thing", "field": "owner", "inverse": {"name": "goods", "label": "Goods"}},
    ]);
    admin.change(rename).await.ok();
    let acme = admin.make("organizations", json!({"name": "Acme"})).await;
    let thing = admin
        .make("things", json!({"size": 1, "owner": acme}))
        .await;
    let path = format!("organizations/{acme}/leased");
    let link = admin
        .link(&path, &thing, json!({"rate": 7}))
        .await
        .status(201)
        .json();
    assert_eq!(link["price"], 7);

    let filter = json!({"leased": {"some": {"link": {"rate": {"eq": 7}}}}, "things": {"some": {"size": {"eq": 1}}}});
    let found = admin
        .filter(
            "organizations",
            &filter,
            "fields=name,leased.size,things.size",
        )
        .await
        .ok();
    let found = &found["data"][0];
    assert_eq!(found["rented"]["data"][0]["size"], 1, "{found}");
    assert_eq!(found["goods"]["data"][0]["size"], 1, "{found}");
    assert!(found.get("leased").is_none() && found.get("things").is_none());

    let document = r"query($id: ID!, $f: OrganizationLeasedFilter) { organization(id: $id) {
        leased(filter: $f) { edges { link { rate price ... on LeaseLink { rate } } } } things { nodes { size } } } }";
    let answer = admin
        .graphql(
            document,
            json!({"id": acme, "f": {"link": {"rate": {"gte": 1}}}}),
        )
        .await
        .data();
    let answer = &answer["organization"];
    assert_eq!(
        answer["leased"]["edges"][0]["link"],
        json!({"rate": 7, "price": 7})
    );
    assert_eq!(answer["things"]["nodes"], json!([{"size": 1}]));
    let mutation = r"mutation($id: ID!, $t: ID!) { linkOrganizationLeased(id: $id, target: $t, input: {rate: 3}) { link { rate } } }";
    let other = admin.make("things", json!({"size": 2})).await;
    let answer = admin
        .graphql(mutation, json!({"id": acme, "t": other}))
        .await
        .data();
    assert_eq!(answer["linkOrganizationLeased"]["link"]["rate"], 3);
    let described = admin.meta("GET", "relations/lease", Json::Null).await.ok();
    assert_eq!(described["name"], "rental");
    assert_eq!(described["source"]["aliases"][0]["name"], "leased");
}

#[tokio::test]
async fn an_alias_shows_no_more_than_its_thing() {
    let app = start().await;
    let admin = app.admin();
    admin.make("things", json!({"size": 1, "code": "a"})).await;
    rename_field(&admin, json!({})).await;
    let rename =
        json!([{"op": "updateField", "object": "thing", "field": "code", "name": "label"}]);
    admin.change(rename).await.ok();
    let rules = || Rules::none().allow("read", "thing", json!({"fields": ["label"]}));
    for reader in app.person_and_key("reader", rules()).await {
        reader.list("things", "fields=code").await.ok();
        for (hidden, unknown) in [("size", "nope"), ("length", "nope")] {
            for template in ["fields={}", "sort={}", "{}[eq]=1"] {
                let [hidden, unknown] =
                    [hidden, unknown].map(|name| (name, template.replace("{}", name)));
                let one = reader
                    .list("things", &hidden.1)
                    .await
                    .status(400)
                    .text()
                    .clone();
                let other = reader
                    .list("things", &unknown.1)
                    .await
                    .status(400)
                    .text()
                    .clone();
                assert_eq!(without(&one, hidden.0), without(&other, unknown.0));
            }
        }
        let described = reader.meta("GET", "objects/thing", Json::Null).await.ok();
        assert!(!described.to_string().contains("size"), "{described}");
        let types = reader.graphql("{ __schema { types { name fields(includeDeprecated: true) { name } inputFields(includeDeprecated: true) { name } } } }", json!({})).await.data();
        assert!(!types.to_string().contains("\"size\""));
    }
}

/// The body with the name and what differs in each answer taken out.
fn without(body: &str, name: &str) -> Json {
    let mut body: Json = serde_json::from_str(&body.replace(name, "…")).expect("a problem");
    body["requestId"] = Json::Null;
    body
}
