//! The members of a collection of one record, and the links of relation types:
//! `/v1/data/{objects}/{id}/{collection}`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use schema::{
    Error, FaultCode, Place,
    access::Caller,
    request::{ListRequest, ReadRequest, Selection, WriteRequest, WriteStep},
};
use serde_json::{Map, Value as Json};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Parameters, Path},
    problem::Problem,
    rest::{
        answer,
        condition::{PatchParameters, if_match},
        query_string::{parse_list, parse_nothing, parse_record},
        records::body_root,
        selection::{Shaper, Wanted},
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
    let surface = state.engine.surface(&caller);
    let count = list.query.count;
    let shape = Shaper::new(&surface).members(&object, &collection, list.fields.as_deref(), count);
    let request = ListRequest {
        object,
        query: list.query,
        shape,
        of: Some((id, collection)),
    };
    let answer = state.read(&caller, ReadRequest::List(request)).await?;
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
    let links = format!("/v1/data/{object}/{id}/{relation}");
    let answer = link_selection(&state, &caller, (&object, &relation), fields.as_deref());
    let write = WriteRequest::Link {
        object,
        id,
        relation,
        target,
        values,
    };
    let step = WriteStep {
        write,
        answer: Some(answer),
        place: body_root(),
    };
    Ok(answer::created(&links, state.write(&caller, step).await?))
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
    let answer = link_selection(&state, &caller, (&object, &relation), fields);
    let write = WriteRequest::UpdateLink {
        object,
        id,
        relation,
        link,
        patch,
        if_match: parameters.if_match,
    };
    let step = WriteStep {
        write,
        answer: Some(answer),
        place: body_root(),
    };
    let answer = state.write(&caller, step).await?;
    Ok(answer::written(StatusCode::OK, answer))
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
    let step = WriteStep {
        write,
        answer: None,
        place: body_root(),
    };
    state.write(&caller, step).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a write of a link answers of it.
fn link_selection(
    state: &AppState,
    caller: &Caller,
    (object, relation): (&str, &str),
    fields: Option<&[Wanted]>,
) -> Selection {
    let surface = state.engine.surface(caller);
    Shaper::new(&surface).link(object, relation, fields)
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
