//! The rule set as a whole, and questions about the rights of others: `/v1/meta/access`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schema::identity::{
    AccessChanged, AccessPreview, AccessPreviewQuestion, AccessQuestion, Explanation, NewAccess,
};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Query},
    problem::Problem,
    rest::{
        answer::not_modified,
        condition::{is_known, version_in},
        listing::NoParameters,
    },
    state::AppState,
};

/// `POST /v1/meta/access/explain`
pub(crate) async fn explain_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(question): Body<AccessQuestion>,
) -> Result<Json<Explanation>, Problem> {
    Ok(Json(state.engine.explain(&caller, &question).await?))
}

/// `GET /v1/meta/access`
pub(crate) async fn show_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let access = state.engine.access_state(&caller)?;
    if is_known(&headers, access.version) {
        return Ok(not_modified(access.version));
    }
    let tag = tag(access.version);
    Ok((tag, Json(access)).into_response())
}

/// `POST /v1/meta/access/preview`
pub(crate) async fn preview_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(mut question): Body<AccessPreviewQuestion>,
) -> Result<Json<AccessPreview>, Problem> {
    question.expected_version = expected(&headers, question.expected_version)?;
    Ok(Json(state.engine.preview_access(&caller, question).await?))
}

/// `POST /v1/meta/access/apply`
pub(crate) async fn apply_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(mut new): Body<NewAccess>,
) -> Result<(StatusCode, HeaderMap, Json<AccessChanged>), Problem> {
    new.expected_version = expected(&headers, new.expected_version)?;
    let changed = state.engine.apply_access(&caller, &new).await?;
    Ok((StatusCode::OK, tag(changed.version), Json(changed)))
}

/// The version that the body names, or else `If-Match`.
fn expected(headers: &HeaderMap, named: Option<i64>) -> Result<Option<i64>, Problem> {
    let about = "If-Match must be the ETag of the access, such as \"3\"";
    Ok(named.or(version_in(headers, about)?))
}

fn tag(version: i64) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).ok();
    value
        .into_iter()
        .map(|value| (header::ETAG, value))
        .collect()
}
