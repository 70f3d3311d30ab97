//! Many object types: how long a start takes, how much memory the server holds, and how long a new field
//! takes until it is served; beside a fresh installation on the same machine.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::{
    Result, http,
    options::{Kind, Options},
    report::say,
    scratch::{Scratch, Service, median, milliseconds},
};

/// How many custom object types there are, and fields on each.
const TYPES: usize = 500;
const FIELDS: usize = 40;
/// How many types one changeset adds.
const BATCH: usize = 10;
/// How often a field is added.
const ADDED: usize = 15;

const FIELD_TYPES: &[&str] = &[
    "text", "integer", "decimal", "date", "boolean", "money", "email", "dateTime",
];

/// What was measured.
struct Measured {
    started: Duration,
    at_start: u64,
    graphql: Duration,
    contract: Duration,
    with_faces: u64,
    added: f64,
    added_over_graphql: f64,
}

/// The face over which a new field is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Rest,
    Graphql,
}

/// Measures a fresh installation, then one with many types.
pub(crate) async fn run(kind: Kind, options: &Options) -> Result<()> {
    let scratch = Scratch::new(kind, options).await?;
    let service = scratch.serve().await?;
    let probe = json!({"op": "addObjectType", "name": "probe", "plural": "probes",
        "fields": [{"name": "name", "type": "text"}]});
    service.change(&[probe]).await?;
    let few = measure(&scratch, service, 0).await?;
    let service = scratch.serve().await?;
    let began = Instant::now();
    for batch in 0..TYPES / BATCH {
        let types: Vec<Json> = (batch * BATCH..(batch + 1) * BATCH)
            .map(object_type)
            .collect();
        service.change(&types).await?;
    }
    let made = began.elapsed().as_secs_f64();
    let many = measure(&scratch, service, 1).await?;
    say("");
    say(&format!(
        "{kind:?}: {TYPES} object types of {FIELDS} fields (made in {made:.0} s)"
    ));
    print(&few, &many);
    scratch.drop(options).await
}

fn print(few: &Measured, many: &Measured) {
    say("| | fresh | many types | aim |");
    say("| --- | ---: | ---: | ---: |");
    let row = |what: &str, of: fn(&Measured) -> f64, unit: &str, aim: &str| {
        let (few, many) = (of(few), of(many));
        say(&format!(
            "| {what} | {few:.0} {unit} | {many:.0} {unit} | {aim} |"
        ));
    };
    let start = |it: &Measured| milliseconds(it.started);
    row("start to first answer", start, "ms", "2,000 ms");
    row("memory then", |it| megabytes(it.at_start), "MB", "250 MB");
    let graphql = |it: &Measured| milliseconds(it.graphql);
    row("first GraphQL answer", graphql, "ms", "");
    let contract = |it: &Measured| milliseconds(it.contract);
    row("first OpenAPI document", contract, "ms", "");
    let faces = |it: &Measured| megabytes(it.with_faces);
    row("memory with both", faces, "MB", "");
    row("a field added until served", |it| it.added, "ms", "100 ms");
    let over = |it: &Measured| it.added_over_graphql;
    row("the same over GraphQL", over, "ms", "");
}

async fn measure(scratch: &Scratch, service: Service, round: usize) -> Result<Measured> {
    let Service { child, token } = service;
    drop(child);
    let first = http::get("/v1/data/probes?limit=1", &token);
    let began = Instant::now();
    let child = scratch.serve_again()?;
    http::ask(child.address, &first).await?;
    let started = began.elapsed();
    let at_start = child.memory()?;
    let service = Service { child, token };
    let added = add_fields(&service, Face::Rest, round).await?;
    let probes = json!({"query": "{ probes(first: 1) { nodes { id } } }"});
    let (_, graphql) = service.send("POST", "/graphql", &probes).await?;
    let (_, contract) = service.get("/openapi.json").await?;
    let with_faces = service.child.memory()?;
    let added_over_graphql = add_fields(&service, Face::Graphql, round).await?;
    Ok(Measured {
        started,
        at_start,
        graphql,
        contract,
        with_faces,
        added,
        added_over_graphql,
    })
}

/// Adds fields and asks for each at once; the median of both together.
async fn add_fields(service: &Service, face: Face, round: usize) -> Result<f64> {
    let mut times = Vec::with_capacity(ADDED);
    for number in 0..ADDED {
        let over = if face == Face::Rest {
            "rest"
        } else {
            "graphql"
        };
        let name = format!("{over}{round}no{number}");
        let field = json!({"name": name, "type": "text"});
        let path = "/v1/meta/objects/probe/fields";
        let (_, added) = service.send("POST", path, &field).await?;
        let served = served(service, face, &name).await?;
        times.push(added + served);
    }
    Ok(median(&mut times))
}

async fn served(service: &Service, face: Face, name: &str) -> Result<Duration> {
    if face == Face::Rest {
        let path = format!("/v1/data/probes?limit=1&fields={name}");
        return Ok(service.get(&path).await?.1);
    }
    let query = json!({"query": format!("{{ probes(first: 1) {{ nodes {{ {name} }} }} }}")});
    let (answer, time) = service.send("POST", "/graphql", &query).await?;
    if answer["errors"].is_array() {
        return Err(format!("the field is not served: {answer}").into());
    }
    Ok(time)
}

fn object_type(number: usize) -> Json {
    let field = |at: usize| {
        let field_type = FIELD_TYPES[at % FIELD_TYPES.len()];
        json!({"name": format!("field{at}"), "type": field_type})
    };
    let mut fields: Vec<Json> = (0..FIELDS - 1).map(field).collect();
    // References tie the types together, as they do in practice.
    let target = match number {
        0 => "organization".to_owned(),
        _ => format!("kind{}", (number - 1) / 2),
    };
    fields.push(
        json!({"name": "parent", "type": "reference", "target": target,
        "inverse": {"name": format!("children{number}"), "label": "Children"}}),
    );
    json!({"op": "addObjectType", "name": format!("kind{number}"), "plural": format!("kinds{number}"),
        "fields": fields})
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
