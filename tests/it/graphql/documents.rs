//! The language: fragments, aliases, directives, variables, `__typename` and introspection work as the
//! specification says.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

/// A document and its data.
fn meanings() -> Vec<(&'static str, Json)> {
    vec![
        // Aliases of fields, with other arguments each.
        (
            "{ x: things(filter: {name: {eq: \"a\"}}) { nodes { n: name name } } y: things(sort: [{name: DESC}], first: 1) { nodes { name } } }",
            json!({"x": {"nodes": [{"n": "a", "name": "a"}]}, "y": {"nodes": [{"name": "b"}]}}),
        ),
        // Fragments, named and inline, merge with fields of the same key.
        (
            "query { things(first: 1, sort: {name: ASC}) { ...page nodes { city } } } fragment page on ThingConnection { nodes { ...names } } fragment names on Thing { name ... on Thing { city } ... { version } }",
            json!({"things": {"nodes": [{"name": "a", "city": "X", "version": 1}]}}),
        ),
        // Typenames on every level.
        (
            "{ __typename things(first: 1, sort: {name: ASC}) { __typename nodes { __typename name } pageInfo { __typename } edges { __typename node { __typename } } } }",
            json!({"__typename": "Query", "things": {"__typename": "ThingConnection", "nodes": [{"__typename": "Thing", "name": "a"}],
                "pageInfo": {"__typename": "PageInfo"}, "edges": [{"__typename": "ThingEdge", "node": {"__typename": "Thing"}}]}}),
        ),
        // Introspection beside data.
        (
            "{ __type(name: \"Thing\") { name kind } things(first: 1, sort: {name: ASC}) { nodes { name } } __schema { queryType { name } } }",
            json!({"__type": {"name": "Thing", "kind": "OBJECT"}, "things": {"nodes": [{"name": "a"}]}, "__schema": {"queryType": {"name": "Query"}}}),
        ),
        // Directives, with constants.
        (
            "{ things(first: 1, sort: {name: ASC}) { nodes { name @skip(if: false) city @include(if: false) ... @skip(if: true) { version } } } }",
            json!({"things": {"nodes": [{"name": "a"}]}}),
        ),
        // The nested record through an alias.
        (
            "{ things(filter: {name: {eq: \"b\"}}) { nodes { up: parent { name } parent { city } } } }",
            json!({"things": {"nodes": [{"up": {"name": "a"}, "parent": {"city": "X"}}]}}),
        ),
        // Nothing but a constant.
        ("query One { __typename }", json!({"__typename": "Query"})),
    ]
}

#[tokio::test]
async fn documents_mean_what_the_specification_says() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let a = admin
            .make(kind.plural, json!({"name": "a", "city": "X"}))
            .await;
        admin
            .make(kind.plural, json!({"name": "b", "parent": a}))
            .await;
        for (query, expected) in meanings() {
            let answer = kind.graphql(&admin, query, json!({})).await;
            let expected = kind.document(&expected.to_string());
            let expected: Json = serde_json::from_str(&expected).expect("JSON");
            assert_eq!(answer.data(), expected, "{answer}");
        }
    }
}

