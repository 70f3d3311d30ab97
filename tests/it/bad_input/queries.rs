//! Reads that ask for what there is not, or for too much of it.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{refused, refused_by_graphql};
use crate::support::{Kind, TestApp};

#[tokio::test]
async fn a_bad_parameter_is_a_problem_that_names_it() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        kind.make(&app.admin(), "x").await;
        for (parameters, place) in [
            ("nonsense=1", "nonsense"),
            ("Limit=1", "Limit"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=-1", "limit"),
            ("limit=x", "limit"),
            ("limit=", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=1&limit=2", "limit"),
            ("count=yes", "count"),
            ("sort=nonsense", "sort"),
            ("sort=", "sort"),
            ("sort=-", "sort"),
            ("sort=name,,city", "sort"),
            ("sort=children", "sort"),
            ("sort=children.name", "sort"),
            ("sort=extra", "sort"),
            ("fields=nonsense", "fields"),
            ("fields=,", "fields"),
            ("fields=name..city", "fields"),
            ("fields=name.x", "fields"),
            ("after=x", "after"),
            ("before=%%%", "before"),
            (
                "after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "after",
            ),
            ("name[nonsense]=x", "name[nonsense]"),
            ("name[eq=x", "name[eq"),
            ("name]=x", "name]"),
            ("name[]=x", "name[]"),
            ("[eq]=x", "[eq]"),
            ("name=x", "name"),
            ("employeeCount[eq]=x", "employeeCount[eq]"),
            ("founded[eq]=2026-02-30", "founded[eq]"),
            ("name[eq]=\u{0}", "name[eq]"),
            ("parent[eq]=x", "parent[eq]"),
            ("parent.nonsense[eq]=x", "parent.nonsense[eq]"),
            ("listed[contains]=x", "listed[contains]"),
            ("status[eq]=nonsense", "status[eq]"),
            ("filter={", "filter"),
            ("filter=[]", "filter"),
            ("filter=1", "filter"),
            ("filter=", "filter"),
        ] {
            let answer = app.admin().list(kind.plural, parameters).await;
            assert!([400, 422].contains(&answer.code()), "{answer}");
            refused(&answer);
            let body = answer.json();
            let named = body["errors"].as_array().is_some_and(|faults| {
                faults.iter().any(|fault| {
                    fault["parameter"]
                        .as_str()
                        .is_some_and(|name| name.starts_with(place))
                })
            });
            assert!(named, "no fault at {place:?}\n{answer}");
        }
    }
}

#[tokio::test]
async fn a_bad_filter_is_a_problem_that_names_the_place() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        for (filter, place) in [
            (json!({"nonsense": {"eq": 1}}), "/filter/nonsense"),
            (json!({"name": {"nonsense": 1}}), "/filter/name/nonsense"),
            (json!({"name": "x"}), "/filter/name"),
            (json!({"name": {"eq": null}}), "/filter/name/eq"),
            (json!({"name": {"eq": 1}}), "/filter/name/eq"),
            (json!({"name": {"in": "x"}}), "/filter/name/in"),
            (json!({"name": {"in": [null]}}), "/filter/name/in"),
            (json!({"name": {"eq": "\u{0}"}}), "/filter/name/eq"),
            (
                json!({"name": {"contains": "a\u{0}"}}),
                "/filter/name/contains",
            ),
            (json!({"name": {"isNull": "yes"}}), "/filter/name/isNull"),
            (
                json!({"employeeCount": {"between": [1]}}),
                "/filter/employeeCount/between",
            ),
            (
                json!({"employeeCount": {"gt": "x"}}),
                "/filter/employeeCount/gt",
            ),
            (
                json!({"employeeCount": {"contains": "1"}}),
                "/filter/employeeCount/contains",
            ),
            (
                json!({"founded": {"gt": "2026-02-30"}}),
                "/filter/founded/gt",
            ),
            (json!({"token": {"eq": "x"}}), "/filter/token/eq"),
            (json!({"extra": {"eq": {}}}), "/filter/extra/eq"),
            (json!({"and": {}}), "/filter/and"),
            (json!({"or": [1]}), "/filter/or/0"),
            (json!({"not": []}), "/filter/not"),
            (json!({"parent": 1}), "/filter/parent"),
            (
                json!({"children": {"name": {"eq": "x"}}}),
                "/filter/children",
            ),
            (json!({"children": {"some": 1}}), "/filter/children/some"),
            (
                json!({"allies": {"some": {"link": {"nonsense": {"eq": 1}}}}}),
                "/filter/allies/some/link/nonsense",
            ),
            (
                json!({"name": {"in": (0..501).map(|at| at.to_string()).collect::<Vec<_>>()}}),
                "/filter/name/in",
            ),
            (json!({"$partner": {"eq": 1}}), "/filter/$partner"),
            (json!({"token": {"eq": "$user.id"}}), "/filter/token/eq"),
            (json!({"a/b~c": {"eq": 1}}), "/filter/a~1b~0c"),
        ] {
            let answer = app
                .admin()
                .query(kind.plural, &json!({"filter": filter}))
                .await;
            assert!([400, 422].contains(&answer.code()), "{answer}");
            refused(&answer);
            let pointer = answer.json()["errors"][0]["pointer"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert!(
                pointer.starts_with(place),
                "no fault at {place:?}\n{answer}"
            );
            if filter == json!({"name": {"in": "x"}}) || filter == json!({"and": {}}) {
                continue; // GraphQL takes one value for a list of one.
            }
            let document = "query($f: ThingFilter) { things(filter: $f) { totalCount } }";
            refused_by_graphql(
                &kind
                    .graphql(&app.admin(), document, json!({"f": filter}))
                    .await,
            );
        }
    }
}

