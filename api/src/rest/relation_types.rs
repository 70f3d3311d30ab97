//! Relation types under `/v1/meta/relations`: what the caller may see of them, and changes of one of
//! them. Their fields are in `fields.rs`.

use axum::{Json as Answer, extract::State, http::StatusCode, response::Response};
use schema::RelationDescription;
use serde_json::{Value as Json, json};

use super::{
    changesets::{How, OneOperation, answer, deleted},
    object_types::text_member,
};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `GET /v1/meta/relations`
pub(crate) async fn list_relation_types(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Answer<Json> {
    Answer(json!({"data": state.engine.describe_relations(&caller)}))
}

/// `GET /v1/meta/relations/{name}`
pub(crate) async fn show_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Result<Answer<RelationDescription>, Problem> {
    Ok(Answer(state.engine.describe_relation(&caller, &name)?))
}

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
        state.engine.describe_relation(&caller, &name).ok()
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
        state.engine.describe_relation(&caller, &new_name).ok()
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
