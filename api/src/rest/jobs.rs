//! Slow work and how far it is: `/v1/meta/jobs`.

use axum::{Json, extract::State};
use schema::{Error, FaultCode, JobDescription, Place};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    caller::Authenticated,
    extract::{Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, PageParameters, parse_id},
    state::AppState,
};

/// The states of a job.
const STATES: &[&str] = &["queued", "running", "done", "failed"];

/// Which jobs are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobQuery {
    limit: Option<u64>,
    after: Option<Uuid>,
    state: Option<String>,
}

/// `GET /v1/meta/jobs`
pub(crate) async fn list_jobs(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<JobQuery>,
) -> Result<Json<Page<JobDescription>>, Problem> {
    let wanted = query.state.as_deref();
    if wanted.is_some_and(|wanted| !STATES.contains(&wanted)) {
        let place = Place::Parameter("state".to_owned());
        let message = format!("must be one of {}", STATES.join(", "));
        return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
    }
    let page = PageParameters::of(query.limit, query.after);
    let listed = state
        .engine
        .list_jobs(&caller, page.listing()?, wanted)
        .await?;
    Ok(Json(Page::of(listed, |job| job.id.uuid())))
}

/// `GET /v1/meta/jobs/{id}`
pub(crate) async fn show_job(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<JobDescription>, Problem> {
    let id = parse_id("job", &id)?;
    Ok(Json(state.engine.load_job(&caller, id).await?))
}

/// `POST /v1/meta/jobs/{id}/cancel`
pub(crate) async fn cancel_job(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<JobDescription>, Problem> {
    let id = parse_id("job", &id)?;
    Ok(Json(state.engine.cancel_job(&caller, id).await?))
}

/// `POST /v1/meta/jobs/{id}/retry`
pub(crate) async fn retry_job(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<JobDescription>, Problem> {
    let id = parse_id("job", &id)?;
    Ok(Json(state.engine.retry_job(&caller, id).await?))
}
