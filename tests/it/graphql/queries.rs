//! Queries: records, lists and trees; each answers what REST answers to the same question.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp};

async fn fill(admin: &Client, kind: Kind) -> Vec<String> {
    let mut ids = vec![];
    for (name, city) in [
        ("a", Some("X")),
        ("b", None),
        ("c", Some("Y")),
        ("d", Some("X")),
        ("e", None),
    ] {
        let parent = ids.first();
        let values = json!({"name": name, "city": city, "parent": parent, "kinds": ["customer"],
            "annualRevenue": {"amount": "12.5", "currency": "EUR"}, "serial": "9007199254740993",
            "weight": "1.5", "listed": true, "founded": "2020-02-29", "extra": {"b": 1, "a": [null]}});
        ids.push(admin.make(kind.plural, values).await);
    }
    let path = format!("{}/{}/allies", kind.plural, ids[0]);
    admin
        .link(&path, &ids[1], json!({"terms": "loose"}))
        .await
        .status(201);
    ids
}

#[tokio::test]
async fn a_record_reads_as_it_does_over_rest() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let ids = fill(&admin, kind).await;
        let query = "query ($id: ID!) { thing(id: $id) {
            id version createdAt name city kinds annualRevenue { amount currency } serial weight listed founded
            extra parent { id } status token } }";
        let answer = kind
            .graphql(&admin, query, json!({"id": ids[1]}))
            .await
            .data();
        let fields = "fields=id,version,createdAt,name,city,kinds,annualRevenue,serial,weight,listed,founded,extra,parent,status,token";
        let path = format!("/v1/data/{}/{}", kind.plural, ids[1]);
        let rest = admin.get_path(&path, fields).await.ok();
        assert_eq!(answer[kind.name].to_string(), rest.to_string());

        let nobody = json!({"id": "01890000-0000-7000-8000-000000000000"});
        let answer = kind.graphql(&admin, query, nobody).await.json();
        assert_eq!(answer["data"][kind.name], Json::Null, "{answer}");
    }
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let query = "query ($after: String, $before: String, $first: Int, $last: Int) {
            things(filter: {name: {neq: \"zz\"}}, sort: [{city: ASC}, {name: DESC}],
                   first: $first, last: $last, after: $after, before: $before) {
                nodes { name } edges { cursor node { name } } totalCount
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let names = |list: &Json| -> String {
            let nodes = list["nodes"].as_array().expect("nodes");
            nodes
                .iter()
                .filter_map(|node| node["name"].as_str())
                .collect()
        };
        let ask = |variables: Json| {
            let admin = admin.clone();
            async move { kind.graphql(&admin, query, variables).await.data()[kind.plural].clone() }
        };
        let first = ask(json!({"first": 2})).await;
        assert_eq!(
            (names(&first).as_str(), &first["totalCount"]),
            ("da", &json!(5))
        );
        assert_eq!(first["pageInfo"]["hasPreviousPage"], false);
        assert_eq!(first["edges"][1]["cursor"], first["pageInfo"]["endCursor"]);
        let second = ask(json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await;
        assert_eq!(names(&second), "ce");
        let last = ask(json!({"last": 2})).await;
        assert_eq!(names(&last), "eb");
        let flags = (
            &last["pageInfo"]["hasNextPage"],
            &last["pageInfo"]["hasPreviousPage"],
        );
        assert_eq!(flags, (&json!(false), &json!(true)));
        let before = ask(json!({"last": 2, "before": last["pageInfo"]["startCursor"]})).await;
        assert_eq!(names(&before), "ac");
        let between = ask(json!({"first": 1, "after": first["edges"][0]["cursor"]})).await;
        assert_eq!(names(&between), "a");
    }
}

#[tokio::test]
async fn a_tree_answers_references_inverses_and_links() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let ids = fill(&admin, kind).await;
        let query = "query ($id: ID!) { thing(id: $id) { name
            children(sort: {name: DESC}, first: 2) { nodes { name parent { name } } totalCount pageInfo { hasNextPage } }
            allies(filter: {link: {terms: {eq: \"loose\"}}}) { edges { node { name } link { terms version } } totalCount }
            alliedBy { totalCount } } }";
        let answer = kind
            .graphql(&admin, query, json!({"id": ids[0]}))
            .await
            .data();
        let expected = json!({
            "name": "a",
            "children": {"nodes": [{"name": "e", "parent": {"name": "a"}}, {"name": "d", "parent": {"name": "a"}}],
                         "totalCount": 4, "pageInfo": {"hasNextPage": true}},
            "allies": {"edges": [{"node": {"name": "b"}, "link": {"terms": "loose", "version": 1}}], "totalCount": 1},
            "alliedBy": {"totalCount": 0},
        });
        assert_eq!(answer[kind.name], expected, "{answer}");
    }
}

#[tokio::test]
async fn filters_take_the_json_of_rest() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let query = "query ($filter: ThingFilter) { things(filter: $filter, sort: [{name: ASC}]) { nodes { name } } }";
        let filters = [
            json!({"city": {"isNull": true}}),
            json!({"or": [{"name": {"in": ["a", "c"]}}, {"parent": {"isNull": true}}]}),
            json!({"not": {"city": {"eq": "X"}}}),
            json!({"parent": {"name": {"eq": "a"}}, "city": {"eq": "X"}}),
            json!({"children": {"some": {"name": {"gte": "d"}}}}),
            json!({"alliedBy": {"some": {"link": {"terms": {"startsWith": "l"}}}}}),
            json!({"annualRevenue": {"amount": {"gte": "12.5"}}, "kinds": {"has": "customer"}}),
            json!({"serial": {"eq": "9007199254740993"}, "weight": {"lt": "1.5"}}),
        ];
        for filter in filters {
            let answer = kind
                .graphql(&admin, query, json!({"filter": filter}))
                .await
                .data();
            let rest = admin.filter(kind.plural, &filter, "sort=name").await;
            let names = rest.column("name").into_iter();
            let names: Vec<Json> = names.map(|name| json!({"name": name})).collect();
            assert_eq!(answer[kind.plural]["nodes"], json!(names), "{filter}");
        }
    }
}
