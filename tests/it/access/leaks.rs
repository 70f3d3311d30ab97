//! Hidden names: whatever a caller asks about a field, a type or a relation that it may not see is
//! answered as if the name did not exist, to the byte.

use serde_json::{Value as Json, json};

use super::{same, unknown};
use crate::support::{Client, Kind, Rules, TestApp};

/// Fields that the reader may not see, with the form of their values: one of each way to store.
const HIDDEN: &[&str] = &[
    "employeeCount",
    "annualRevenue",
    "status",
    "kinds",
    "serial",
    "weight",
    "listed",
    "seenAt",
    "extra",
    "token",
    "description",
    "boss",
    "minions",
    "rivals",
];

/// Operators, and operands that fit one field or another.
const OPERATORS: &[(&str, &str)] = &[
    ("eq", "1"),
    ("neq", "\"active\""),
    ("lt", "1"),
    ("lte", "\"1\""),
    ("gt", "1"),
    ("gte", "\"2026-01-01T00:00:00Z\""),
    ("in", "[1]"),
    ("nin", "[]"),
    ("isNull", "true"),
    ("between", "[1,2]"),
    ("contains", "\"a\""),
    ("icontains", "\"a\""),
    ("startsWith", "\"a\""),
    ("istartsWith", "\"a\""),
    ("endsWith", "\"a\""),
    ("iendsWith", "\"a\""),
    ("ieq", "\"a\""),
    ("has", "\"customer\""),
    ("hasAny", "[\"customer\"]"),
    ("hasAll", "[\"customer\"]"),
    ("some", "{}"),
    ("none", "{}"),
    ("every", "{\"name\":{\"eq\":\"a\"}}"),
    ("count", "{\"gt\":0}"),
    ("amount", "{\"gt\":\"1\"}"),
    ("nonsense", "1"),
];

/// What a condition can stand in.
const AROUND: &[&str] = &[
    "{\"not\":PART}",
    "{\"and\":[PART]}",
    "{\"or\":[{},PART]}",
    "{\"parent\":PART}",
    "{\"children\":{\"some\":PART}}",
    "{\"allies\":{\"none\":PART}}",
    "{\"parent\":{\"children\":{\"every\":PART}}}",
];

/// Adds a reference, its inverse and a relation that the reader will not see.
async fn start() -> (TestApp, [Kind; 2], String) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let mut operations = Vec::new();
    for kind in kinds {
        operations.push(json!({"op": "addField", "object": kind.name, "field": {"name": "boss",
            "type": "reference", "target": kind.name, "inverse": {"name": "minions", "label": "Minions"}}}));
        operations.push(json!({"op": "addRelationType", "name": format!("{}Rivalry", kind.name),
            "source": {"object": kind.name, "name": "rivals"}, "target": {"object": kind.name, "name": "rivalOf"}}));
    }
    app.admin().change(Json::Array(operations)).await.ok();
    let record = json!({"name": "a", "employeeCount": 1, "status": "active", "kinds": ["customer"],
        "annualRevenue": {"amount": "1", "currency": "EUR"}, "serial": "1", "weight": "1", "listed": true,
        "seenAt": "2026-01-01T00:00:00Z", "extra": {"a": 1}, "description": "a"});
    let mut ids = Vec::new();
    for kind in kinds {
        ids.push(app.admin().make(kind.plural, record.clone()).await);
    }
    (app, kinds, ids.join(" "))
}

/// Reads everything but what is hidden, and may write what it reads.
fn reader(kinds: [Kind; 2]) -> Rules {
    let fields: Vec<&str> = HIDDEN
        .iter()
        .copied()
        .filter(|name| !["minions", "rivals"].contains(name))
        .collect();
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let except = json!({"fields": {"except": fields}});
        let relation = format!("{}Alliance", kind.name);
        rules
            .allow("read", kind.name, except.clone())
            .allow("create", kind.name, except.clone())
            .allow("update", kind.name, except)
            .allow("read", &relation, json!({"fields": {"except": ["terms"]}}))
            .allow("link", kind.name, json!({}))
            .allow("link", &relation, json!({"fields": {"except": ["terms"]}}))
    })
}

