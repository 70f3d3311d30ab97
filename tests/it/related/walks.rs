//! `GET /v1/data/{objects}/{id}/related`, and `relatedRecords` of GraphQL.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// A chain a → b → c by reference, and a link from a to d.
struct Family {
    a: String,
    b: String,
    c: String,
    d: String,
}

impl Family {
    async fn make(client: &Client, kind: Kind) -> Self {
        let child = |name: &'static str, parent: String| async move {
            let values = json!({"name": name, "parent": parent});
            client.make(kind.plural, values).await
        };
        let c = kind.make(client, "c").await;
        let b = child("b", c.clone()).await;
        let a = child("a", b.clone()).await;
        let d = kind.make(client, "d").await;
        let allies = format!("{}/{a}/allies", kind.plural);
        client.link(&allies, &d, json!({})).await.status(201);
        Self { a, b, c, d }
    }
}

/// The graph as both faces answer it.
async fn related(client: &Client, kind: Kind, id: &str, depth: u32) -> Json {
    let path = format!("/v1/data/{}/{id}/related", kind.plural);
    let rest = client.get_path(&path, &format!("depth={depth}")).await.ok();
    let query = "query ($id: ID!, $depth: Int) { graph: relatedRecords(type: \"thing\", id: $id, depth: $depth) {
        nodes { id type title distance } edges { from to kind name label link } isComplete } }";
    let variables = json!({"id": id, "depth": depth});
    let mut graphql = kind.graphql(client, query, variables).await.data()["graph"].clone();
    for edge in graphql["edges"].as_array_mut().expect("edges") {
        edge["kind"] = json!(edge["kind"].as_str().expect("a kind").to_lowercase());
    }
    assert_eq!(rest, graphql, "the same graph over both faces");
    rest
}

/// Titles with their distances.
fn titles(graph: &Json) -> Vec<(String, u64)> {
    let nodes = graph["nodes"].as_array().expect("nodes").iter();
    nodes
        .map(|node| {
            let title = node["title"].as_str().unwrap_or("-").to_owned();
            (title, node["distance"].as_u64().expect("a distance"))
        })
        .collect()
}

fn expect(pairs: &[(&str, u64)]) -> Vec<(String, u64)> {
    pairs
        .iter()
        .map(|(title, at)| ((*title).to_owned(), *at))
        .collect()
}

#[tokio::test]
async fn a_walk_goes_along_references_and_links_in_both_directions() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let family = Family::make(&admin, kind).await;
        let one = related(&admin, kind, &family.b, 1).await;
        assert_eq!(titles(&one), expect(&[("b", 0), ("c", 1), ("a", 1)]));
        let parent = format!("{}.parent", kind.name);
        let edge = |from: &str, to: &str| json!({"from": from, "to": to, "kind": "reference", "name": parent, "label": "Parent", "link": null});
        assert_eq!(
            one["edges"],
            json!([edge(&family.b, &family.c), edge(&family.a, &family.b)]),
            "a reference is told from the record that has it, whichever way it was walked"
        );
        let two = related(&admin, kind, &family.d, 3).await;
        assert_eq!(
            titles(&two),
            expect(&[("d", 0), ("a", 1), ("b", 2), ("c", 3)])
        );
        let link = &two["edges"][0];
        assert_eq!(
            (&link["from"], &link["to"], &link["kind"], &link["name"]),
            (
                &json!(family.a),
                &json!(family.d),
                &json!("link"),
                &json!(format!("{}Alliance", kind.name))
            )
        );
        assert!(link["link"].is_string(), "a link has an id: {link}");
        assert_eq!(two["isComplete"], json!(true));
    }
}

#[tokio::test]
async fn a_walk_is_bounded_and_says_so() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let hub = kind.make(&admin, "hub").await;
    for name in ["x", "y", "z"] {
        let values = json!({"name": name, "parent": hub});
        admin.make(kind.plural, values).await;
    }
    let path = format!("/v1/data/{}/{hub}/related", kind.plural);
    let cut = admin.get_path(&path, "limit=3").await.ok();
    assert_eq!(titles(&cut), expect(&[("hub", 0), ("x", 1), ("y", 1)]));
    assert_eq!(cut["isComplete"], json!(false));
    let whole = admin.get_path(&path, "limit=4").await.ok();
    assert_eq!(whole["nodes"].as_array().map(Vec::len), Some(4));
    assert_eq!(whole["isComplete"], json!(true));
}

