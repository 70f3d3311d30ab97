//! What is no request, or too large a one, is refused before it costs anything.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

#[tokio::test]
async fn documents_over_a_limit_are_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let deep = |levels: usize| {
        let open = "children { nodes { ".repeat(levels);
        format!(
            "{{ things {{ nodes {{ {open} name {} }} }} }}",
            "} } ".repeat(levels)
        )
    };
    let wide: String = (0..200).fold(String::new(), |text, at| {
        format!("{text}a{at}: __typename ")
    });
    let filter = (0..1_000).fold("{}".to_owned(), |inner, _| format!("{{not: {inner}}}"));
    // Each fragment spreads the next one twice: 2^30 fields from a kilobyte.
    let bomb = (0..30).fold(String::new(), |text, at| {
        let next = at + 1;
        format!("{text}fragment f{at} on Thing {{ ...f{next} ...f{next} }} ")
    });
    let rows = "{ things(first: 200) { nodes { children(first: 200) { nodes { children(first: 200) { nodes { name } } } } } } }";
    let too_large = [
        deep(20),
        deep(2_000),
        format!("{{ {wide} }}"),
        format!("{{ things(filter: {filter}) {{ nodes {{ name }} }} }}"),
        format!(
            "{{ things {{ nodes {{ ...f0 }} }} }} {bomb} fragment f30 on Thing {{ a: name b: name }}"
        ),
        format!("{{ __typename {} }}", "@skip(if: false) ".repeat(50)),
    ];
    for query in too_large {
        let answer = kind.graphql(&admin, &query, json!({})).await;
        answer.error("query_too_large");
    }
    let answer = kind.graphql(&admin, rows, json!({})).await;
    answer.error("invalid_request");
}

#[tokio::test]
async fn what_is_no_document_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let malformed = [
        "{ things { nodes { name } }",
        "",
        "query { things { nodes { name \"",
    ];
    let invalid = [
        "{ things { nodes { colour } } }",
        "{ things(colour: 1) { nodes { name } } }",
        "{ things(filter: {colour: {eq: 1}}) { nodes { name } } }",
        "{ things(filter: {name: {like: \"x\"}}) { nodes { name } } }",
        "{ things(first: 1, sort: {colour: ASC}) { nodes { name } } }",
        "{ things }",
        "{ things { nodes { name { x } } } }",
        "{ things { nodes { ...missing } } }",
        "{ things { nodes { ...a } } } fragment a on Thing { ...a }",
        "{ things { nodes { name } } } fragment unused on Nothing { name }",
        "query ($a: Nothing = 1) { __typename }",
        "mutation { createNothing { id } }",
        "subscription { thingChanged { id } }",
    ];
    let malformed = malformed
        .into_iter()
        .map(|query| (query, "malformed_query"));
    let invalid = invalid.into_iter().map(|query| (query, "invalid_query"));
    for (query, code) in malformed.chain(invalid) {
        let answer = kind.graphql(&admin, query, json!({})).await;
        let error = answer.error(code);
        assert!(error["message"].is_string(), "{answer}");
        assert!(answer.code() < 500, "{answer}");
    }
}

#[tokio::test]
async fn the_body_is_one_request() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let bodies = [
        json!([{"query": "{ __typename }"}]),
        json!({}),
        json!({"query": 1}),
        json!({"query": "{ __typename }", "variables": []}),
        json!({"query": "{ __typename }", "operationName": 1}),
        json!({"query": "{ __typename }", "extensions": 1}),
    ];
    for body in bodies {
        let answer = admin.call("POST", "/graphql", &body).await;
        answer.status(400).error("invalid_request");
    }
    let post = || admin.request(reqwest::Method::POST, "/graphql");
    let broken = post().header("content-type", "application/json").body("{");
    admin.send(broken).await.status(400).error("malformed_json");
    let text = post().header("content-type", "text/plain").body("{}");
    admin
        .send(text)
        .await
        .status(415)
        .error("unsupported_media_type");
    let large = json!({"query": format!("{{ __typename }} #{}", "x".repeat(300_000))});
    admin
        .call("POST", "/graphql", &large)
        .await
        .status(413)
        .error("body_too_large");
    admin
        .call("GET", "/graphql", &Json::Null)
        .await
        .problem(405, "method_not_allowed");
}

#[tokio::test]
async fn the_newer_media_type_says_by_its_status_what_was_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let send = |query: &'static str| {
        let request = admin.request(reqwest::Method::POST, "/graphql");
        let request = request.header("accept", "application/graphql-response+json");
        admin.send(request.json(&json!({"query": query})))
    };
    let answered = send("{ __typename }").await;
    let media_type = answered
        .status(200)
        .header("content-type")
        .unwrap_or_default();
    assert!(
        media_type.starts_with("application/graphql-response+json"),
        "{media_type}"
    );
    send("{ nothing }").await.status(400).error("invalid_query");
    send("{").await.status(400).error("malformed_query");
}
