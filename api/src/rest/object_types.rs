//! Changes of one object type under `/v1/meta/objects`.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Value as Json, json};

use super::{
    changesets::{How, OneOperation, answer, deleted},
    describe::plain_view,
};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `POST /v1/meta/objects`
pub(crate) async fn create_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let name = text_member(&body, "name").unwrap_or_default();
    let operation = OneOperation::new("addObjectType", &[], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::CREATED, || {
        plain_view(&state, &caller).object(&name).ok()
    }))
}

/// `PATCH /v1/meta/objects/{name}`
pub(crate) async fn update_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let new_name = text_member(&body, "name").unwrap_or_else(|| name.clone());
    let operation = OneOperation::new("updateObjectType", &[("object", &name)], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || {
        plain_view(&state, &caller).object(&new_name).ok()
    }))
}

/// `DELETE /v1/meta/objects/{name}`
pub(crate) async fn delete_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
) -> Result<Response, Problem> {
    let operation = OneOperation::new("deleteObjectType", &[("object", &name)], json!({}));
    Ok(deleted(&operation.apply(&state, &caller, how).await?))
}

/// A member of a body, if it is a text.
pub(super) fn text_member(body: &Json, key: &str) -> Option<String> {
    body.get(key).and_then(Json::as_str).map(str::to_owned)
}
