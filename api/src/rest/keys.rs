//! API keys: `/v1/meta/keys`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{Key, KeyChange, KeyRotation, KeyWithSecret, NewKey};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, OptionalJson, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, PageParameters, parse_id},
    state::AppState,
};

/// `GET /v1/meta/keys`
pub(crate) async fn list_keys(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(page): Query<PageParameters>,
) -> Result<Json<Page<Key>>, Problem> {
    let listed = state.engine.list_keys(&caller, page.listing()?).await?;
    Ok(Json(Page::of(listed, |key| key.id.uuid())))
}

/// `GET /v1/meta/keys/{id}`
pub(crate) async fn show_key(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Key>, Problem> {
    Ok(Json(
        state
            .engine
            .load_key(&caller, parse_id("key", &id)?)
            .await?,
    ))
}

/// `POST /v1/meta/keys`
///
/// The only answer that ever shows this secret.
pub(crate) async fn create_key(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewKey>,
) -> Result<Response, Problem> {
    let created = state.engine.create_key(&caller, new).await?;
    let location = format!("/v1/meta/keys/{}", created.key.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(created),
    )
        .into_response())
}

/// `PATCH /v1/meta/keys/{id}`
pub(crate) async fn update_key(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(wanted): Body<KeyChange>,
) -> Result<Json<Key>, Problem> {
    let id = parse_id("key", &id)?;
    Ok(Json(state.engine.update_key(&caller, id, wanted).await?))
}

/// `POST /v1/meta/keys/{id}/rotate`
///
/// The only answer that ever shows the new secret.
pub(crate) async fn rotate_key(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    OptionalJson(wanted): OptionalJson<KeyRotation>,
) -> Result<Json<KeyWithSecret>, Problem> {
    let id = parse_id("key", &id)?;
    Ok(Json(state.engine.rotate_key(&caller, id, wanted).await?))
}

/// `DELETE /v1/meta/keys/{id}`
///
/// Revokes for good; the key stays in the list.
pub(crate) async fn revoke_key(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    state
        .engine
        .revoke_key(&caller, parse_id("key", &id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
