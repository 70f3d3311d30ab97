//! Object types under `/v1/meta/objects`: what the caller may see of them, and changes of one of them.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schema::ObjectDescription;
use serde_json::{Value as Json, json};

use super::changesets::{How, OneOperation, answer, deleted};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `GET /v1/meta/objects`
pub(crate) async fn list_object_types(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Answer<Json> {
    Answer(json!({"data": state.engine.describe_objects(&caller)}))
}

/// `GET /v1/meta/objects/{name}`
pub(crate) async fn show_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Result<Answer<ObjectDescription>, Problem> {
    Ok(Answer(state.engine.describe_object(&caller, &name)?))
}

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
        state.engine.describe_object(&caller, &name).ok()
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
        state.engine.describe_object(&caller, &new_name).ok()
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

/// `GET /v1/meta/field-types`
pub(crate) async fn list_field_types(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
) -> Response {
    Answer(json!({"data": state.engine.describe_field_types()})).into_response()
}

/// A member of a body, if it is a text.
pub(super) fn text_member(body: &Json, key: &str) -> Option<String> {
    body.get(key).and_then(Json::as_str).map(str::to_owned)
}