/// Everything that REST can be asked about a field: method, path behind the plural name, body.
fn rest_questions(name: &str, id: &str) -> Vec<(&'static str, String, Json)> {
    let mut asked = Vec::new();
    let get = |query: String| ("GET", query, Json::Null);
    for fields in [
        "NAME",
        "name,NAME",
        "NAME.id",
        "NAME.amount",
        "NAME.name",
        "parent.NAME",
        "children.NAME",
        "allies.NAME",
        "parent.children.NAME",
        "NAME.NAME",
    ] {
        asked.push(get(format!("?fields={}", fields.replace("NAME", name))));
    }
    for sort in [
        "NAME",
        "-NAME",
        "name,NAME",
        "NAME.amount",
        "NAME.name",
        "parent.NAME",
        "-parent.parent.NAME",
    ] {
        asked.push(get(format!("?sort={}", sort.replace("NAME", name))));
    }
    for (at, (operator, operand)) in OPERATORS.iter().enumerate() {
        asked.push(get(format!("?{name}[{operator}]=1")));
        asked.push(get(format!("?parent.{name}[{operator}]=1")));
        // Each operator plain, and in turn within one of the others.
        for around in ["PART", AROUND[at % AROUND.len()]] {
            let part = format!("{{\"{name}\":{{\"{operator}\":{operand}}}}}");
            let filter: Json =
                serde_json::from_str(&around.replace("PART", &part)).expect("a filter");
            asked.push(("POST", "/query".to_owned(), json!({"filter": filter})));
        }
    }
    for select in [
        json!([name]),
        json!({name: true}),
        json!({name: {"select": ["id"]}}),
        json!({"parent": [name]}),
        json!({"children": {"select": ["id"], "sort": name}}),
        json!({"allies": {"select": {name: true}}}),
        json!({name: {"filter": {}, "limit": 1}}),
    ] {
        asked.push(("POST", "/query".to_owned(), json!({"select": select})));
    }
    asked.push(("POST", "/query".to_owned(), json!({"sort": [name]})));
    asked.push(get(format!("/{id}?fields={name}")));
    asked.push(get(format!("/{id}/{name}")));
    asked.push(get(format!("/{id}/children?sort={name}")));
    asked.push(("POST", format!("/{id}/{name}"), json!({"id": id})));
    asked.push(("PATCH", format!("/{id}/{name}/{id}"), json!({})));
    asked.push(("DELETE", format!("/{id}/{name}/{id}"), Json::Null));
    for value in [
        json!(null),
        json!(1),
        json!("active"),
        json!({"amount": "1", "currency": "EUR"}),
        json!([id]),
    ] {
        asked.push(("PATCH", format!("/{id}"), json!({name: value})));
        asked.push(("POST", String::new(), json!({"name": "b", name: value})));
    }
    asked
}

/// Everything that GraphQL can be asked about a field.
fn graphql_questions(name: &str) -> Vec<(String, Json)> {
    let documents = [
        "{ things { nodes { NAME } } }",
        "{ things { nodes { name: NAME } } }",
        "{ things { nodes { NAME { id } } } }",
        "{ things { nodes { NAME { amount } } } }",
        "{ things { nodes { NAME { nodes { id } } } } }",
        "{ things { nodes { parent { NAME } children { nodes { NAME } } } } }",
        "{ things { nodes { ...F } } } fragment F on Thing { NAME }",
        "{ things(sort: {NAME: ASC}) { nodes { id } } }",
        "{ things(sort: [{name: ASC}, {parent: {NAME: DESC}}]) { nodes { id } } }",
        "{ things(filter: {NAME: {eq: 1}}) { nodes { id } } }",
        "{ things(filter: {NAME: {isNull: true}}) { totalCount } }",
        "{ things(filter: {parent: {NAME: {isNull: false}}}) { totalCount } }",
        "{ things(filter: {children: {some: {NAME: {isNull: false}}}}) { totalCount } }",
        "mutation { createThing(input: {name: \"b\", NAME: 1}) { id } }",
        "mutation { createThing(input: {name: \"b\"}) { thing { NAME } } }",
        "mutation { updateThing(id: \"00000000-0000-7000-8000-000000000000\", input: {NAME: null}) { id } }",
    ];
    let mut asked: Vec<(String, Json)> = documents
        .iter()
        .map(|document| (document.replace("NAME", name), Json::Null))
        .collect();
    for filter in [
        json!({name: {"eq": 1}}),
        json!({"not": {name: {"isNull": true}}}),
        json!({"allies": {"some": {name: {"isNull": true}}}}),
    ] {
        let document = "query($f: ThingFilter) { things(filter: $f) { totalCount } }";
        asked.push((document.to_owned(), json!({"f": filter})));
    }
    asked
}

