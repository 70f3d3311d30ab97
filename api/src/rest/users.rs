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
    identity::{MailedLink, NewUser, User, UserChange},
    instant_text,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
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
    /// Whether the user is mailed a link to choose the password.
    #[serde(default)]
    invite: bool,
}

/// A user that was just created.
#[derive(Serialize)]
struct CreatedUser {
    #[serde(flatten)]
    user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<Invitation>,
}

/// What became of an invitation. Its token shows only where no mail has brought it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    sent: bool,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
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
        invite,
    } = body;
    if invite && password.is_some() {
        let place = Place::Pointer("/invite".to_owned());
        let message = "can't stand beside a password: whoever is invited chooses it";
        return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
    }
    let new = NewUser {
        email,
        name,
        password_hash: hash(&state, &caller, password).await?,
        partner,
        roles,
        teams,
        invite,
    };
    let (user, link) = state.engine.create_user(&caller, new).await?;
    let location = format!("/v1/meta/users/{}", user.id);
    let invitation = match link {
        Some(link) => Some(send_invitation(&state, link).await),
        None => None,
    };
    let created = CreatedUser { user, invitation };
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(created),
    )
        .into_response())
}

/// `POST /v1/meta/users/{id}/invite`
pub(crate) async fn invite_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Invitation>, Problem> {
    let id = parse_id("user", &id)?;
    let link = state.engine.invite_user(&caller, id).await?;
    Ok(Json(send_invitation(&state, link).await))
}

/// Mails an invitation. One that can't be mailed stands all the same: then the admin, who could set the
/// password as well, is given the link.
async fn send_invitation(state: &AppState, link: MailedLink) -> Invitation {
    let sent = state.mail.send_link(&link).await;
    if let Err(error) = &sent
        && state.mail.is_configured()
    {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "an invitation could not be mailed"
        );
    }
    let shown = sent.is_err();
    Invitation {
        sent: sent.is_ok(),
        expires_at: instant_text(link.expires_at),
        token: shown.then(|| link.token.reveal().to_owned()),
        url: state.mail.url(&link).filter(|_| shown),
    }
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
    state.passwords.choose(password, "password").await.map(Some)
}

fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
