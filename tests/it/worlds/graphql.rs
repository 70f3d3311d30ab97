//! Requests over GraphQL: one way to make them for each sort of root field.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    chance::Chance,
    pair::{Pair, Request},
    vocabulary as words,
};
use crate::support::{Client, Kind};

/// The sorts of root fields: `things`, `thing` and `Thing` stand for the names of a type, `Allies` for a
/// relation.
const ROOT_FIELDS: &[&str] = &[
    "things",
    "thing",
    "relatedRecords",
    "shortestPath",
    "schemaVersion",
    "createThing",
    "updateThing",
    "deleteThing",
    "restoreThing",
    "linkThingAllies",
    "updateThingAlliesLink",
    "unlinkThingAllies",
];

/// That each root field of everything is of a sort that programs are made of.
pub(super) async fn every_root_field_is_known(admin: &Client, kinds: [Kind; 2]) {
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let schema = admin.graphql(query, Json::Null).await.data();
    let mut used = BTreeSet::new();
    for of in ["queryType", "mutationType"] {
        let fields = schema["__schema"][of]["fields"].as_array().expect("fields");
        let names = fields.iter().filter_map(|field| field["name"].as_str());
        for name in names {
            // What other types have is made as that of these.
            let neutral = kinds.iter().fold(name.to_owned(), |name, kind| {
                name.replace(kind.plural, "things")
                    .replace(&kind.pascal(), "Thing")
                    .replace(kind.name, "thing")
            });
            let fixed = !neutral.to_lowercase().contains("thing");
            if fixed && !["relatedRecords", "shortestPath", "schemaVersion"].contains(&name) {
                let of_type = ["create", "update", "delete", "restore", "link", "unlink"];
                let known = of == "queryType" || of_type.iter().any(|verb| name.starts_with(verb));
                assert!(known, "{name} is a new sort of root field");
                continue;
            }
            used.insert(neutral);
        }
    }
    for sort in ROOT_FIELDS {
        assert!(used.contains(*sort), "{sort} is no root field any more");
    }
    let of_kinds = used
        .iter()
        .filter(|name| !ROOT_FIELDS.contains(&name.as_str()));
    let unknown: Vec<_> = of_kinds
        .filter(|name| {
            let of_link = name.starts_with("linkThing") || name.starts_with("unlinkThing");
            let of_change = name.starts_with("updateThing") && name.ends_with("Link");
            !of_link && !of_change
        })
        .collect();
    assert!(unknown.is_empty(), "new root fields: {unknown:?}");
}

/// A request at random.
pub(super) fn request(chance: &mut Chance, pair: &Pair) -> Request {
    let kind = pair.kind(chance);
    let root = if chance.one_in(10) {
        "introspection"
    } else {
        chance.pick(ROOT_FIELDS)
    };
    let (text, variables) = document(root, chance, pair);
    let body = json!({"query": kind.document(&text), "variables": variables});
    Request::new(root, "/graphql".to_owned(), body)
}

fn document(root: &str, chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let selection = selection(chance, 2);
    let id = pair.id(chance);
    match root {
        "things" => many(chance, pair, &selection),
        "thing" => (
            format!("query($id: ID!) {{ a: thing(id: $id) {{ {selection} }} b: thing(id: $id) {{ id }} }}"),
            json!({"id": id}),
        ),
        "relatedRecords" => (
            "query($id: ID!) { relatedRecords(type: \"thing\", id: $id, depth: 2) { isComplete nodes { id type } edges { from to name } } }".to_owned(),
            json!({"id": id}),
        ),
        "shortestPath" => (
            "query($a: ID!, $b: ID!) { shortestPath(fromType: \"thing\", from: $a, toType: \"thing\", to: $b) { nodes { id } } }".to_owned(),
            json!({"a": id, "b": pair.id(chance)}),
        ),
        "schemaVersion" => ("{ schemaVersion }".to_owned(), json!({})),
        "createThing" => (
            format!("mutation($i: ThingInput!) {{ createThing(input: $i) {{ id thing {{ {selection} }} }} }}"),
            json!({"i": words::input(chance, pair)}),
        ),
        "updateThing" => (
            format!("mutation($id: ID!, $i: ThingPatch!) {{ updateThing(id: $id, input: $i) {{ id thing {{ {selection} }} }} }}"),
            json!({"id": id, "i": words::input(chance, pair)}),
        ),
        "deleteThing" | "restoreThing" => (
            format!("mutation($id: ID!) {{ {root}(id: $id) {{ id }} }}"),
            json!({"id": id}),
        ),
        "linkThingAllies" => (
            "mutation($id: ID!, $t: ID!) { linkThingAllies(id: $id, target: $t) { id } }".to_owned(),
            json!({"id": id, "t": pair.id(chance)}),
        ),
        "updateThingAlliesLink" => (
            "mutation($id: ID!, $l: ID!) { updateThingAlliesLink(id: $id, link: $l, input: {since: \"2026-03-03\"}) { id } }".to_owned(),
            json!({"id": id, "l": pair.link(chance)}),
        ),
        "unlinkThingAllies" => (
            "mutation($id: ID!, $l: ID!) { unlinkThingAllies(id: $id, link: $l) { id } }".to_owned(),
            json!({"id": id, "l": pair.link(chance)}),
        ),
        _ => (
            "{ __schema { types { name kind description fields { name } inputFields { name } enumValues { name } } } }".to_owned(),
            json!({}),
        ),
    }
}

fn many(chance: &mut Chance, pair: &Pair, selection: &str) -> (String, Json) {
    let sort = if chance.one_in(2) {
        let key = match words::field(chance) {
            "parent" => "name",
            key => key,
        };
        format!(", sort: [{{{key}: {}}}]", chance.pick(&["ASC", "DESC"]))
    } else {
        String::new()
    };
    let mut variables = json!({"f": words::filter(chance, pair, 2)});
    let mut page = format!("first: {}", 1 + chance.below(6));
    if chance.one_in(4)
        && let Some(cursor) = pair.cursor(chance)
    {
        page.push_str(", after: $c");
        variables["c"] = json!(cursor);
    }
    let declared = if variables["c"].is_null() {
        ""
    } else {
        ", $c: String"
    };
    let total = chance.pick(&["", "totalCount"]);
    let text = format!(
        "query($f: ThingFilter{declared}) {{ things(filter: $f{sort}, {page}) {{ {total} pageInfo {{ hasNextPage endCursor }} nodes {{ ...a }} }} }} \
         fragment a on Thing {{ {selection} }}"
    );
    (text, variables)
}

fn selection(chance: &mut Chance, depth: usize) -> String {
    let mut parts: Vec<String> = words::some_fields(chance)
        .into_iter()
        .filter(|name| !name.is_empty() && !name.contains(';'))
        .map(|name| match name {
            "parent" => "parent { id }".to_owned(),
            "annualRevenue" => "annualRevenue { amount }".to_owned(),
            name if chance.one_in(4) => format!("alias: {name}"),
            name => name.to_owned(),
        })
        .collect();
    parts.push("id".to_owned());
    if depth > 0 && chance.one_in(2) {
        parts.push(format!("up: parent {{ {} }}", selection(chance, depth - 1)));
    }
    if depth > 0 && chance.one_in(2) {
        let collection = words::collection(chance);
        let total = chance.pick(&["", "totalCount"]);
        let inner = selection(chance, depth - 1);
        parts.push(format!(
            "{collection}(first: 3) {{ {total} nodes {{ {inner} }} }}"
        ));
    }
    parts.join(" ")
}
