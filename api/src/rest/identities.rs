//! Identities of users at providers: `/v1/meta/users/{id}/identities`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::{
    Error, FaultCode, Place,
    identity::{NewIdentity, UserIdentity},
};
use serde::Deserialize;

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, parse_id},
    state::AppState,
};

/// An identity to link.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct IdentityBody {
    provider: String,
    subject: String,
}

/// `GET /v1/meta/users/{id}/identities`
pub(crate) async fn list_identities(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Page<UserIdentity>>, Problem> {
    let user = parse_id("user", &id)?;
    let identities = state.engine.list_identities(&caller, user).await?;
    Ok(Json(Page::whole(identities)))
}

/// `GET /v1/meta/users/{id}/identities/{identity}`
pub(crate) async fn show_identity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((id, identity)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<UserIdentity>, Problem> {
    let user = parse_id("user", &id)?;
    let identity = parse_id("identity", &identity)?;
    let identity = state.engine.load_identity(&caller, user, identity).await?;
    Ok(Json(identity))
}

/// `POST /v1/meta/users/{id}/identities`
pub(crate) async fn link_identity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(IdentityBody { provider, subject }): Body<IdentityBody>,
) -> Result<Response, Problem> {
    state.engine.check_manages_all(&caller)?;
    let user = parse_id("user", &id)?;
    let Some(found) = state.providers.find(&provider) else {
        let place = Place::Pointer("/provider".to_owned());
        let message = format!("there is no provider {provider:?} in the settings");
        return Err(Error::fault(place, FaultCode::ReferenceNotFound, message).into());
    };
    let new = NewIdentity {
        issuer: found.issuer().to_owned(),
        provider,
        subject,
    };
    let identity = state.engine.link_identity(&caller, user, new).await?;
    let location = format!("/v1/meta/users/{user}/identities/{}", identity.id);
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(identity)).into_response())
}

/// `DELETE /v1/meta/users/{id}/identities/{identity}`
///
/// The identity signs in no more, and all sessions of the user end.
pub(crate) async fn unlink_identity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((id, identity)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let user = parse_id("user", &id)?;
    let identity = parse_id("identity", &identity)?;
    state
        .engine
        .unlink_identity(&caller, user, identity)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
