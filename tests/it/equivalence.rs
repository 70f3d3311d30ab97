//! The same query gives the same records over REST (both forms) and GraphQL, and on both databases.
//!
//! Queries are generated over a small fixed world, of a standard and of a custom type. In the run on
//! PostgreSQL a second server stands on SQLite with the same world.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp, is_postgres};

/// How many queries are tried on each kind.
const CASES: u32 = 40;
const CITIES: [&str; 4] = ["Utrecht", "Île", "utrecht", "_%"];
const FIELDS: [&str; 6] = [
    "name",
    "city",
    "employeeCount",
    "annualRevenue",
    "founded",
    "listed",
];

/// One generated query.
#[derive(Debug, Clone)]
struct Query {
    filter: Json,
    /// Fields with whether the greatest comes first.
    sort: Vec<(&'static str, bool)>,
    limit: u32,
}

fn leaf() -> impl Strategy<Value = Json> {
    let city = prop::sample::select(&CITIES[..]);
    let text_operator = prop::sample::select(vec![
        "eq",
        "neq",
        "lt",
        "gte",
        "contains",
        "startsWith",
        "endsWith",
        "ieq",
        "icontains",
    ]);
    let compare = prop::sample::select(vec!["eq", "neq", "lt", "lte", "gt", "gte"]);
    let number = compare.clone();
    let day = compare.clone();
    prop_oneof![
        (text_operator, city.clone())
            .prop_map(|(operator, city)| json!({"city": {operator: city}})),
        prop::collection::vec(city, 0..3).prop_map(|cities| json!({"city": {"in": cities}})),
        any::<bool>().prop_map(|flag| json!({"city": {"isNull": flag}})),
        (number, 0..6).prop_map(|(operator, number)| json!({"employeeCount": {operator: number}})),
        (compare, 0..6).prop_map(
            |(operator, amount)| json!({"annualRevenue": {operator: format!("{amount}.50")}})
        ),
        (day, 1..5)
            .prop_map(|(operator, day)| json!({"founded": {operator: format!("2020-01-0{day}")}})),
        any::<bool>().prop_map(|flag| json!({"listed": {"neq": flag}})),
        prop::sample::select(vec!["customer", "supplier"])
            .prop_map(|kind| json!({"kinds": {"has": kind}})),
        any::<bool>().prop_map(|flag| json!({"parent": {"isNull": flag}})),
    ]
}

fn filter() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let quantifier = prop::sample::select(vec!["some", "none", "every"]);
        let collection = prop::sample::select(vec!["children", "allies", "alliedBy"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| json!({"and": all})),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|any| json!({"or": any})),
            inner.clone().prop_map(|inner| json!({"not": inner})),
            inner.clone().prop_map(|inner| json!({"parent": inner})),
            (collection, quantifier, inner).prop_map(
                |(collection, quantifier, inner)| json!({collection: {quantifier: inner}})
            ),
        ]
    })
}

fn query() -> impl Strategy<Value = Query> {
    let key = (prop::sample::select(&FIELDS[..]), any::<bool>());
    (filter(), prop::collection::vec(key, 0..3), 1_u32..5).prop_map(|(filter, sort, limit)| Query {
        filter,
        sort,
        limit,
    })
}

/// Twelve records with repeated and missing values, parents and alliances.
async fn fill(client: &Client, kind: Kind) {
    let mut ids: Vec<String> = Vec::new();
    for number in 0..12_usize {
        let mut values = json!({"name": format!("n{number:02}"), "externalId": format!("{}-{number}", kind.name)});
        if number % 5 != 0 {
            values["city"] = json!(CITIES[number % 4]);
        }
        if number % 3 != 0 {
            values["employeeCount"] = json!(number % 4);
            values["annualRevenue"] =
                json!({"amount": format!("{}.5", number % 4), "currency": "EUR"});
        }
        if number % 4 != 1 {
            values["founded"] = json!(format!("2020-01-0{}", 1 + number % 4));
            values["listed"] = json!(number % 2 == 0);
            values["kinds"] = json!(if number % 2 == 0 {
                vec!["customer"]
            } else {
                vec!["supplier", "customer"]
            });
        }
        if number > 3 {
            values["parent"] = json!(ids[number / 3]);
        }
        ids.push(client.make(kind.plural, values).await);
        if number > 1 {
            let path = format!("{}/{}/allies", kind.plural, ids[number]);
            client
                .link(&path, &ids[number / 2], json!({"terms": "x"}))
                .await
                .status(201);
        }
    }
}

