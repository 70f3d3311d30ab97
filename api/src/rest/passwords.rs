//! Passwords that people choose themselves: `/v1/auth/password/…`.

use std::net::IpAddr;

use axum::{Extension, Json, extract::State};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    caller::{Arrived, Authenticated},
    extract::Json as Body,
    limits::Meter,
    problem::Problem,
    rest::{
        auth::{SignedIn, sign_in},
        totp::verify_own,
    },
    state::AppState,
};

/// Who has forgotten the password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Forgotten {
    email: String,
}

/// A password that is chosen with the token of a mailed link.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reset {
    token: String,
    password: String,
}

/// Another password for oneself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Change {
    current_password: String,
    new_password: String,
}

/// `POST /v1/auth/password/forgot`
///
/// The answer comes before anything is looked up, so that neither it nor its time tells whether there is
/// such a user.
pub(crate) async fn forget(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Body(Forgotten { email }): Body<Forgotten>,
) -> StatusCode {
    if state.mail.is_configured() {
        if let Some(turn) = state.mail.take_turn() {
            tokio::spawn(async move {
                let _turn = turn;
                mail_reset(&state, &email, from.address).await;
            });
        } else {
            tracing::warn!("too many letters are on their way; one is not sent");
        }
    }
    StatusCode::ACCEPTED
}

/// `POST /v1/auth/password/reset`
///
/// Sets the password of a user who was invited or has forgotten it, and ends all sessions.
pub(crate) async fn reset(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Body(Reset { token, password }): Body<Reset>,
) -> Result<StatusCode, Problem> {
    state.engine.check_link(&token).await?;
    let hash = state.passwords.choose(password, "password").await?;
    state
        .engine
        .reset_password(&token, hash, from.address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/auth/password/change`
///
/// Ends all sessions of the user, and answers as a sign-in does: the tokens of a new one, or a challenge.
pub(crate) async fn change(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Arrived(from): Arrived,
    Extension(meter): Extension<Meter>,
    Body(Change {
        current_password,
        new_password,
    }): Body<Change>,
) -> Result<Json<SignedIn>, Problem> {
    let own = verify_own(
        &state,
        (&caller, &meter),
        current_password,
        "currentPassword",
    )
    .await?;
    let hash = state.passwords.choose(new_password, "newPassword").await?;
    let after = state
        .engine
        .change_own_password(&own, hash, caller.origin)
        .await?;
    sign_in(&state, &after, (&meter, &from)).await.map(Json)
}

/// Mails a link, if there is somebody to mail it to. Nobody waits for it: what fails is logged.
async fn mail_reset(state: &AppState, email: &str, from: Option<IpAddr>) {
    let link = match state.engine.make_reset_link(email, from).await {
        Ok(Some(link)) => link,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "no link could be made for a forgotten password"
            );
            return;
        }
    };
    if let Err(error) = state.mail.send_link(&link).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a link for a forgotten password could not be mailed"
        );
    }
}
