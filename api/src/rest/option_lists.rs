//! Shared option lists under `/v1/meta/option-lists`: what the caller may see of them, and changes of one.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use schema::{Languages, OptionListDescription, access::Caller};
use serde_json::{Value as Json, json};

use super::{
    changesets::{How, OneOperation, answer, deleted},
    language::languages,
    object_types::text_member,
};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `GET /v1/meta/option-lists`
pub(crate) async fn list_option_lists(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
) -> Answer<Json> {
    let lists = state
        .engine
        .describe_option_lists(&caller, languages(&headers));
    Answer(json!({"data": lists}))
}

/// `GET /v1/meta/option-lists/{name}`
pub(crate) async fn show_option_list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Answer<OptionListDescription>, Problem> {
    let sight = (&caller, languages(&headers));
    Ok(Answer(state.engine.describe_option_list(sight, &name)?))
}

/// `POST /v1/meta/option-lists`
pub(crate) async fn create_option_list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let name = text_member(&body, "name").unwrap_or_default();
    let operation = OneOperation::new("addOptionList", &[], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::CREATED, || {
        changed(&state, &caller, &name)
    }))
}

/// `PATCH /v1/meta/option-lists/{name}`
pub(crate) async fn update_option_list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let new_name = text_member(&body, "name").unwrap_or_else(|| name.clone());
    let operation = OneOperation::new("updateOptionList", &[("optionList", &name)], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || {
        changed(&state, &caller, &new_name)
    }))
}

/// `DELETE /v1/meta/option-lists/{name}`
pub(crate) async fn delete_option_list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    how: How,
) -> Result<Response, Problem> {
    let operation = OneOperation::new("deleteOptionList", &[("optionList", &name)], json!({}));
    Ok(deleted(&operation.apply(&state, &caller, how).await?))
}

/// An option list after a change of it, in its plain texts.
fn changed(state: &AppState, caller: &Caller, name: &str) -> Option<OptionListDescription> {
    let sight = (caller, Languages::default());
    state.engine.describe_option_list(sight, name).ok()
}