fn names(records: &Json) -> Vec<String> {
    let records = records.as_array().expect("records");
    records
        .iter()
        .map(|record| record["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// Walks all pages over REST, forwards.
async fn over_rest(client: &Client, kind: Kind, query: &Query) -> Vec<Vec<String>> {
    let sort: Vec<String> = query
        .sort
        .iter()
        .map(|(field, descending)| format!("{}{field}", if *descending { "-" } else { "" }))
        .collect();
    let sort = if sort.is_empty() {
        String::new()
    } else {
        format!("&sort={}", sort.join(","))
    };
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let parameters = format!("fields=name&limit={}{sort}{after}", query.limit);
        let page = client
            .filter(kind.plural, &query.filter, &parameters)
            .await
            .ok();
        pages.push(names(&page["data"]));
        match page["page"]["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return pages,
        }
    }
}

/// Walks all pages over GraphQL, backwards, and turns them round.
async fn over_graphql(client: &Client, kind: Kind, query: &Query) -> Vec<String> {
    let sort: Vec<Json> = query
        .sort
        .iter()
        .map(|(field, descending)| {
            let direction = json!(if *descending { "DESC" } else { "ASC" });
            if *field == "annualRevenue" {
                json!({*field: {"amount": direction}})
            } else {
                json!({*field: direction})
            }
        })
        .collect();
    let document = "query($filter: ThingFilter, $sort: [ThingSort!], $last: Int, $before: String) {
        things(filter: $filter, sort: $sort, last: $last, before: $before) {
            nodes { name } pageInfo { hasPreviousPage startCursor } totalCount } }";
    let (mut all, mut before) = (Vec::new(), Json::Null);
    loop {
        let variables =
            json!({"filter": query.filter, "sort": sort, "last": query.limit, "before": before});
        let page = kind.graphql(client, document, variables).await.ok();
        assert!(page.get("errors").is_none(), "{page}");
        let page = &page["data"][kind.plural];
        let mut names = names(&page["nodes"]);
        names.extend(all);
        all = names;
        if page["pageInfo"]["hasPreviousPage"] != json!(true) {
            assert_eq!(page["totalCount"], json!(all.len()));
            return all;
        }
        before = page["pageInfo"]["startCursor"].clone();
    }
}

async fn over_query(client: &Client, kind: Kind, query: &Query) -> Vec<String> {
    let sort: Vec<String> = query
        .sort
        .iter()
        .map(|(field, descending)| format!("{}{field}", if *descending { "-" } else { "" }))
        .collect();
    let mut body = json!({"filter": query.filter, "limit": 200, "select": ["name"]});
    if !sort.is_empty() {
        body["sort"] = json!(sort);
    }
    names(&client.query(kind.plural, &body).await.ok()["data"])
}

#[tokio::test]
async fn a_generated_query_gives_the_same_over_both_faces_and_databases() {
    let app = TestApp::start().await;
    let other = if is_postgres() {
        Some(TestApp::start_on_sqlite().await)
    } else {
        None
    };
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let kinds = Kind::both(&app).await;
    if let Some(other) = &other {
        Kind::both(other).await;
    }
    for kind in kinds {
        fill(&app.admin(), kind).await;
        if let Some(other) = &other {
            fill(&other.admin(), kind).await;
        }
        let mut matched = 0;
        for _ in 0..CASES {
            let query = query().new_tree(&mut runner).expect("a query").current();
            let pages = over_rest(&app.admin(), kind, &query).await;
            let all = pages.concat();
            matched += all.len();
            assert_eq!(
                over_graphql(&app.admin(), kind, &query).await,
                all,
                "GraphQL, {query:?}"
            );
            assert_eq!(
                over_query(&app.admin(), kind, &query).await,
                all,
                "query, {query:?}"
            );
            if let Some(other) = &other {
                assert_eq!(
                    over_rest(&other.admin(), kind, &query).await,
                    pages,
                    "SQLite, {query:?}"
                );
            }
        }
        assert!(matched > 100, "the queries match something: {matched}");
    }
}
