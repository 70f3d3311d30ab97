//! Signing in and out: `/v1/auth/…`, and the public keys of access tokens.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use schema::{
    Error,
    access::Origin,
    identity::{Arrival, SessionTokens, SignIn, Who},
};
use serde::{Deserialize, Serialize};

use crate::{
    caller::{Arrived, Authenticated, refused},
    config::Secret,
    extract::Json as Body,
    limits::{Account, Meter},
    problem::Problem,
    state::AppState,
    token,
};

/// The body of a sign-in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Login {
    email: String,
    password: String,
}

/// The body of a refresh or a logout.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefreshToken {
    refresh_token: String,
}

/// The tokens of a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    access_token: String,
    refresh_token: String,
    /// Seconds until the access token expires.
    expires_in: i64,
    token_type: &'static str,
}

/// A sign-in that waits for a code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Challenge {
    #[serde(rename = "challenge")]
    token: String,
    /// What can answer it.
    factors: [&'static str; 2],
    /// Seconds until it is over.
    expires_in: i64,
}

/// What follows the right password.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum SignedIn {
    Session(Session),
    Challenge(Challenge),
}

/// `POST /v1/auth/login`
///
/// An unknown email, a wrong password and a user who may not sign in take the same time and get the
/// same answer.
pub(crate) async fn login(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Extension(meter): Extension<Meter>,
    Body(Login { email, password }): Body<Login>,
) -> Result<Json<SignedIn>, Problem> {
    let found = state.engine.find_user_for_sign_in(&email).await?;
    let id = found.as_ref().map(|user| user.user);
    let network = meter.origin.to_string();
    let known = state.engine.knows_network(id, &network).await?;
    let account = (Account::of(id, &email), meter.origin);
    let attempt = state
        .limits
        .begin_sign_in(account, known, state.clock.now())?;
    let stored = found.as_ref().and_then(|user| user.password_hash.as_ref());
    let stored = stored.map(|hash| hash.reveal().to_owned());
    let checked = state.passwords.verify(Secret::new(password), stored).await;
    let fits = match checked {
        Ok(fits) => fits,
        Err(error) => {
            state.limits.give_back(attempt);
            return Err(error.into());
        }
    };
    let Some(user) = found.filter(|user| fits && user.active) else {
        let origin = Origin {
            address: from.address,
            session: None,
        };
        state.engine.note_failed_sign_in(id, origin);
        return Err(refused());
    };
    state.limits.give_back(attempt);
    sign_in(&state, &user, (&meter, &from)).await.map(Json)
}

/// Opens a session for a user whose first factor was right, or asks for the second.
pub(super) async fn sign_in(
    state: &AppState,
    user: &SignIn,
    (meter, from): (&Meter, &Arrival),
) -> Result<SignedIn, Problem> {
    if user.second_factor {
        let challenge = state.engine.create_challenge(user).await?;
        return Ok(SignedIn::Challenge(Challenge {
            token: challenge.token.reveal().to_owned(),
            factors: ["totp", "recoveryCode"],
            expires_in: challenge.lifetime.whole_seconds(),
        }));
    }
    let session = state.engine.create_session(user, from).await?;
    let Json(session) = open(state, meter, &session).await?;
    Ok(SignedIn::Session(session))
}

/// Notes from where somebody has signed in, and answers the tokens.
pub(super) async fn open(
    state: &AppState,
    meter: &Meter,
    session: &SessionTokens,
) -> Result<Json<Session>, Problem> {
    let network = meter.origin.to_string();
    if let Err(error) = state.engine.note_network(session.user, &network).await {
        // The session is there. The network counts as a strange one until the next sign-in, that is all.
        tracing::warn!(error = %error, "a network could not be noted");
    }
    answer(state, meter, session)
}

/// `POST /v1/auth/refresh`
pub(crate) async fn refresh(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Extension(meter): Extension<Meter>,
    Body(RefreshToken { refresh_token }): Body<RefreshToken>,
) -> Result<Json<Session>, Problem> {
    let now = state.clock.now();
    let attempt = state
        .limits
        .begin_token(meter.origin, &refresh_token, now)?;
    let rotated = state
        .engine
        .rotate_session(&refresh_token, from.address)
        .await;
    match rotated {
        Ok(session) => {
            state.limits.give_back(attempt);
            answer(&state, &meter, &session)
        }
        Err(error @ Error::Unauthenticated(_)) => {
            state.limits.forget(meter.origin, &refresh_token);
            Err(error.into())
        }
        Err(error) => {
            state.limits.give_back(attempt);
            Err(error.into())
        }
    }
}

/// `POST /v1/auth/logout`
///
/// Answers alike whether or not there was a session: whoever asks wants to be signed out, and is.
pub(crate) async fn logout(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Body(RefreshToken { refresh_token }): Body<RefreshToken>,
) -> Result<StatusCode, Problem> {
    state
        .engine
        .revoke_session(&refresh_token, from.address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/auth/me`
pub(crate) async fn show_me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Who>, Problem> {
    Ok(Json(state.engine.describe_caller(&caller).await?))
}

/// `GET /.well-known/jwks.json`
pub(crate) async fn show_public_keys(State(state): State<AppState>) -> Response {
    let minutes = HeaderValue::from_static("public, max-age=300");
    let headers = [(header::CACHE_CONTROL, minutes)];
    (headers, Json(state.tokens.public_keys(state.clock.now()))).into_response()
}

fn answer(
    state: &AppState,
    meter: &Meter,
    session: &SessionTokens,
) -> Result<Json<Session>, Problem> {
    let refresh_token = session.refresh_token.reveal();
    state.limits.remember(meter.origin, refresh_token);
    let access_token = state.tokens.issue(session, state.clock.now());
    Ok(Json(Session {
        access_token: access_token.map_err(Problem::internal)?,
        refresh_token: refresh_token.to_owned(),
        expires_in: token::LIFETIME.whole_seconds(),
        token_type: "Bearer",
    }))
}
