//! From documents to what the engine takes: the parts of the specification that validation leaves to
//! the executor.

use serde_json::{Map, Value as Json, json};

use super::{show, whole_face};
use crate::graphql::{
    error::GraphError,
    execute::{Asked, prepare},
};

/// Compiles a document and shows it, or the first error's message.
async fn compile(text: &str, variables: Json) -> String {
    let Json::Object(variables) = variables else {
        panic!("variables must be an object");
    };
    let shown = try_compile(text, variables).await;
    shown.unwrap_or_else(|errors| {
        let first = errors.first().expect("there is an error");
        let entry = serde_json::to_value(first.entry(None)).expect("an error is JSON");
        entry["message"].as_str().unwrap_or_default().to_owned()
    })
}

async fn try_compile(text: &str, variables: Map<String, Json>) -> Result<String, Vec<GraphError>> {
    let asked = Asked {
        query: text.to_owned(),
        operation: None,
        variables,
    };
    let face = whole_face();
    let (document, sent) = asked.parse().map_err(|error| vec![error])?;
    let prepared = prepare(&face, &document, &sent).await?;
    Ok(show::plan(&prepared.plan))
}

async fn check(text: &str, variables: Json, expected: &str) {
    assert_eq!(compile(text, variables).await, expected, "{text}");
}

#[tokio::test]
async fn a_list_becomes_a_read() {
    check(
        "{ organizations(first: 2, filter: {name: {startsWith: \"A\"}}, sort: {annualRevenue: {amount: DESC}})
           { totalCount nodes { id annualRevenue { a: amount __typename } } } }",
        json!({}),
        "{organizations: list organizations filter={\"name\":{\"startsWith\":\"A\"}} sort=-annualRevenue.amount \
         limit=2 count {totalCount: count, nodes: records {id: id, annualRevenue: annualRevenue {a: amount, \
         __typename: \"Money\"}}}}",
    )
    .await;
}

#[tokio::test]
async fn a_relation_shows_its_links() {
    check(
        "{ organization(id: 7) { employees(last: 3) { __typename edges { cursor node { id } link { title } } } } }",
        json!({}),
        "{organization: record organizations 7 {employees: list employees limit=3 from_end \
         {__typename: \"OrganizationEmployeesConnection\", edges: {cursor: cursor, node: record {id: id}, \
         link: link {title: title}}}}}",
    )
    .await;
}

#[tokio::test]
async fn equal_keys_merge_at_every_level_and_keep_their_first_place() {
    check(
        "{ order(id: \"x\") { customer { name } ...F id customer { city } } } fragment F on Order { customer { n: name } }",
        json!({}),
        "{order: record orders x {customer: -> customer {name: name, n: name, city: city}, id: id}}",
    )
    .await;
}

#[tokio::test]
async fn skip_and_include_take_literals_variables_and_defaults() {
    let text = "query($no: Boolean = false, $yes: Boolean!) { schemaVersion
        a: schemaVersion @include(if: $no) b: schemaVersion @skip(if: $yes)
        ... @include(if: $yes) { c: schemaVersion } ...F @skip(if: false) } fragment F on Query { d: __typename }";
    check(
        text,
        json!({"yes": true}),
        "{schemaVersion: schemaVersion, c: schemaVersion, d: \"Query\"}",
    )
    .await;
}

#[tokio::test]
async fn variables_have_defaults_and_are_required() {
    let list = |limit: &str| {
        format!("{{organizations: list organizations{limit} {{nodes: records {{id: id}}}}}}")
    };
    let text = "query($n: Int = 3) { organizations(first: $n) { nodes { id } } }";
    check(text, json!({}), &list(" limit=3")).await;
    check(text, json!({"n": 4}), &list(" limit=4")).await;
    check(text, json!({"n": null}), &list("")).await;
    check(
        "query($n: Int!) { organizations(first: $n) { nodes { id } } }",
        json!({}),
        "Variable \"$n\" of type \"Int!\" must not be null.",
    )
    .await;
}

#[tokio::test]
async fn what_async_graphql_lets_through_is_refused() {
    let text = "query($f: OrganizationFilter) { organizations(filter: $f) { totalCount } }";
    let refused = |fault: &str| format!("Variable \"$f\" of type \"OrganizationFilter\"{fault}.");
    let object = refused(" must be an object of the type \"OrganizationFilter\"");
    check(text, json!({"f": "x"}), &object).await;
    let member = refused(".name.eq must be of the type \"String\"");
    check(text, json!({"f": {"name": {"eq": 1}}}), &member).await;
    check(
        text,
        json!({"f": {"nope": 1}}),
        &refused(" has no member \"nope\""),
    )
    .await;
    let panics = "query($x: Nope = 1) { __typename }";
    check(panics, json!({}), "There is no input type \"Nope\".").await;
}

#[tokio::test]
async fn absent_variables_leave_members_out_and_single_values_become_lists() {
    check(
        "query($c: String) { organizations(filter: {city: {eq: $c}, name: {in: \"A\"}}) { totalCount } }",
        json!({}),
        "{organizations: list organizations filter={\"name\":{\"in\":[\"A\"]},\"city\":{}} count {totalCount: count}}",
    )
    .await;
}

#[tokio::test]
async fn pages_are_checked() {
    for (arguments, message) in [
        ("first: 0", "/first: must be from 1 to 200"),
        ("last: 201", "/last: must be from 1 to 200"),
        ("first: 1, last: 1", "/last: can't stand beside `first`"),
        (
            "first: 1, before: \"x\"",
            "/before: stands with `last`, not with `first`",
        ),
    ] {
        let text = format!("{{ organizations({arguments}) {{ totalCount }} }}");
        check(&text, json!({}), message).await;
    }
}

#[tokio::test]
async fn all_writes_of_an_operation_are_steps_of_one_transaction() {
    let text = "mutation($id: ID!) {
        a: createOrganization(input: {name: \"A\"}) { id organization { name } }
        deleteTask(id: $id, ifMatch: 3) { __typename version } }";
    check(
        text,
        json!({"id": "t"}),
        "Create { object: \"organizations\", values: {\"name\": String(\"A\")} } -> {name: name}; \
         Delete { object: \"tasks\", id: \"t\", if_match: Some(3) } ->  | \
         {a: step 0 {id: id, organization: record 0}, deleteTask: step 1 {__typename: \"RemovalPayload\", version: version}}",
    )
    .await;
}

#[tokio::test]
async fn a_payload_may_show_its_record_twice() {
    let text = "mutation { restoreTask(id: \"t\") { a: task { id } b: task { id version } } }";
    check(
        text,
        json!({}),
        "Restore { object: \"tasks\", id: \"t\" } -> {0:0: id, 1:0: id, 1:1: version} | \
         {restoreTask: step 0 {a: record 0, b: record 1}}",
    )
    .await;
}

#[tokio::test]
async fn names_outside_the_surface_are_unknown_without_a_hint() {
    let message = compile("{ organisation(id: 1) { id } }", json!({})).await;
    assert_eq!(message, "Unknown field \"organisation\" on type \"Query\".");
}

#[tokio::test]
async fn fields_that_conflict_are_not_merged() {
    let text = "{ order(id: 1) { id } ...F } fragment F on Query { ... { ... on Query { order(id: 2) { id } } } }";
    let message = compile(text, json!({})).await;
    assert!(
        message.starts_with("Fields \"order\" conflict"),
        "{message}"
    );
}
