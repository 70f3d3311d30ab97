//! Records: `/v1/data/{objects}`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use schema::{
    Error, Place, ReadAnswer, WriteAnswer,
    access::{Caller, Surface},
    request::{
        CollectionQuery, ListRequest, ListShape, ReadRequest, RecordRequest, Selection,
        WriteRequest, WriteStep,
    },
};
use serde_json::{Map, Value as Json};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Parameters, Path},
    problem::Problem,
    rest::{
        answer,
        condition::{PatchParameters, if_match, is_known},
        query_string::{parse_list, parse_nothing, parse_read, parse_record},
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
    let build = |surface: &Surface| {
        let fields = list.fields.as_deref();
        let shape = Shaper::new(surface).list(&object, fields, list.query.count);
        whole_list(object, list.query, shape)
    };
    let answer = state.read(&caller, build).await?;
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
    let build = |surface: &Surface| {
        let shape = Shaper::new(surface).list(&object, select.as_deref(), query.count);
        whole_list(object, query, shape)
    };
    let answer = state.read(&caller, build).await?;
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
    let wanted = (object.as_str(), fields.as_deref());
    let written = state.write_record(&caller, &write, wanted).await?;
    Ok(answer::created(&collection, written))
}

/// `GET /v1/data/{objects}/{id}`
pub(crate) async fn show_record(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    Parameters(pairs): Parameters,
    headers: HeaderMap,
) -> Answer {
    let (fields, as_of) = parse_read(pairs)?;
    let mut flat = false;
    let build = |surface: &Surface| {
        let selection = Shaper::new(surface).record(&object, fields.as_deref());
        // The version speaks of the record alone, so that it can't vouch for what is nested in it.
        flat = is_flat(&selection);
        ReadRequest::Record(RecordRequest {
            object,
            id,
            selection,
            as_of,
        })
    };
    let answer = state.read(&caller, build).await?;
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
    let wanted = (object.as_str(), parameters.fields.as_deref());
    let written = state.write_record(&caller, &write, wanted).await?;
    Ok(answer::written(StatusCode::OK, written))
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
    state.write(&caller, &write, |_| None).await?;
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
    let wanted = (object.as_str(), fields.as_deref());
    let written = state.write_record(&caller, &write, wanted).await?;
    Ok(answer::written(StatusCode::OK, written))
}

/// A list of all records of a type.
fn whole_list(object: String, query: CollectionQuery, shape: ListShape) -> ReadRequest {
    ReadRequest::List(ListRequest {
        object,
        query,
        shape,
        of: None,
    })
}

/// The place of the whole body.
pub(crate) fn body_root() -> Place {
    Place::Pointer(String::new())
}

impl AppState {
    /// One read, paid for before it runs.
    pub(crate) async fn read(
        &self,
        caller: &Caller,
        build: impl FnOnce(&Surface) -> ReadRequest,
    ) -> Result<ReadAnswer, Problem> {
        let snapshot = self.engine.snapshot(caller);
        let request = build(snapshot.surface());
        self.limits
            .charge(caller, request.cost(), self.clock.now())?;
        let requests = [request];
        let mut answers = self
            .engine
            .read_in_snapshot(&snapshot, caller, &requests)
            .await?;
        Ok(answers.pop().unwrap_or(Err(Error::Busy))?)
    }

    /// A write of a record that answers the record.
    async fn write_record(
        &self,
        caller: &Caller,
        write: &WriteRequest,
        (object, fields): (&str, Option<&[Wanted]>),
    ) -> Result<WriteAnswer, Problem> {
        let answer = |surface: &Surface| Some(Shaper::new(surface).record(object, fields));
        self.write(caller, write, answer).await
    }

    /// One write, paid for before it runs, and what to answer of it on the surface that it is made by.
    pub(crate) async fn write(
        &self,
        caller: &Caller,
        write: &WriteRequest,
        answer: impl Fn(&Surface) -> Option<Selection>,
    ) -> Result<WriteAnswer, Problem> {
        let build = |surface: &Surface| {
            vec![WriteStep {
                write: write.clone(),
                answer: answer(surface),
                place: body_root(),
            }]
        };
        let cost = {
            let snapshot = self.engine.snapshot(caller);
            let steps = build(snapshot.surface());
            steps
                .iter()
                .map(WriteStep::cost)
                .fold(0, u64::saturating_add)
        };
        self.limits.charge(caller, cost, self.clock.now())?;
        let answers = self.engine.write_shaped(caller, build).await?;
        let missing = || Error::internal("writing", "the engine gave no answer");
        Ok(answers.into_iter().next().ok_or_else(missing)?)
    }
}