async fn compare_rest(client: &Client, kind: Kind, name: &str, id: &str) {
    let other = unknown(name);
    let (hidden, missing) = (rest_questions(name, id), rest_questions(&other, id));
    for ((method, path, body), (_, other_path, other_body)) in hidden.into_iter().zip(missing) {
        let at = |path: String| format!("/v1/data/{}{path}", kind.plural);
        let hidden = client.call(method, &at(path), &body).await;
        let missing = client.call(method, &at(other_path), &other_body).await;
        assert!((400..500).contains(&hidden.code()), "{hidden}");
        same(&hidden, (name, &other), &missing);
    }
}

async fn compare_graphql(client: &Client, kind: Kind, name: &str) {
    let other = unknown(name);
    for ((document, variables), (other_document, other_variables)) in graphql_questions(name)
        .into_iter()
        .zip(graphql_questions(&other))
    {
        let hidden = kind.graphql(client, &document, variables).await;
        let missing = kind.graphql(client, &other_document, other_variables).await;
        assert!(hidden.json()["errors"].is_array(), "{hidden}");
        same(&hidden, (name, &other), &missing);
    }
}

#[tokio::test]
async fn a_hidden_field_is_an_unknown_field_over_rest() {
    let (app, kinds, ids) = start().await;
    let clients = app.person_and_key("reader", reader(kinds)).await;
    for (kind, id) in kinds.into_iter().zip(ids.split(' ')) {
        for (name, client) in HIDDEN.iter().zip(clients.iter().cycle()) {
            compare_rest(client, kind, name, id).await;
        }
    }
}

#[tokio::test]
async fn a_hidden_field_is_an_unknown_field_over_graphql() {
    let (app, kinds, _) = start().await;
    let clients = app.person_and_key("reader", reader(kinds)).await;
    for kind in kinds {
        for (name, client) in HIDDEN.iter().zip(clients.iter().cycle()) {
            compare_graphql(client, kind, name).await;
        }
    }
}

#[tokio::test]
async fn a_hidden_field_of_a_link_is_an_unknown_field() {
    let (app, kinds, ids) = start().await;
    for client in app.person_and_key("reader", reader(kinds)).await {
        for (kind, id) in kinds.into_iter().zip(ids.split(' ')) {
            for (method, path, body) in [
                ("GET", "?fields=allies.link.terms", Json::Null),
                (
                    "POST",
                    "/query",
                    json!({"select": {"allies": {"select": {"link": ["terms"]}}}}),
                ),
                (
                    "POST",
                    "/query",
                    json!({"select": {"allies": {"select": {"link": {"select": {"terms": true}}}}}}),
                ),
                (
                    "POST",
                    "/query",
                    json!({"filter": {"allies": {"some": {"link": {"terms": {"eq": "x"}}}}}}),
                ),
                (
                    "POST",
                    "/query",
                    json!({"select": {"allies": {"select": ["id"], "sort": "link.terms"}}}),
                ),
                ("GET", "/ID/allies?link.terms[eq]=x", Json::Null),
                ("GET", "/ID/allies?sort=link.terms", Json::Null),
                ("POST", "/ID/allies", json!({"id": id, "terms": "x"})),
            ] {
                let path = format!("/v1/data/{}{}", kind.plural, path.replace("ID", id));
                let other: Json = serde_json::from_str(&body.to_string().replace("terms", "qerms"))
                    .expect("JSON");
                let hidden = client.call(method, &path, &body).await;
                let missing = client
                    .call(method, &path.replace("terms", "qerms"), &other)
                    .await;
                assert_eq!(hidden.code(), 400, "{hidden}");
                same(&hidden, ("terms", "qerms"), &missing);
            }
            for document in [
                "{ things { nodes { allies { edges { link { terms } } } } } }",
                "{ things(filter: {allies: {some: {link: {terms: {eq: \"x\"}}}}}) { totalCount } }",
                "mutation { linkThingAllies(id: \"ID\", target: \"ID\", input: {terms: \"x\"}) { id } }",
            ] {
                let document = document.replace("ID", id);
                let hidden = kind.graphql(&client, &document, Json::Null).await;
                let missing = kind
                    .graphql(&client, &document.replace("terms", "qerms"), Json::Null)
                    .await;
                assert!(hidden.json()["errors"].is_array(), "{hidden}");
                same(&hidden, ("terms", "qerms"), &missing);
            }
        }
    }
}

