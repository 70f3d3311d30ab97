//! An object type of 500 fields beside one of 15: what a request costs that asks for ten of them.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::{
    Result,
    options::{Kind, Options},
    report::say,
    scratch::{Scratch, Service, median},
};

/// The fields of the two types.
const NARROW: usize = 15;
const WIDE: usize = 500;
/// How many fields are asked for, or sent.
const ASKED: usize = 10;
/// How many records each type has, and how often each request is sent.
const RECORDS: usize = 200;
const REQUESTS: usize = 200;

/// The types by their plural names.
const PLURALS: [&str; 2] = ["narrows", "wides"];

const FIELD_TYPES: &[&str] = &["text", "integer", "decimal", "date", "boolean"];

/// The requests.
const REQUESTS_OF: &[&str] = &[LIST, GET_TEN, GET_ALL, CREATE, UPDATE];
const LIST: &str = "list of 50, 10 fields";
const GET_TEN: &str = "get by id, 10 fields";
const GET_ALL: &str = "get by id, all fields";
const CREATE: &str = "create, 10 fields";
const UPDATE: &str = "update of one field";

/// Measures both types in turns.
pub(crate) async fn run(kind: Kind, options: &Options) -> Result<()> {
    let scratch = Scratch::new(kind, options).await?;
    let service = scratch.serve().await?;
    let ids = fill(&service).await?;
    say("");
    say(&format!(
        "{kind:?}: a type of {WIDE} fields beside one of {NARROW}; medians"
    ));
    say("| request | 15 fields | 500 fields | ratio |");
    say("| --- | ---: | ---: | ---: |");
    for request in REQUESTS_OF {
        let [narrow, wide] = measure(&service, &ids, request).await?;
        say(&format!(
            "| {request} | {narrow:.2} ms | {wide:.2} ms | {:.2} |",
            wide / narrow
        ));
    }
    drop(service);
    scratch.drop(options).await
}

/// Makes the types and their records; the ids of these.
async fn fill(service: &Service) -> Result<[Vec<String>; 2]> {
    for (name, plural, fields) in [("narrow", PLURALS[0], NARROW), ("wide", PLURALS[1], WIDE)] {
        let first = json!({"op": "addObjectType", "name": name, "plural": plural});
        service.change(&[first]).await?;
        let fields: Vec<Json> = (0..fields).map(field).collect();
        for fields in fields.chunks(50) {
            let add = |field: &Json| json!({"op": "addField", "object": name, "field": field});
            let operations: Vec<Json> = fields.iter().map(add).collect();
            service.change(&operations).await?;
        }
    }
    let mut ids = [Vec::new(), Vec::new()];
    for number in 0..RECORDS {
        for (plural, ids) in PLURALS.iter().zip(&mut ids) {
            let path = format!("/v1/data/{plural}");
            let (made, _) = service.send("POST", &path, &values(number)).await?;
            ids.push(made["id"].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(ids)
}

/// The medians of one request for both types.
async fn measure(service: &Service, ids: &[Vec<String>; 2], request: &str) -> Result<[f64; 2]> {
    let asked: Vec<String> = (0..ASKED).map(|at| format!("field{at}")).collect();
    let asked = asked.join(",");
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..REQUESTS {
        for ((plural, ids), times) in PLURALS.iter().zip(ids).zip(&mut times) {
            let one = Request {
                plural,
                id: &ids[number % RECORDS],
                asked: &asked,
                number,
            };
            times.push(one.send(service, request).await?);
        }
    }
    Ok(times.map(|mut times| median(&mut times)))
}

/// One request.
struct Request<'a> {
    plural: &'a str,
    id: &'a str,
    asked: &'a str,
    number: usize,
}

impl Request<'_> {
    async fn send(&self, service: &Service, request: &str) -> Result<Duration> {
        let Self {
            plural,
            id,
            asked,
            number,
        } = self;
        let one = format!("/v1/data/{plural}/{id}");
        let (_, time) = match request {
            LIST => {
                let path = format!("/v1/data/{plural}?limit=50&sort=field1&fields={asked}");
                service.get(&path).await?
            }
            GET_TEN => service.get(&format!("{one}?fields={asked}")).await?,
            GET_ALL => service.get(&one).await?,
            CREATE => {
                let path = format!("/v1/data/{plural}?fields=id");
                service.send("POST", &path, &values(*number)).await?
            }
            _ => {
                let patch = json!({"field1": 1_000_000 + number});
                service
                    .send("PATCH", &format!("{one}?fields=id"), &patch)
                    .await?
            }
        };
        Ok(time)
    }
}

fn field(at: usize) -> Json {
    json!({"name": format!("field{at}"), "type": FIELD_TYPES[at % FIELD_TYPES.len()]})
}

/// The values of the first ten fields.
fn values(number: usize) -> Json {
    let value = |at: usize| match FIELD_TYPES[at % FIELD_TYPES.len()] {
        "text" => json!(format!("text {number}")),
        "integer" => json!(number * 10 + at),
        "decimal" => json!(format!("{number}.25")),
        "date" => json!("2026-02-28"),
        _ => json!(number.is_multiple_of(2)),
    };
    let members = (0..ASKED).map(|at| (format!("field{at}"), value(at)));
    Json::Object(members.collect::<Map<_, _>>())
}
