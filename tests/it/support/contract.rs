//! The contract that every answer of the suite is held against: its status and header fields are those that
//! `openapi.json` lists for the operation, and its body is of the form that stands there. What the bodies of
//! records are hangs on the caller and the schema; `crate::openapi` holds them against documents of their own.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use serde_json::Value as Json;

use super::{Response, validator::Validator};

/// The header fields that the contract tells of.
const HEADERS: &[&str] = &[
    "etag",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
];

/// Parts of paths under `/v1/data` that are no names of collections.
const WORDS: &[&str] = &["query", "restore", "related", "path"];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::load);

/// The operations of the committed contract.
struct Contract {
    validator: Validator,
    operations: Vec<Operation>,
}

/// One operation; those on records of all types are one.
struct Operation {
    method: String,
    path: Vec<String>,
    /// The answers by their status.
    answers: BTreeMap<u16, Answer>,
}

#[derive(Default)]
struct Answer {
    headers: Vec<String>,
    /// The schemas by media type; for records, of problems alone.
    content: BTreeMap<String, Json>,
}

/// Fails where an answer is none that the contract lists.
pub(crate) fn check(method: &str, path: &str, response: &Response) {
    let Some(operation) = CONTRACT.find(method, path) else {
        return;
    };
    let status = response.code();
    if status == 405 || (status == 404 && response.text().contains("\"route_not_found\"")) {
        return;
    }
    let template = operation.path.join("/");
    let Some(answer) = operation.answers.get(&status) else {
        panic!("openapi.json lists no {status} for {method} {template}\n{response}");
    };
    for name in HEADERS {
        let is_listed = answer.headers.iter().any(|it| it == name);
        assert!(
            is_listed || response.header(name).is_none(),
            "openapi.json lists no {name} in the {status} of {method} {template}\n{response}"
        );
    }
    // What is compressed is looked at by who asked for it.
    if response.size() == 0 || response.header("content-encoding").is_some() {
        return;
    }
    let media_type = response.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    let Some(schema) = answer.content.get(media_type) else {
        panic!(
            "openapi.json lists no {media_type:?} in the {status} of {method} {template}\n{response}"
        );
    };
    if media_type.ends_with("json") && !schema.is_null() {
        let fits = CONTRACT.validator.fits(schema, &response.json());
        assert!(
            fits,
            "the {status} of {method} {template} is not of the form in openapi.json\n{response}"
        );
    }
}

impl Contract {
    fn load() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
        let text = fs::read_to_string(file).expect("openapi.json is committed");
        let root: Json = serde_json::from_str(&text).expect("openapi.json is JSON");
        let mut operations: BTreeMap<(String, String), BTreeMap<u16, Answer>> = BTreeMap::new();
        let paths = root["paths"].as_object().expect("paths");
        for (path, item) in paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let key = (method.clone(), neutral(path));
                let of_records = path.starts_with("/v1/data/") && !path.contains("{objects}");
                let answers = operations.entry(key).or_default();
                let listed = operation["responses"].as_object();
                for (status, answer) in listed.into_iter().flatten() {
                    let status = status.parse().expect("a status");
                    let known = answers.entry(status).or_default();
                    known.add(resolved(&root, answer), of_records);
                }
            }
        }
        let operations = operations.into_iter();
        let operations = operations.map(|((method, path), answers)| Operation {
            method,
            path: path.split('/').map(str::to_owned).collect(),
            answers,
        });
        Self {
            operations: operations.collect(),
            validator: Validator::new(root),
        }
    }

    /// The operation of a request, that with the fewest names that may be anything.
    fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let method = method.to_ascii_lowercase();
        let found = self.operations.iter().filter(|operation| {
            operation.method == method
                && operation.path.len() == parts.len()
                && operation
                    .path
                    .iter()
                    .zip(&parts)
                    .all(|(named, part)| named.starts_with('{') || named == part)
        });
        found.min_by_key(|it| it.path.iter().filter(|part| part.starts_with('{')).count())
    }
}

impl Answer {
    fn add(&mut self, answer: &Json, of_records: bool) {
        let headers = answer["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, _)| name.to_ascii_lowercase());
        self.headers.extend(headers);
        let content = answer["content"].as_object().into_iter().flatten();
        for (media_type, content) in content {
            let is_open = of_records && media_type != "application/problem+json";
            let schema = if is_open {
                Json::Null
            } else {
                content["schema"].clone()
            };
            self.content.insert(media_type.clone(), schema);
        }
    }
}

/// A path with the names of types and collections left open.
fn neutral(path: &str) -> String {
    let Some(rest) = path.strip_prefix("/v1/data/") else {
        return path.to_owned();
    };
    let parts = rest.split('/').enumerate().map(|(at, part)| match at {
        0 => "{objects}",
        _ if part.starts_with('{') || WORDS.contains(&part) => part,
        _ => "{collection}",
    });
    format!("/v1/data/{}", parts.collect::<Vec<_>>().join("/"))
}

fn resolved<'c>(root: &'c Json, answer: &'c Json) -> &'c Json {
    match answer["$ref"].as_str() {
        Some(reference) => {
            let found = root.pointer(reference.trim_start_matches('#'));
            found.expect("an answer that is referred to")
        }
        None => answer,
    }
}
