//! The second factor: `/v1/auth/totp…`, and its step of a sign-in.

use axum::{Extension, Json, extract::State};
use http::StatusCode;
use schema::{
    Error, FaultCode, Place,
    access::Caller,
    identity::{Secret as Text, SignIn},
};
use serde::{Deserialize, Serialize};

use crate::{
    caller::{Arrived, Authenticated},
    config::Secret,
    extract::{Json as Body, Path, Query},
    limits::{Account, Meter},
    problem::Problem,
    rest::{
        auth::{Session, open},
        listing::{NoParameters, parse_id},
    },
    state::AppState,
};

/// A beginning: the password once more, so that a token that was found is not enough.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Begin {
    password: String,
}

/// A code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Code {
    code: String,
}

/// The end: password and a last code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Removal {
    password: String,
    code: String,
}

/// The answer to a challenge.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChallengeAnswer {
    challenge: String,
    code: String,
}

/// What an app needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Enrolment {
    secret: String,
    uri: String,
}

/// The codes for whoever has lost the app.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// `POST /v1/auth/login/verify`
pub(crate) async fn verify(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Extension(meter): Extension<Meter>,
    Body(ChallengeAnswer { challenge, code }): Body<ChallengeAnswer>,
) -> Result<Json<Session>, Problem> {
    let session = state
        .engine
        .answer_challenge(&challenge, &code, &from)
        .await?;
    open(&state, &meter, &session).await
}

/// `POST /v1/auth/totp`
pub(crate) async fn begin(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(meter): Extension<Meter>,
    Body(Begin { password }): Body<Begin>,
) -> Result<Json<Enrolment>, Problem> {
    let own = verify_own(&state, (&caller, &meter), password, "password").await?;
    let enrolment = state.engine.begin_totp(&own).await?;
    Ok(Json(Enrolment {
        secret: enrolment.secret.reveal().to_owned(),
        uri: enrolment.uri.reveal().to_owned(),
    }))
}

/// `POST /v1/auth/totp/confirm`
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Body(Code { code }): Body<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = state.engine.confirm_totp(&caller, &code).await?;
    let codes = codes.iter().map(Text::reveal).map(str::to_owned);
    Ok(Json(RecoveryCodes {
        recovery_codes: codes.collect(),
    }))
}

/// `DELETE /v1/auth/totp`
pub(crate) async fn remove(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(meter): Extension<Meter>,
    Body(Removal { password, code }): Body<Removal>,
) -> Result<StatusCode, Problem> {
    let own = verify_own(&state, (&caller, &meter), password, "password").await?;
    state.engine.remove_totp(&caller, &own, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/meta/users/{id}/totp`
pub(crate) async fn reset(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let id = parse_id("user", &id)?;
    state.engine.reset_totp(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's own credentials, when this is the password, which stands at this member of the body. Guesses
/// are counted as those at the door are: whoever has found a token must not find out the password by it.
pub(super) async fn verify_own(
    state: &AppState,
    (caller, meter): (&Caller, &Meter),
    password: String,
    member: &str,
) -> Result<SignIn, Problem> {
    let own = state.engine.load_own_sign_in(caller).await?;
    let stored = own.password_hash.as_ref();
    let stored = stored.map(|hash| hash.reveal().to_owned());
    let account = (Account::of(Some(own.user), ""), meter.origin);
    let network = meter.origin.to_string();
    let known = state.engine.knows_network(Some(own.user), &network).await?;
    let attempt = state
        .limits
        .begin_sign_in(account, known, state.clock.now())?;
    let verified = state.passwords.verify(Secret::new(password), stored).await;
    if !matches!(verified, Ok(false)) {
        state.limits.give_back(attempt);
    }
    if verified? {
        return Ok(own);
    }
    let place = Place::Pointer(String::new()).child(member);
    Err(Error::fault(place, FaultCode::InvalidValue, "is not your password").into())
}