#[tokio::test]
async fn a_walk_takes_only_the_ways_that_are_named() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let family = Family::make(&admin, kind).await;
        let path = format!("/v1/data/{}/{}/related", kind.plural, family.a);
        for (through, expected) in [
            (format!("{}Alliance", kind.name), [("a", 0), ("d", 1)]),
            (format!("{}.parent", kind.name), [("a", 0), ("b", 1)]),
        ] {
            let graph = admin.get_path(&path, &format!("through={through}")).await;
            assert_eq!(titles(&graph.ok()), expect(&expected));
        }
        let graph = admin.get_path(&path, "through=nothing").await;
        graph.problem(400, "unknown_relation");
    }
}

#[tokio::test]
async fn a_walk_shows_what_its_caller_may_read_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let family = Family::make(&admin, kind).await;
        let sees =
            json!({"where": {"name": {"in": ["a", "c", "d"]}}, "fields": ["name", "parent"]});
        let rules = Rules::none().allow("read", kind.name, sees);
        let role = format!("{}Walker", kind.name);
        for caller in app.person_and_key(&role, rules).await {
            let graph = related(&caller, kind, &family.a, 5).await;
            assert_eq!(
                titles(&graph),
                expect(&[("a", 0)]),
                "b is hidden, so nothing behind it is reached; the relation type is not granted"
            );
            let path = format!("/v1/data/{}/{}/related", kind.plural, family.b);
            let hidden = caller.get_path(&path, "").await;
            let missing = format!("/v1/data/{}/{}/related", kind.plural, uuid::Uuid::now_v7());
            let missing = caller.get_path(&missing, "").await;
            hidden.problem(404, "record_not_found");
            missing.problem(404, "record_not_found");
            let way = format!("through={}Alliance", kind.name);
            let path = format!("/v1/data/{}/{}/related", kind.plural, family.a);
            let unknown = caller.get_path(&path, &way).await;
            unknown.problem(400, "unknown_relation");
        }
    }
}

#[tokio::test]
async fn what_a_walk_is_asked_must_make_sense() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let id = kind.make(&admin, "a").await;
    let path = format!("/v1/data/{}/{id}/related", kind.plural);
    for (parameters, status) in [
        ("depth=0", 422),
        ("depth=6", 422),
        ("depth=x", 422),
        ("limit=0", 422),
        ("limit=1001", 422),
        ("deep=1", 400),
    ] {
        admin.get_path(&path, parameters).await.status(status);
    }
    let nothing = admin.get_path("/v1/data/nothings/x/related", "").await;
    nothing.problem(404, "object_not_found");
    let walks: String = (0..4)
        .map(|at| {
            format!(
                "w{at}: relatedRecords(type: \"{}\", id: \"{id}\") {{ isComplete }} ",
                kind.name
            )
        })
        .collect();
    let many = admin.graphql(&format!("{{ {walks} }}"), json!({})).await;
    assert!(many.text().contains("at most 3 times"), "{}", many.text());
    let missing = format!(
        "{{ relatedRecords(type: \"{}\", id: \"{}\") {{ __typename }} }}",
        kind.name,
        uuid::Uuid::now_v7()
    );
    let missing = admin.graphql(&missing, json!({})).await.data();
    assert_eq!(missing["relatedRecords"], Json::Null);
}

#[tokio::test]
async fn no_collection_takes_the_name_of_an_address() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let relation = json!([{"op": "addRelationType", "name": "related",
        "source": {"object": "organization", "name": "related"},
        "target": {"object": "organization", "name": "relatedTo"}}]);
    let refused = admin.change(relation).await;
    refused.problem(422, "validation_failed");
    let reference = json!([{"op": "addField", "object": "person", "field": {"name": "favourite",
        "type": "reference", "target": "organization", "inverse": {"name": "path", "label": "Path"}}}]);
    admin
        .change(reference)
        .await
        .problem(422, "validation_failed");
}