#[tokio::test]
async fn a_hidden_type_is_an_unknown_type() {
    let (app, kinds, ids) = start().await;
    let rules = Rules::none()
        .allow("read", "product", json!({"fields": "*"}))
        .allow("create", "product", json!({"fields": "*"}));
    for client in app.person_and_key("stranger", rules).await {
        for (kind, id) in kinds.into_iter().zip(ids.split(' ')) {
            let (name, other) = (kind.plural, unknown(kind.plural));
            for (method, path, body) in [
                ("GET", "", Json::Null),
                ("GET", "?sort=name", Json::Null),
                ("GET", "?nonsense=1", Json::Null),
                ("GET", "/ID", Json::Null),
                ("GET", "/ID/children", Json::Null),
                ("POST", "", json!({"name": "x"})),
                ("POST", "", json!({"nonsense": "x"})),
                ("POST", "/query", json!({"select": ["name"]})),
                ("POST", "/ID/restore", Json::Null),
                ("POST", "/ID/allies", json!({"id": id})),
                ("PATCH", "/ID", json!({"name": "x"})),
                ("PATCH", "/ID/allies/ID", json!({})),
                ("DELETE", "/ID", Json::Null),
                ("DELETE", "/ID/allies/ID", Json::Null),
            ] {
                let path = path.replace("ID", id);
                let hidden = client
                    .call(method, &format!("/v1/data/{name}{path}"), &body)
                    .await;
                let missing = client
                    .call(method, &format!("/v1/data/{other}{path}"), &body)
                    .await;
                assert!((400..=404).contains(&hidden.code()), "{hidden}");
                same(&hidden, (name, &other), &missing);
            }
            let (name, other) = (kind.name, unknown(kind.name));
            for document in [
                "{ NAMEs { nodes { id } } }",
                "{ NAME(id: \"x\") { id } }",
                "{ products { nodes { ... on TYPE { id } } } }",
                "query($f: TYPEFilter) { products { totalCount } }",
                "mutation { createTYPE(input: {name: \"x\"}) { id } }",
                "mutation { deleteTYPE(id: \"x\") { id } }",
                "{ __type(name: \"TYPE\") { name fields { name } } }",
            ] {
                let pascal = |name: &str| format!("{}{}", name[..1].to_uppercase(), &name[1..]);
                let of = |name: &str| {
                    document
                        .replace("NAME", name)
                        .replace("TYPE", &pascal(name))
                };
                let hidden = client.graphql(&of(name), Json::Null).await;
                let missing = client.graphql(&of(&other), Json::Null).await;
                same(&hidden, (name, &other), &missing);
            }
        }
    }
}

#[tokio::test]
async fn no_answer_suggests_a_name() {
    let (app, kinds, _) = start().await;
    for client in app.person_and_key("reader", reader(kinds)).await {
        for kind in kinds {
            for answer in [
                kind.graphql(&client, "{ things { nodes { employeeCoun } } }", Json::Null)
                    .await,
                kind.graphql(
                    &client,
                    "{ things(filter: {statu: {eq: \"x\"}}) { totalCount } }",
                    Json::Null,
                )
                .await,
                client.list(kind.plural, "fields=employeeCoun").await,
                client.list(kind.plural, "statu[eq]=x").await,
            ] {
                let text = answer.text();
                assert!(!text.contains("employeeCount"), "{answer}");
                assert!(!text.to_lowercase().contains("did you mean"), "{answer}");
            }
        }
    }
}
