//! Records: `/v1/data/{objects}`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use schema::{
    Error, Place,
    request::{ListRequest, ReadRequest, RecordRequest, WriteRequest, WriteStep},
};
use serde_json::{Map, Value as Json};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Parameters, Path},
    problem::Problem,
    rest::{
        answer,
        condition::{PatchParameters, if_match, is_known},
        query_string::{parse_list, parse_nothing, parse_record},
        selection::{Shaper, Wanted, is_flat, parse_query},
    },
    state::AppState,
};

type Answer = Result<Response, Problem>;

/// `GET /v1/data/{objects}`
pub(crate) async fn list_records(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(object): Path<String>,
    Parameters(pairs): Parameters,
) -> Answer {
    let list = parse_list(pairs)?;
    let surface = state.engine.surface(&caller);
    let shape = Shaper::new(&surface).list(&object, list.fields.as_deref(), list.query.count);
    let request = ListRequest {
        object,
        query: list.query,
        shape,
        of: None,
    };
    let answer = state.read(&caller, ReadRequest::List(request)).await?;
    Ok(answer::read(&state, answer))
}

/// `POST /v1/data/{objects}/query`
pub(crate) async fn query_records(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(object): Path<String>,
    Parameters(pairs): Parameters,
    Body(body): Body<Map<String, Json>>,
) -> Answer {
    parse_nothing(&pairs)?;
    let (query, select) = parse_query(&body, &body_root())?;
    let surface = state.engine.surface(&caller);
    let shape = Shaper::new(&surface).list(&object, select.as_deref(), query.count);
    let request = ListRequest {
        object,
        query,
        shape,
        of: None,
    };
    let answer = state.read(&caller, ReadRequest::List(request)).await?;
    Ok(answer::read(&state, answer))
}

/// `POST /v1/data/{objects}`
pub(crate) async fn create_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(object): Path<String>,
    Parameters(pairs): Parameters,
    Body(values): Body<Map<String, Json>>,
) -> Answer {
    let fields = parse_record(pairs)?;
    let collection = format!("/v1/data/{object}");
    let write = WriteRequest::Create {
        object: object.clone(),
        values,
    };
    let step = step(&state, &caller, &object, write, fields.as_deref());
    Ok(answer::created(
        &collection,
        state.write(&caller, step).await?,
    ))
}

/// `GET /v1/data/{objects}/{id}`
pub(crate) async fn show_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    Parameters(pairs): Parameters,
    headers: HeaderMap,
) -> Answer {
    let fields = parse_record(pairs)?;
    let surface = state.engine.surface(&caller);
    let selection = Shaper::new(&surface).record(&object, fields.as_deref());
    // The version speaks of the record alone, so that it can't vouch for what is nested in it.
    let flat = is_flat(&selection);
    let request = RecordRequest {
        object,
        id,
        selection,
    };
    let answer = state.read(&caller, ReadRequest::Record(request)).await?;
    match answer.version {
        Some(version) if flat && is_known(&headers, version) => Ok(answer::not_modified(version)),
        Some(_) | None => Ok(answer::read(&state, answer)),
    }
}

/// `PATCH /v1/data/{objects}/{id}`
pub(crate) async fn update_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    parameters: PatchParameters,
    Body(patch): Body<Map<String, Json>>,
) -> Answer {
    let write = WriteRequest::Update {
        object: object.clone(),
        id,
        patch,
        if_match: parameters.if_match,
    };
    let fields = parameters.fields.as_deref();
    let step = step(&state, &caller, &object, write, fields);
    Ok(answer::written(
        StatusCode::OK,
        state.write(&caller, step).await?,
    ))
}

/// `DELETE /v1/data/{objects}/{id}`
pub(crate) async fn delete_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    Parameters(pairs): Parameters,
    headers: HeaderMap,
) -> Answer {
    parse_nothing(&pairs)?;
    let write = WriteRequest::Delete {
        object,
        id,
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

/// `POST /v1/data/{objects}/{id}/restore`
pub(crate) async fn restore_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    Parameters(pairs): Parameters,
) -> Answer {
    let fields = parse_record(pairs)?;
    let write = WriteRequest::Restore {
        object: object.clone(),
        id,
    };
    let step = step(&state, &caller, &object, write, fields.as_deref());
    Ok(answer::written(
        StatusCode::OK,
        state.write(&caller, step).await?,
    ))
}

/// A write of a record that answers the record.
fn step(
    state: &AppState,
    caller: &schema::access::Caller,
    object: &str,
    write: WriteRequest,
    fields: Option<&[Wanted]>,
) -> WriteStep {
    let surface = state.engine.surface(caller);
    WriteStep {
        write,
        answer: Some(Shaper::new(&surface).record(object, fields)),
        place: body_root(),
    }
}

/// The place of the whole body.
pub(crate) fn body_root() -> Place {
    Place::Pointer(String::new())
}

impl AppState {
    /// One read.
    pub(crate) async fn read(
        &self,
        caller: &schema::access::Caller,
        request: ReadRequest,
    ) -> Result<schema::ReadAnswer, Error> {
        let answers = self.engine.read(caller, &[request]).await?;
        only(answers, "reading")?
    }

    /// One write.
    pub(crate) async fn write(
        &self,
        caller: &schema::access::Caller,
        step: WriteStep,
    ) -> Result<schema::WriteAnswer, Error> {
        let answers = self.engine.write(caller, vec![step]).await?;
        only(answers, "writing")
    }
}

fn only<T>(answers: Vec<T>, context: &'static str) -> Result<T, Error> {
    answers
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal(context, "the engine gave no answer"))
}
