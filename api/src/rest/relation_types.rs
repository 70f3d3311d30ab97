//! Changes of one relation type under `/v1/meta/relations`. Its fields are in `fields.rs`.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Value as Json, json};

use super::{
    changesets::{How, OneOperation, answer, deleted},
    describe::plain_view,
    object_types::text_member,
};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `POST /v1/meta/relations`
pub(crate) async fn create_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let name = text_member(&body, "name").unwrap_or_default();
    let operation = OneOperation::new("addRelationType", &[], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::CREATED, || {
        plain_view(&state, &caller).relation(&name).ok()
    }))
}

/// `PATCH /v1/meta/relations/{name}`
pub(crate) async fn update_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let new_name = text_member(&body, "name").unwrap_or_else(|| name.clone());
    let operation = OneOperation::new("updateRelationType", &[("relation", &name)], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || {
        plain_view(&state, &caller).relation(&new_name).ok()
    }))
}

/// `DELETE /v1/meta/relations/{name}`
pub(crate) async fn delete_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
) -> Result<Response, Problem> {
    let operation = OneOperation::new("deleteRelationType", &[("relation", &name)], json!({}));
    Ok(deleted(&operation.apply(&state, &caller, how).await?))
}
