//! Who asks: from the `Authorization` header to a [`Caller`]. People bring access tokens, machines
//! bring API keys; both travel as `Bearer`. What is wrong with either is not told.

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use schema::{
    Error,
    access::{Caller, Principal},
    identity::KeyText,
};

use crate::{address::find_address, code::Code, problem::Problem, state::AppState};

/// The caller of a request that needs one: without credentials it is refused.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

/// The caller of a request that anybody may make; anonymous when it brings no credentials. Bad
/// credentials are refused all the same, since whoever sends them means to be somebody.
#[derive(Debug, Clone)]
pub struct Anyone(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Anyone(caller) = Anyone::from_request_parts(parts, state).await?;
        match caller.principal {
            Principal::User(_) | Principal::Key(_) | Principal::System { .. } => Ok(Self(caller)),
            Principal::Anonymous => Err(Problem::new(
                Code::Unauthenticated,
                "sign in at /v1/auth/login, or send an API key as Authorization: Bearer",
            )),
        }
    }
}

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = match find_bearer(&parts.headers)? {
            Some(token) => authenticate(state, parts, token).await?,
            None => Caller::anonymous(state.clock.now()),
        };
        Ok(Self(caller))
    }
}

async fn authenticate(state: &AppState, parts: &Parts, token: &str) -> Result<Caller, Problem> {
    if KeyText::claims_to_be(token) {
        // A text with a wrong checksum costs no look-up.
        let key = KeyText::parse(token).ok_or_else(refused)?;
        let from = find_address(parts, &state.config.trusted_proxies);
        return Ok(state.engine.caller_of_key(&key, from).await?);
    }
    let named = state.tokens.verify(token, state.clock.now());
    let named = named.ok_or_else(refused)?;
    let caller = state
        .engine
        .caller_of_user(named.user, named.session, named.auth_epoch);
    Ok(caller.await?)
}

/// The bearer token of a request. Two headers, or another scheme, are refused: a proxy and we must not
/// disagree about who asks.
fn find_bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    let bearer = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim_matches(' '))
    });
    match bearer {
        Some(token) if !token.is_empty() && sent.next().is_none() => Ok(Some(token)),
        Some(_) | None => Err(refused()),
    }
}

/// The one answer to bad credentials, in the same words as the engine's.
pub(crate) fn refused() -> Problem {
    Error::Unauthenticated("the credentials are missing, wrong, expired or revoked".to_owned())
        .into()
}
