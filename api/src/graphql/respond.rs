//! Carries out a plan and writes `data` in the order of the selection. The engine's bytes go in as
//! they are.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use async_graphql::Value;
use schema::{
    Error, WriteAnswer,
    access::Surface,
    request::{ReadRequest, WriteRequest, WriteStep},
};
use serde_json::value::RawValue;

use crate::{
    graphql::{
        coerce,
        compile::{At, GraphRequest, MutationPart, Payload, PayloadPart, Picked, QueryPart},
        error::GraphError,
        execute::Work,
    },
    problem::Problem,
};

/// `data` with what went wrong.
#[derive(Debug)]
pub(super) struct Data {
    /// The JSON text.
    pub(super) json: Vec<u8>,
    /// The errors.
    pub(super) errors: Vec<GraphError>,
}

impl Data {
    fn nothing(errors: Vec<GraphError>) -> Self {
        Self {
            json: b"null".to_vec(),
            errors,
        }
    }
}

/// An object whose members are JSON texts.
#[derive(Debug, Default)]
struct ObjectText(Vec<u8>);

impl ObjectText {
    fn member(&mut self, key: &str, json: &[u8]) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.0.extend(text(key));
        self.0.push(b':');
        self.0.extend_from_slice(json);
    }

    fn finish(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        self.0
    }
}

fn text(value: &str) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Reads, all at once.
pub(super) async fn query(work: &Work<'_>, parts: Vec<(String, QueryPart)>) -> Data {
    let introspects = parts
        .iter()
        .any(|(_, part)| matches!(part, QueryPart::Introspection));
    let introspected = if introspects {
        match introspect(work).await {
            Ok(members) => members,
            Err(problem) => return Data::nothing(vec![GraphError::of_problem(problem)]),
        }
    } else {
        HashMap::new()
    };
    let answers = match read(work, &parts).await {
        Ok(answers) => answers,
        Err(errors) => return Data::nothing(errors),
    };
    let mut errors = Vec::new();
    let mut object = ObjectText::default();
    let mut whole = true;
    for ((key, part), answer) in parts.iter().zip(answers) {
        match (part, answer) {
            (QueryPart::Introspection, _) => {
                let json = introspected.get(key).map_or(&b"null"[..], Vec::as_slice);
                object.member(key, json);
            }
            (_, Ok(json)) => object.member(key, &json),
            (_, Err(found)) => {
                // A list is never null, so its error takes `data` with it.
                whole &= part.is_nullable();
                object.member(key, b"null");
                errors.extend(found);
            }
        }
    }
    if whole {
        let json = object.finish();
        Data { json, errors }
    } else {
        Data::nothing(errors)
    }
}

async fn introspect(work: &Work<'_>) -> Result<HashMap<String, Vec<u8>>, Problem> {
    let variables = coerce::to_graphql(work.variables);
    let face = std::sync::Arc::clone(work.face);
    let Value::Object(members) = work.document.introspect(face, variables).await? else {
        return Err(Problem::internal("introspection answered no object"));
    };
    members
        .into_iter()
        .map(|(key, value)| {
            let json = serde_json::to_vec(&value).map_err(Problem::internal)?;
            Ok((key.to_string(), json))
        })
        .collect()
}

/// The JSON text of one member of `data`, or why there is none.
type Part = Result<Vec<u8>, Vec<GraphError>>;

/// The JSON of every part, in order; that of an introspection is empty.
async fn read(
    work: &Work<'_>,
    parts: &[(String, QueryPart)],
) -> Result<Vec<Part>, Vec<GraphError>> {
    let requests: Vec<ReadRequest> = parts
        .iter()
        .filter_map(|(_, part)| match part {
            QueryPart::Read { request, .. } => Some((**request).clone()),
            QueryPart::Constant(_)
            | QueryPart::SchemaVersion
            | QueryPart::Introspection
            | QueryPart::Graph { .. } => None,
        })
        .collect();
    let answered = work
        .engine
        .read_in_snapshot(work.snapshot, work.caller, &requests)
        .await;
    let mut answers = answered
        .map_err(|error| work.places.explain(error, None))?
        .into_iter();
    let version = work.face.surface.schema_version;
    let mut json = Vec::with_capacity(parts.len());
    for (_, part) in parts {
        json.push(match part {
            QueryPart::Constant(constant) => Ok(text(constant)),
            QueryPart::SchemaVersion => Ok(version.to_string().into_bytes()),
            QueryPart::Introspection => Ok(Vec::new()),
            QueryPart::Graph {
                request,
                picked,
                at,
            } => or_null(work, at, walk(work, request, picked).await),
            QueryPart::Read { at, .. } => {
                let answer = answers.next().unwrap_or_else(|| {
                    let message = "the engine answered fewer reads than it was asked";
                    Err(Error::internal("reading", message))
                });
                let body = answer.map(|answer| answer.body);
                if part.is_nullable() {
                    or_null(work, at, body)
                } else {
                    body.map_err(|error| work.places.explain(error, Some(at)))
                }
            }
        });
    }
    Ok(json)
}

/// What is not there for the caller is null.
fn or_null(work: &Work<'_>, at: &At, found: Result<Vec<u8>, Error>) -> Part {
    match found {
        Err(Error::RecordNotFound { .. }) => Ok(b"null".to_vec()),
        found => found.map_err(|error| work.places.explain(error, Some(at))),
    }
}

