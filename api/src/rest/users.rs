//! Users: `/v1/meta/users`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::{
    Error, FaultCode, Place,
    access::Caller,
    identity::{NewUser, User, UserChange},
};
use serde::{Deserialize, Deserializer};

use crate::{
    caller::Authenticated,
    config::Secret,
    extract::{Json as Body, Path, Query},
    password::check_password,
    problem::Problem,
    rest::listing::{NoParameters, Page, PageParameters, parse_id},
    state::AppState,
};

/// A user to create.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UserBody {
    email: String,
    name: String,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    partner: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    teams: Vec<String>,
}

/// What to change of a user; what is absent stays, and nothing can be null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UserPatch {
    #[serde(default, deserialize_with = "not_null")]
    email: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    active: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    password: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "not_null")]
    teams: Option<Vec<String>>,
}

/// `GET /v1/meta/users`
pub(crate) async fn list_users(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(page): Query<PageParameters>,
) -> Result<Json<Page<User>>, Problem> {
    let listed = state.engine.list_users(&caller, page.listing()?).await?;
    Ok(Json(Page::of(listed, |user| user.id.uuid())))
}

/// `GET /v1/meta/users/{id}`
pub(crate) async fn show_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<User>, Problem> {
    Ok(Json(
        state
            .engine
            .load_user(&caller, parse_id("user", &id)?)
            .await?,
    ))
}

/// `POST /v1/meta/users`
pub(crate) async fn create_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<UserBody>,
) -> Result<Response, Problem> {
    let UserBody {
        email,
        name,
        password,
        partner,
        roles,
        teams,
    } = body;
    let new = NewUser {
        email,
        name,
        password_hash: hash(&state, &caller, password).await?,
        partner,
        roles,
        teams,
    };
    let user = state.engine.create_user(&caller, new).await?;
    let location = format!("/v1/meta/users/{}", user.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(user),
    )
        .into_response())
}

/// `PATCH /v1/meta/users/{id}`
///
/// A new password, other roles or a deactivation end all sessions of the user.
pub(crate) async fn update_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<UserPatch>,
) -> Result<Json<User>, Problem> {
    let UserPatch {
        email,
        name,
        active,
        password,
        roles,
        teams,
    } = body;
    let wanted = UserChange {
        email,
        name,
        active,
        password_hash: hash(&state, &caller, password).await?,
        roles,
        teams,
    };
    let id = parse_id("user", &id)?;
    Ok(Json(state.engine.update_user(&caller, id, wanted).await?))
}

/// `DELETE /v1/meta/users/{id}`
///
/// Deactivates: the user stays as the author of what it did.
pub(crate) async fn delete_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let wanted = UserChange {
        active: Some(false),
        ..UserChange::default()
    };
    let id = parse_id("user", &id)?;
    state.engine.update_user(&caller, id, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hashing is costly: it is done only for those who may change users at all.
async fn hash(
    state: &AppState,
    caller: &Caller,
    password: Option<String>,
) -> Result<Option<String>, Problem> {
    let Some(password) = password else {
        return Ok(None);
    };
    state.engine.check_manages_users(caller)?;
    check_password(&password).map_err(|message| {
        let place = Place::Pointer("/password".to_owned());
        Error::fault(place, FaultCode::InvalidValue, message)
    })?;
    Ok(Some(state.passwords.hash(Secret::new(password)).await?))
}

fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
