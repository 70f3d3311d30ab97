//! The members of a collection of one record, and the links of relation types:
//! `/v1/data/{objects}/{id}/{collection}`.

use std::collections::HashMap;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use schema::{
    Error, FaultCode, Place,
    access::{Caller, Surface},
    request::{ListRequest, ReadRequest, WriteRequest},
};
use serde_json::{Map, Value as Json, value::RawValue};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Parameters, Path},
    problem::Problem,
    rest::{
        answer,
        condition::{PatchParameters, if_match},
        query_string::{parse_list, parse_nothing, parse_record},
        selection::Shaper,
    },
    state::AppState,
};

type Answer = Result<Response, Problem>;

/// `GET /v1/data/{objects}/{id}/{collection}`
pub(crate) async fn list_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id, collection)): Path<(String, String, String)>,
    Parameters(pairs): Parameters,
) -> Answer {
    let list = parse_list(pairs)?;
    let build = |surface: &Surface| {
        let (fields, count) = (list.fields.as_deref(), list.query.count);
        let shape = Shaper::new(surface).members(&object, &collection, fields, count);
        ReadRequest::List(ListRequest {
            object,
            query: list.query,
            shape,
            of: Some((id, collection)),
        })
    };
    let answer = state.read(&caller, build).await?;
    Ok(answer::read(&state, answer))
}

/// `POST /v1/data/{objects}/{id}/{relation}`
pub(crate) async fn create_link(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id, relation)): Path<(String, String, String)>,
    Parameters(pairs): Parameters,
    Body(mut values): Body<Map<String, Json>>,
) -> Answer {
    let fields = parse_record(pairs)?;
    let target = take_target(&mut values)?;
    let write = WriteRequest::Link {
        object: object.clone(),
        id,
        relation: relation.clone(),
        target,
        values,
    };
    let answer =
        |surface: &Surface| Some(Shaper::new(surface).link(&object, &relation, fields.as_deref()));
    // No Location: a link has no address of its own that could be read.
    let written = state.write(&caller, &write, answer).await?;
    Ok(answer::written(StatusCode::CREATED, written))
}

/// `PUT /v1/data/{objects}/{id}/{collection}`
pub(crate) async fn set_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<(String, String, String)>,
    parameters: PatchParameters,
    Body(set): Body<Json>,
) -> Answer {
    // What is no list is refused by the engine, which knows first whether the record is there.
    let change = if set.is_array() { set } else { Json::Null };
    change_collection(&state, &caller, path, (parameters, change)).await
}

/// `PATCH /v1/data/{objects}/{id}/{collection}`
pub(crate) async fn change_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<(String, String, String)>,
    parameters: PatchParameters,
    Body(change): Body<Map<String, Json>>,
) -> Answer {
    let change = Json::Object(change);
    change_collection(&state, &caller, path, (parameters, change)).await
}

/// Changes a collection and answers its first page.
async fn change_collection(
    state: &AppState,
    caller: &Caller,
    (object, id, collection): (String, String, String),
    (parameters, change): (PatchParameters, Json),
) -> Answer {
    const KEY: &str = "members";
    let write = WriteRequest::ChangeCollection {
        object: object.clone(),
        id,
        collection: collection.clone(),
        change,
        if_match: parameters.if_match,
    };
    let fields = parameters.fields.as_deref();
    let answer = |surface: &Surface| {
        let shaper = Shaper::new(surface);
        Some(shaper.one_collection(&object, (&collection, KEY), fields))
    };
    let mut written = state.write(caller, &write, answer).await?;
    let members = written.body.as_deref().map(|body| {
        let record: HashMap<&str, &RawValue> = serde_json::from_slice(body)?;
        let page = record.get(KEY).map(|page| page.get().as_bytes().to_vec());
        Ok::<_, serde_json::Error>(page)
    });
    written.body = members.transpose().map_err(Problem::internal)?.flatten();
    Ok(answer::written(StatusCode::OK, written))
}

/// `PATCH /v1/data/{objects}/{id}/{relation}/{linkId}`
pub(crate) async fn update_link(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id, relation, link)): Path<(String, String, String, String)>,
    parameters: PatchParameters,
    Body(patch): Body<Map<String, Json>>,
) -> Answer {
    let fields = parameters.fields.as_deref();
    let write = WriteRequest::UpdateLink {
        object: object.clone(),
        id,
        relation: relation.clone(),
        link,
        patch,
        if_match: parameters.if_match,
    };
    let answer = |surface: &Surface| Some(Shaper::new(surface).link(&object, &relation, fields));
    let written = state.write(&caller, &write, answer).await?;
    Ok(answer::written(StatusCode::OK, written))
}

/// `DELETE /v1/data/{objects}/{id}/{relation}/{linkId}`
pub(crate) async fn delete_link(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id, relation, link)): Path<(String, String, String, String)>,
    Parameters(pairs): Parameters,
    headers: HeaderMap,
) -> Answer {
    parse_nothing(&pairs)?;
    let write = WriteRequest::Unlink {
        object,
        id,
        relation,
        link,
        if_match: if_match(&headers)?,
    };
    state.write(&caller, &write, |_| None).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes the target out of the body: `"id": "…"`, or as a reference is read, `"id": {"id": "…"}`.
fn take_target(values: &mut Map<String, Json>) -> Result<String, Error> {
    let place = || Place::Pointer("/id".to_owned());
    let sent = values
        .remove("id")
        .ok_or_else(|| Error::fault(place(), FaultCode::Required, "name the record to link to"))?;
    let inner = sent.as_object().and_then(|object| object.get("id"));
    match inner.unwrap_or(&sent) {
        Json::String(id) => Ok(id.clone()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            let message = "must be the id of a record";
            Err(Error::fault(place(), FaultCode::InvalidValue, message))
        }
    }
}