#[tokio::test]
async fn variables_have_defaults_and_are_checked() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        for name in ["a", "b", "c"] {
            kind.make(&admin, name).await;
        }
        let query = "query ($names: [String!] = [\"a\", \"b\"], $first: Int = 1, $skip: Boolean! = true, $sort: [ThingSort!]) {
            things(filter: {name: {in: $names}}, first: $first, sort: $sort) { nodes { name version @skip(if: $skip) } } }";
        let sort = json!([{"name": "ASC"}]);
        let cases = [
            (json!({"sort": sort}), json!([{"name": "a"}])),
            (
                json!({"sort": sort, "first": 5}),
                json!([{"name": "a"}, {"name": "b"}]),
            ),
            (
                json!({"sort": sort, "names": ["c"], "skip": false}),
                json!([{"name": "c", "version": 1}]),
            ),
            (json!({"sort": sort, "names": "b"}), json!([{"name": "b"}])),
            (
                json!({"sort": {"name": "DESC"}, "first": 1}),
                json!([{"name": "b"}]),
            ),
        ];
        for (variables, expected) in cases {
            let answer = kind.graphql(&admin, query, variables).await;
            assert_eq!(answer.data()[kind.plural]["nodes"], expected, "{answer}");
        }
        let refused = [
            json!({"first": "x"}),
            json!({"names": [1]}),
            json!({"skip": null}),
            json!({"sort": [{"name": "UP"}]}),
            json!({"sort": [{"colour": "ASC"}]}),
            json!({"sort": [{"name": "ASC", "city": "ASC"}]}),
        ];
        for variables in refused {
            let answer = kind.graphql(&admin, query, variables).await;
            answer.error("invalid_query");
            assert!(
                answer.json().get("data").is_none_or(Json::is_null),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn operations_are_chosen_by_name() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let query = "query A { a: __typename } query B { b: __typename }";
    let send = |name: Json| {
        let body = json!({"query": query, "operationName": name});
        let admin = admin.clone();
        async move { admin.call("POST", "/graphql", &body).await }
    };
    assert_eq!(send(json!("A")).await.data(), json!({"a": "Query"}));
    assert_eq!(send(json!("B")).await.data(), json!({"b": "Query"}));
    send(json!("C")).await.error("invalid_query");
    send(Json::Null).await.error("invalid_query");
}

/// The names in a list of named things.
fn names(list: &Json) -> Vec<String> {
    let list = list.as_array().expect("a list");
    let names = list
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned());
    names.collect()
}

#[tokio::test]
async fn introspection_shows_what_can_be_asked() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let query = "{ __type(name: \"Thing\") { fields { name } }
                       filter: __type(name: \"ThingFilter\") { inputFields { name } }
                       __schema { mutationType { fields { name } } } }";
        let answer = kind.graphql(&admin, query, json!({})).await.data();
        let fields = names(&answer["__type"]["fields"]);
        for field in [
            "id",
            "version",
            "name",
            "annualRevenue",
            "parent",
            "children",
            "allies",
            "alliedBy",
        ] {
            assert!(
                fields.iter().any(|name| name == field),
                "{field} in {fields:?}"
            );
        }
        let filters = names(&answer["filter"]["inputFields"]);
        for field in ["and", "or", "not", "name", "parent", "children", "allies"] {
            assert!(
                filters.iter().any(|name| name == field),
                "{field} in {filters:?}"
            );
        }
        let mutations = names(&answer["__schema"]["mutationType"]["fields"]);
        for mutation in [
            "createThing",
            "updateThing",
            "deleteThing",
            "restoreThing",
            "linkThingAllies",
            "unlinkThingAllies",
        ] {
            let mutation = kind.document(mutation);
            assert!(mutations.contains(&mutation), "{mutation} in {mutations:?}");
        }
    }
}

#[tokio::test]
async fn the_full_introspection_query_is_answered_and_follows_the_schema() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let query = "query { __schema { queryType { name } types { kind name fields(includeDeprecated: true) { name args { name type { ...T } defaultValue }
        type { ...T } } inputFields { name type { ...T } } enumValues { name } } directives { name locations args { name } } } }
        fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let first = admin.graphql(query, json!({})).await;
    let types = first.data()["__schema"]["types"]
        .as_array()
        .map_or(0, Vec::len);
    assert!(types > 50, "{types} types");
    let second = admin.graphql(query, json!({})).await;
    assert_eq!(first.text(), second.text());
    let field = json!({"name": "colour", "type": "text"});
    admin
        .change(json!([{"op": "addField", "object": "organization", "field": field}]))
        .await
        .ok();
    assert!(
        admin
            .graphql(query, json!({}))
            .await
            .text()
            .contains("\"colour\"")
    );
}
