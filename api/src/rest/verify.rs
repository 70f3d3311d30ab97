//! Asking for a comparison of computed fields with what they should be. A job makes it; its report stands
//! at `/v1/meta/jobs/{id}`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use schema::{Verification, access::Caller};
use serde::Deserialize;

use crate::{
    caller::Authenticated,
    extract::{OptionalJson, Path, Query},
    problem::Problem,
    rest::listing::NoParameters,
    state::AppState,
};

/// How it is done.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    repair: bool,
}

/// `POST /v1/meta/objects/{name}/verify`
pub(crate) async fn verify_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    OptionalJson(options): OptionalJson<Options>,
) -> Result<Response, Problem> {
    verify(&state, &caller, (&name, false), None, options).await
}

/// `POST /v1/meta/objects/{name}/fields/{field}/verify`
pub(crate) async fn verify_object_field(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((name, field)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    OptionalJson(options): OptionalJson<Options>,
) -> Result<Response, Problem> {
    verify(&state, &caller, (&name, false), Some(&field), options).await
}

/// `POST /v1/meta/relations/{name}/verify`
pub(crate) async fn verify_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    OptionalJson(options): OptionalJson<Options>,
) -> Result<Response, Problem> {
    verify(&state, &caller, (&name, true), None, options).await
}

/// `POST /v1/meta/relations/{name}/fields/{field}/verify`
pub(crate) async fn verify_relation_field(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((name, field)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    OptionalJson(options): OptionalJson<Options>,
) -> Result<Response, Problem> {
    verify(&state, &caller, (&name, true), Some(&field), options).await
}

async fn verify(
    state: &AppState,
    caller: &Caller,
    (owner, of_relation): (&str, bool),
    field: Option<&str>,
    Options { repair }: Options,
) -> Result<Response, Problem> {
    let wanted = Verification {
        owner,
        of_relation,
        field,
        repair,
    };
    let job = state.engine.verify(caller, wanted).await?;
    let location = format!("/v1/meta/jobs/{}", job.id);
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, location)],
        Json(job),
    )
        .into_response())
}
