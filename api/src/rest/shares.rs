//! Shares of single records: `/v1/meta/shares`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{NewShare, Share};
use serde::Deserialize;

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, parse_id},
    state::AppState,
};

/// Of which record the shares are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordParameters {
    object: String,
    record: String,
}

/// `GET /v1/meta/shares?object=…&record=…`
pub(crate) async fn list_shares(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(of): Query<RecordParameters>,
) -> Result<Json<Page<Share>>, Problem> {
    let shares = state
        .engine
        .list_shares(&caller, &of.object, &of.record)
        .await?;
    Ok(Json(Page::whole(shares)))
}

/// `POST /v1/meta/shares`
pub(crate) async fn create_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewShare>,
) -> Result<Response, Problem> {
    let share = state.engine.share(&caller, new).await?;
    let location = format!("/v1/meta/shares/{}", share.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(share),
    )
        .into_response())
}

/// `GET /v1/meta/shares/{id}`
pub(crate) async fn show_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Share>, Problem> {
    let id = parse_id("share", &id)?;
    Ok(Json(state.engine.load_share(&caller, id).await?))
}

/// `DELETE /v1/meta/shares/{id}`
pub(crate) async fn delete_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let id = parse_id("share", &id)?;
    state.engine.delete_share(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
