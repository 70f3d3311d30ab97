//! `GET /v1/data/{objects}/{id}/path`, and `shortestPath` of GraphQL.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// The names of the records on the path, as both faces answer it.
async fn path(client: &Client, kind: Kind, (from, to): (&str, &str), depth: u32) -> Vec<String> {
    let address = format!("/v1/data/{}/{from}/path", kind.plural);
    let parameters = format!("to={}/{to}&depth={depth}", kind.plural);
    let rest = client.get_path(&address, &parameters).await.ok();
    let query = "query ($from: ID!, $to: ID!, $depth: Int) { graph: shortestPath(fromType: \"thing\", from: $from,
        toType: \"thing\", to: $to, depth: $depth) { nodes { title distance id type } edges { from to } isComplete } }";
    let variables = json!({"from": from, "to": to, "depth": depth});
    let graphql = kind.graphql(client, query, variables).await.data()["graph"].clone();
    assert_eq!(
        rest["nodes"].as_array().map(Vec::len),
        graphql["nodes"].as_array().map(Vec::len)
    );
    let nodes = rest["nodes"].as_array().expect("nodes");
    for (node, distance) in nodes.iter().zip(0..) {
        assert_eq!(node["distance"], json!(distance));
    }
    let edges = rest["edges"].as_array().expect("edges");
    assert_eq!(
        edges.len(),
        nodes.len().saturating_sub(1),
        "one edge a step"
    );
    for (edge, pair) in edges.iter().zip(nodes.windows(2)) {
        let ends = [&edge["from"], &edge["to"]];
        assert!(ends.contains(&&pair[0]["id"]) && ends.contains(&&pair[1]["id"]));
    }
    let titles = nodes.iter().map(|node| node["title"].as_str());
    titles
        .map(|title| title.unwrap_or("-").to_owned())
        .collect()
}

#[tokio::test]
async fn the_shortest_path_is_found_within_its_depth() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let mut ids: Vec<String> = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            let mut values = json!({"name": name});
            if let Some(before) = ids.last() {
                values["parent"] = json!(before);
            }
            ids.push(admin.make(kind.plural, values).await);
        }
        let island = kind.make(&admin, "island").await;
        let [a, b, _, d, e] = [0, 1, 2, 3, 4].map(|at| ids[at].as_str());
        assert_eq!(
            path(&admin, kind, (a, e), 6).await,
            ["a", "b", "c", "d", "e"]
        );
        assert_eq!(path(&admin, kind, (a, e), 3).await, [""; 0]);
        assert_eq!(path(&admin, kind, (a, a), 1).await, ["a"]);
        assert_eq!(path(&admin, kind, (a, &island), 10).await, [""; 0]);
        let allies = format!("{}/{b}/allies", kind.plural);
        admin.link(&allies, e, json!({})).await.status(201);
        assert_eq!(
            path(&admin, kind, (a, e), 6).await,
            ["a", "b", "e"],
            "a link is shorter"
        );
        assert_eq!(path(&admin, kind, (d, a), 6).await.len(), 4);
    }
}

#[tokio::test]
async fn a_path_does_not_lead_through_what_is_hidden() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let middle = kind.make(&admin, "middle").await;
        let child = |name: &'static str| {
            let values = json!({"name": name, "parent": middle});
            let admin = admin.clone();
            async move { admin.make(kind.plural, values).await }
        };
        let (left, right) = (child("left").await, child("right").await);
        assert_eq!(path(&admin, kind, (&left, &right), 4).await.len(), 3);
        let sees = json!({"where": {"name": {"neq": "middle"}}});
        let rules = Rules::none().allow("read", kind.name, sees);
        let role = format!("{}Blind", kind.name);
        for caller in app.person_and_key(&role, rules).await {
            assert_eq!(path(&caller, kind, (&left, &right), 10).await, [""; 0]);
            let address = format!("/v1/data/{}/{left}/path", kind.plural);
            for to in [middle.clone(), uuid::Uuid::now_v7().to_string()] {
                let to = format!("to={}/{to}", kind.plural);
                let answer = caller.get_path(&address, &to).await;
                answer.problem(404, "record_not_found");
            }
        }
    }
}

#[tokio::test]
async fn a_path_needs_an_end() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let id = kind.make(&admin, "a").await;
    let address = format!("/v1/data/{}/{id}/path", kind.plural);
    for (parameters, status) in [
        ("", 400),
        ("to=x", 400),
        ("to=nothings/x", 404),
        ("depth=11&to=organizations/x", 422),
        ("limit=1", 400),
    ] {
        let answer = admin
            .call("GET", &format!("{address}?{parameters}"), &Json::Null)
            .await;
        answer.status(status);
    }
}