#[tokio::test]
async fn a_filter_nested_a_thousand_deep_is_refused() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        for (open, close) in [
            ("{\"not\":", "}"),
            ("{\"and\":[", "]}"),
            ("{\"parent\":", "}"),
            ("{\"children\":{\"some\":", "}}"),
        ] {
            for depth in [12, 100, 1_000] {
                let filter = format!("{}{{}}{}", open.repeat(depth), close.repeat(depth));
                let client = app.admin();
                let request = client.request(
                    "POST".parse().expect("a method"),
                    &format!("/v1/data/{}/query", kind.plural),
                );
                let body = format!("{{\"filter\":{filter}}}");
                let answer = client
                    .send(
                        request
                            .header("content-type", "application/json")
                            .body(body),
                    )
                    .await;
                assert_eq!(answer.code(), 400, "{answer}");
                refused(&answer);
                let answer = client.list(kind.plural, &format!("filter={filter}")).await;
                assert!([400, 414, 431].contains(&answer.code()), "{answer}");
                let document = filter.replace('"', "");
                let document = format!("{{ things(filter: {document}) {{ totalCount }} }}");
                refused_by_graphql(&kind.graphql(&client, &document, Json::Null).await);
                let body = format!(
                    "{{\"query\":\"query($f: {}Filter) {{ {}(filter: $f) {{ totalCount }} }}\",\"variables\":{{\"f\":{filter}}}}}",
                    kind.pascal(),
                    kind.plural
                );
                let request = client.request("POST".parse().expect("a method"), "/graphql");
                refused_by_graphql(
                    &client
                        .send(
                            request
                                .header("content-type", "application/json")
                                .body(body),
                        )
                        .await,
                );
            }
        }
    }
}

#[tokio::test]
async fn wide_requests_are_answered_or_refused() {
    let app = TestApp::start().await;
    let client = app.admin();
    for kind in Kind::both(&app).await {
        let mut many = String::new();
        for at in 0..2_000 {
            let _ = write!(many, "a{at}=1&");
        }
        refused(&client.list(kind.plural, &many).await);
        let same: Vec<String> = (0..150).map(|at| format!("name[neq]={at}")).collect();
        refused(&client.list(kind.plural, &same.join("&")).await);
        let wide: Vec<Json> = (0..5_000)
            .map(|at| json!({"name": {"eq": at.to_string()}}))
            .collect();
        refused(
            &client
                .query(kind.plural, &json!({"filter": {"or": wide}}))
                .await,
        );
        let keys = ["name"; 200].join(",");
        refused(&client.list(kind.plural, &format!("sort={keys}")).await);
        let deep = ["parent"; 300].join(".");
        for parameter in ["fields", "sort"] {
            refused(
                &client
                    .list(kind.plural, &format!("{parameter}={deep}"))
                    .await,
            );
        }
        refused(
            &client
                .list(kind.plural, &format!("{deep}.name[eq]=x"))
                .await,
        );
        let names: Vec<String> = (0..3_000).map(|at| format!("f{at}")).collect();
        refused(
            &client
                .list(kind.plural, &format!("fields={}", names.join(",")))
                .await,
        );
        let mut select = json!(["id"]);
        for _ in 0..50 {
            select = json!({"parent": {"select": select}});
        }
        refused(&client.query(kind.plural, &json!({"select": select})).await);
        let values: serde_json::Map<String, Json> =
            names.iter().map(|name| (name.clone(), json!(1))).collect();
        refused(&client.create(kind.plural, Json::Object(values)).await);
    }
}

