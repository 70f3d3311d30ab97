//! Walks of the graph of references and links around a record.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use schema::{
    Error, FaultCode, Place,
    request::{PathRequest, RelatedRequest},
};

use crate::{
    caller::Authenticated,
    extract::{Parameters, Path},
    problem::Problem,
    state::AppState,
};

type Answer = Result<Response, Problem>;

/// `GET /v1/data/{objects}/{id}/related`
pub(crate) async fn show_related(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((object, id)): Path<(String, String)>,
    Parameters(pairs): Parameters,
) -> Answer {
    let mut request = RelatedRequest {
        object,
        id,
        depth: 1,
        limit: 100,
        through: None,
        place: None,
    };
    for (name, value) in pairs {
        match name.as_str() {
            "depth" => request.depth = number(&name, &value)?,
            "limit" => request.limit = number(&name, &value)?,
            "through" => request.through = Some(names(&value)),
            _ => {
                let hint = "is unknown here; known are depth, limit and through";
                return Err(Problem::parameter(&name, hint));
            }
        }
    }
    let now = state.clock.now();
    state.limits.charge(&caller, request.cost(), now)?;
    let snapshot = state.engine.snapshot(&caller);
    let graph = state.engine.related(&snapshot, &caller, &request).await?;
    Ok(Json(graph).into_response())
}

/// `GET /v1/data/{objects}/{id}/path`
pub(crate) async fn show_path(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(from): Path<(String, String)>,
    Parameters(pairs): Parameters,
) -> Answer {
    let (mut to, mut depth, mut through) = (None, 6, None);
    for (name, value) in pairs {
        match name.as_str() {
            "to" => to = Some(end(&value)?),
            "depth" => depth = number(&name, &value)?,
            "through" => through = Some(names(&value)),
            _ => {
                let hint = "is unknown here; known are to, depth and through";
                return Err(Problem::parameter(&name, hint));
            }
        }
    }
    let snapshot = state.engine.snapshot(&caller);
    if snapshot.surface().find_plural(&from.0).is_none() {
        return Err(Error::ObjectNotFound(from.0).into());
    }
    let to = to.ok_or_else(no_end)?;
    let request = PathRequest {
        from,
        to,
        depth,
        through,
        place: None,
    };
    let now = state.clock.now();
    state.limits.charge(&caller, request.cost(), now)?;
    let graph = state.engine.find_path(&snapshot, &caller, &request).await?;
    Ok(Json(graph).into_response())
}

/// The record at the end of a path, `organizations/01a2…`.
fn end(text: &str) -> Result<(String, String), Error> {
    let (object, id) = text.split_once('/').ok_or_else(no_end)?;
    Ok((object.to_owned(), id.to_owned()))
}

fn no_end() -> Error {
    Error::fault(
        Place::Parameter("to".to_owned()),
        FaultCode::InvalidRequest,
        "must name the record at the end of the path, such as organizations/<id>",
    )
}

fn number(name: &str, text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| {
        Error::fault(
            Place::Parameter(name.to_owned()),
            FaultCode::InvalidValue,
            "must be a whole number",
        )
    })
}

fn names(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).collect()
}
