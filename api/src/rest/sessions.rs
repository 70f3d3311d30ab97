//! Sessions of people: one's own at `/v1/auth/sessions`, those of others at `/v1/meta/users/{id}/sessions`.

use axum::{Json, extract::State};
use http::StatusCode;
use schema::identity::SessionDescription;

use crate::{
    caller::Authenticated,
    extract::{Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, PageParameters, parse_id},
    state::AppState,
};

/// `GET /v1/auth/sessions`
pub(crate) async fn list_own_sessions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(page): Query<PageParameters>,
) -> Result<Json<Page<SessionDescription>>, Problem> {
    let listing = page.listing()?;
    let listed = state.engine.list_own_sessions(&caller, listing).await?;
    Ok(Json(Page::of(listed, |session| session.id.uuid())))
}

/// `DELETE /v1/auth/sessions/{id}`
pub(crate) async fn revoke_own_session(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let id = parse_id("session", &id)?;
    state.engine.revoke_own_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/meta/users/{id}/sessions`
pub(crate) async fn list_sessions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(page): Query<PageParameters>,
) -> Result<Json<Page<SessionDescription>>, Problem> {
    let (user, listing) = (parse_id("user", &id)?, page.listing()?);
    let listed = state.engine.list_sessions(&caller, user, listing).await?;
    Ok(Json(Page::of(listed, |session| session.id.uuid())))
}

/// `DELETE /v1/meta/users/{id}/sessions`
///
/// Answers alike whether or not there were any: none is left.
pub(crate) async fn revoke_all_sessions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let user = parse_id("user", &id)?;
    state.engine.revoke_sessions(&caller, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/meta/users/{id}/sessions/{session}`
pub(crate) async fn revoke_session(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((id, session)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let user = parse_id("user", &id)?;
    let session = Some(parse_id("session", &session)?);
    state.engine.revoke_sessions(&caller, user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