#[tokio::test]
async fn a_cursor_of_another_query_is_refused() {
    let app = TestApp::start().await;
    let client = app.admin();
    let kinds = Kind::both(&app).await;
    for kind in kinds {
        for name in ["a", "b", "c"] {
            kind.make(&client, name).await;
        }
    }
    for (kind, other) in [(kinds[0], kinds[1]), (kinds[1], kinds[0])] {
        let list = client
            .list(kind.plural, "sort=name&limit=1&name[neq]=x")
            .await
            .ok();
        let cursor = list["page"]["next"].as_str().expect("a cursor");
        let last = if cursor.ends_with('A') { "B" } else { "A" };
        let damaged = format!("{}{last}", &cursor[1..]);
        for (plural, parameters, cursor) in [
            (kind.plural, "sort=-name&limit=1&name[neq]=x", cursor),
            (kind.plural, "sort=city&limit=1&name[neq]=x", cursor),
            (kind.plural, "sort=name,city&limit=1&name[neq]=x", cursor),
            (kind.plural, "sort=name&limit=1&name[neq]=y", cursor),
            (kind.plural, "sort=name&limit=1", cursor),
            (kind.plural, "limit=1", cursor),
            (other.plural, "sort=name&limit=1&name[neq]=x", cursor),
            (kind.plural, "sort=name&limit=1&name[neq]=x", &damaged),
            (
                kind.plural,
                "sort=name&limit=1&name[neq]=x",
                &cursor[..cursor.len() - 2],
            ),
        ] {
            let parameters = format!("{parameters}&after={cursor}");
            client
                .list(plural, &parameters)
                .await
                .problem_at(400, "invalid_cursor", "after");
        }
        let both = format!("sort=name&limit=1&name[neq]=x&after={cursor}&before={cursor}");
        refused(&client.list(kind.plural, &both).await);
        let document = format!("{{ things(first: 1, after: \"{cursor}\") {{ nodes {{ id }} }} }}");
        kind.graphql(&client, &document, Json::Null)
            .await
            .error("invalid_cursor");
    }
}

#[tokio::test]
async fn bad_graphql_is_refused() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        for document in [
            "",
            "{",
            "}",
            "{ nonsense }",
            "{ things }",
            "{ things { nodes } }",
            "{ things { nodes { nonsense } } }",
            "{ things(nonsense: 1) { totalCount } }",
            "{ things(first: 0) { totalCount nodes { id } } }",
            "{ things(first: 201) { nodes { id } } }",
            "{ things(first: -1) { nodes { id } } }",
            "{ things(first: 99999999999) { nodes { id } } }",
            "{ things(first: 1, last: 1) { nodes { id } } }",
            "{ things(after: \"x\") { nodes { id } } }",
            "{ things(sort: {name: UP}) { nodes { id } } }",
            "{ things(filter: 1) { totalCount } }",
            "{ thing { id } }",
            "{ thing(id: {}) { id } }",
            "query($x: Nonsense) { things { totalCount } }",
            "query($x: Int!) { things(first: $x) { totalCount } }",
            "{ ...F } fragment F on Query { ...F }",
            "{ ...F }",
            "query A { schemaVersion } query B { schemaVersion }",
            "subscription { x }",
            "mutation { createThing { id } }",
            "mutation { createThing(input: {}) { id } }",
            "mutation { nonsense }",
            "{ things { nodes { id @nonsense } } }",
            "{ things { nodes { id @include } } }",
            "\u{0}",
            "{ things(filter: {name: {eq: \"\u{0}\"}}) { totalCount } }",
            "mutation { createThing(input: {name: \"a\\u0000\"}) { id } }",
        ] {
            refused_by_graphql(&kind.graphql(&app.admin(), document, Json::Null).await);
        }
        for body in [
            json!({}),
            json!({"query": 1}),
            json!({"query": null}),
            json!({"query": "{ schemaVersion }", "variables": []}),
            json!({"query": "{ schemaVersion }", "operationName": 1}),
            json!({"query": "{ schemaVersion }", "operationName": "X"}),
        ] {
            refused_by_graphql(&app.admin().call("POST", "/graphql", &body).await);
        }
    }
}
