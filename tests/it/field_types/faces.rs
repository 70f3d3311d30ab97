//! The faces: GraphQL writes and reads each type in the form of REST, and the examples of the OpenAPI
//! document are values that the server takes.

use serde_json::{Value as Json, json};

use super::{Bench, table::Row};

/// The documents of a row: create, update and read, with the object's names put in.
fn document(row: &Row, text: &str) -> String {
    text.replace("Thing", &row.pascal())
        .replace("things", &row.plural())
        .replace("thing", &row.object())
        .replace("VALUE", &format!("value {}", row.selection()))
}

#[tokio::test]
async fn each_type_is_written_and_read_over_graphql_as_over_rest() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let create = "mutation($input: ThingInput!) { made: createThing(input: $input) { thing { id VALUE } } }";
        let update = "mutation($id: ID!, $patch: ThingPatch!) {
            made: updateThing(id: $id, input: $patch) { thing { id VALUE } } }";
        let read = "query($id: ID!) { thing(id: $id) { VALUE } }";
        let thing = row.object();
        for (at, expected) in row.read.iter().enumerate() {
            let mut sent = row.values(at);
            // GraphQL has no references by object: an id it is.
            if row.name == "reference" {
                sent = json!({"value": expected["id"]});
            }
            let variables = json!({ "input": sent });
            let made = admin
                .graphql(&document(row, create), variables)
                .await
                .data();
            let made = &made["made"][&thing];
            assert_eq!(made["value"], *expected, "{}: {sent} created", row.name);
            let id = made["id"].as_str().expect("an id");
            let rest = admin.get(&row.plural(), id).await.ok();
            assert_eq!(rest["value"], *expected, "{}: over REST", row.name);
            let shown = admin
                .graphql(&document(row, read), json!({"id": id}))
                .await
                .data();
            assert_eq!(
                shown[&thing]["value"], *expected,
                "{}: {sent} read",
                row.name
            );
            if row.computed {
                continue;
            }
            let variables = json!({"id": id, "patch": {"value": null}});
            let made = admin
                .graphql(&document(row, update), variables)
                .await
                .data();
            assert_eq!(made["made"][&thing]["value"], Json::Null, "{}", row.name);
            let variables = json!({"id": id, "patch": sent});
            let made = admin
                .graphql(&document(row, update), variables)
                .await
                .data();
            assert_eq!(
                made["made"][&thing]["value"], *expected,
                "{}: updated",
                row.name
            );
        }
    }
}

#[tokio::test]
async fn each_type_has_an_example_in_the_contract_that_the_server_takes() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    let contract = admin.call("GET", "/openapi.json", &Json::Null).await.ok();
    let schemas = &contract["components"]["schemas"];
    for row in &bench.rows {
        let sent = &schemas[format!("{}Create", row.pascal())]["properties"]["value"];
        let shown = &schemas[row.pascal()]["properties"]["value"];
        if row.computed {
            assert!(
                shown["examples"][0].is_string() && sent.is_null(),
                "{shown}"
            );
            continue;
        }
        assert!(
            shown.is_object() && sent.is_object(),
            "{}: {sent}",
            row.name
        );
        let example = &sent["examples"][0];
        if row.name == "reference" {
            assert!(sent["oneOf"].is_array(), "{sent}");
            continue;
        }
        assert!(!example.is_null(), "{}: {sent}", row.name);
        let created = admin.create(&row.plural(), json!({"value": example})).await;
        assert_eq!(created.code(), 201, "{}: {example}\n{created}", row.name);
        let filter = &schemas[format!("{}Filter", row.pascal())]["properties"]["value"];
        assert!(filter.is_object(), "{}: {filter}", row.name);
    }
}