async fn walk(work: &Work<'_>, request: &GraphRequest, picked: &Picked) -> Result<Vec<u8>, Error> {
    let (engine, snapshot, caller) = (work.engine, work.snapshot, work.caller);
    let graph = match request {
        GraphRequest::Related(request) => engine.related(snapshot, caller, request).await?,
        GraphRequest::Path(request) => engine.find_path(snapshot, caller, request).await?,
    };
    let json = picked.of(&graph);
    json.map_err(|error| Error::internal("writing a graph", error))
}

/// Writes, all in one transaction: all of them or none. Gives nothing when the transaction found
/// another surface than the one the steps were compiled by; then nothing was written.
pub(super) async fn mutation(
    work: &Work<'_>,
    steps: Vec<WriteStep>,
    parts: Vec<(String, MutationPart)>,
) -> Option<Data> {
    let ids: Vec<String> = steps.iter().map(|step| named_id(&step.write)).collect();
    let answers = if steps.is_empty() {
        Ok(Vec::new())
    } else {
        let moved = AtomicBool::new(false);
        let build = |surface: &Surface| {
            let same = surface.hash == work.face.surface.hash;
            moved.store(!same, Ordering::Relaxed);
            if same { steps.clone() } else { Vec::new() }
        };
        let answers = work.engine.write_shaped(work.caller, build).await;
        if moved.into_inner() {
            return None;
        }
        answers
    };
    Some(match answers {
        Ok(answers) => written(&parts, &answers),
        Err(error) => {
            let at = field_at_fault(&parts, &ids, &error);
            Data::nothing(work.places.explain(error, at))
        }
    })
}

/// `data` of a mutation that was carried out.
fn written(parts: &[(String, MutationPart)], answers: &[WriteAnswer]) -> Data {
    let mut object = ObjectText::default();
    for (key, part) in parts {
        match part {
            MutationPart::Constant(constant) => object.member(key, &text(constant)),
            MutationPart::Payload { step, payload, .. } => {
                let json = answers
                    .get(*step)
                    .map(|answer| write_payload(payload, answer));
                match json {
                    Some(Ok(json)) => object.member(key, &json),
                    Some(Err(problem)) => {
                        return Data::nothing(vec![GraphError::of_problem(problem)]);
                    }
                    None => object.member(key, b"null"),
                }
            }
        }
    }
    Data {
        json: object.finish(),
        errors: Vec::new(),
    }
}

/// The field to which an error belongs that names no place: the only one, or the only one that names
/// the record of the error.
fn field_at_fault<'a>(
    parts: &'a [(String, MutationPart)],
    ids: &[String],
    error: &Error,
) -> Option<&'a At> {
    let id = match error {
        Error::RecordNotFound { id, .. } => Some(id.clone()),
        Error::VersionMismatch { id, .. } => Some(id.to_string()),
        Error::Invalid(_)
        | Error::ObjectNotFound(_)
        | Error::NotFound { .. }
        | Error::Forbidden(_)
        | Error::Unauthenticated(_)
        | Error::UniqueConflict { .. }
        | Error::Conflict(_)
        | Error::SchemaVersionMismatch { .. }
        | Error::AccessVersionMismatch { .. }
        | Error::Busy
        | Error::Aborted
        | Error::Store { .. } => None,
    };
    let mut found = parts.iter().filter_map(|(_, part)| match part {
        MutationPart::Payload { step, at, .. } => {
            let named = ids.len() == 1 || ids.get(*step) == id.as_ref();
            named.then_some(at)
        }
        MutationPart::Constant(_) => None,
    });
    found.next().filter(|_| found.next().is_none())
}

/// The id of the record or link that a write names; empty for a new one.
fn named_id(write: &WriteRequest) -> String {
    match write {
        WriteRequest::Create { .. } => String::new(),
        WriteRequest::Update { id, .. }
        | WriteRequest::Delete { id, .. }
        | WriteRequest::Restore { id, .. }
        | WriteRequest::ChangeCollection { id, .. }
        | WriteRequest::Link { id, .. } => id.clone(),
        WriteRequest::UpdateLink { link, .. } | WriteRequest::Unlink { link, .. } => link.clone(),
    }
}

fn write_payload(payload: &Payload, answer: &WriteAnswer) -> Result<Vec<u8>, Problem> {
    let records = split(payload, answer.body.as_deref().unwrap_or(b"null"))?;
    let mut object = ObjectText::default();
    for (key, part) in &payload.entries {
        match part {
            PayloadPart::Constant(constant) => object.member(key, &text(constant)),
            PayloadPart::Id => object.member(key, &text(&answer.id.to_string())),
            PayloadPart::Version => match answer.version {
                Some(version) => object.member(key, version.to_string().as_bytes()),
                None => object.member(key, b"null"),
            },
            PayloadPart::Record(at) => {
                object.member(key, records.get(*at).map_or(&b"null"[..], Vec::as_slice));
            }
        }
    }
    Ok(object.finish())
}

/// The engine's answer for each selection of the record.
fn split(payload: &Payload, body: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
    if payload.selections.len() < 2 || body == b"null" {
        return Ok(vec![body.to_vec(); payload.selections.len()]);
    }
    let members: HashMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(Problem::internal)?;
    let selections = payload.selections.iter().enumerate();
    Ok(selections
        .map(|(number, keys)| {
            let mut object = ObjectText::default();
            for (at, key) in keys.iter().enumerate() {
                let json = members.get(&format!("{number}:{at}"));
                object.member(key, json.map_or("null", |raw| raw.get()).as_bytes());
            }
            object.finish()
        })
        .collect())
}
