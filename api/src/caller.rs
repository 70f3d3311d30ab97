//! Who asks: from the `Authorization` header to a [`Caller`]. People bring access tokens, machines
//! bring API keys; both travel as `Bearer`. What is wrong with either is not told.

use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
};

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use schema::{
    Error,
    access::{Caller, Origin, Principal},
    identity::{Arrival, KeyText},
};

use crate::{address::find_address, code::Code, limits::Meter, problem::Problem, state::AppState};

/// Who made a request, as far as it has been found out: the frame puts an empty one into the request, and
/// reads it when the answer is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker(Arc<OnceLock<(Principal, Origin)>>);

impl Asker {
    /// Who it was; nobody when nobody was found.
    pub(crate) fn read(&self) -> (Principal, Origin) {
        let known = self.0.get().copied();
        known.unwrap_or((Principal::Anonymous, Origin::default()))
    }
}

/// Where a request comes from, with or without credentials.
#[derive(Debug, Clone)]
pub struct Arrived(pub Arrival);

impl FromRequestParts<AppState> for Arrived {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        Ok(Self(Arrival {
            address: find_address(
                &parts.extensions,
                &parts.headers,
                &state.config.trusted_proxies,
            ),
            user_agent,
        }))
    }
}

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
        let now = state.clock.now();
        let meter = parts.extensions.get::<Meter>().cloned();
        let meter = meter.ok_or_else(|| Problem::internal("a request without a meter"))?;
        let caller = match find_bearer(&parts.headers) {
            Ok(None) => return Ok(Self(Caller::anonymous(now))),
            Ok(Some(token)) => authenticate(state, (parts, &meter), token).await,
            Err(problem) => Err(problem),
        };
        match caller {
            Ok(caller) => {
                if let Some(Asker(asker)) = parts.extensions.get() {
                    // Two extractors of one request find the same.
                    let _ = asker.set((caller.principal, caller.origin));
                }
                state.limits.admit(&meter, &caller, now)?;
                Ok(Self(caller))
            }
            // Whoever turns out to be nobody pays as nobody.
            Err(problem) if problem.code == Code::Unauthenticated => {
                state.limits.admit_address(&meter, now)?;
                Err(problem)
            }
            Err(problem) => Err(problem),
        }
    }
}

async fn authenticate(
    state: &AppState,
    (parts, meter): (&Parts, &Meter),
    token: &str,
) -> Result<Caller, Problem> {
    let proxies = &state.config.trusted_proxies;
    let origin = Origin {
        address: find_address(&parts.extensions, &parts.headers, proxies),
        session: None,
    };
    if KeyText::claims_to_be(token) {
        return authenticate_key(state, (meter, origin), token).await;
    }
    let named = state.tokens.verify(token, state.clock.now());
    let named = named.ok_or_else(refused)?;
    let origin = Origin {
        session: Some(named.session),
        ..origin
    };
    let caller = state
        .engine
        .caller_of_user(named.user, named.auth_epoch, origin);
    Ok(caller.await?)
}

async fn authenticate_key(
    state: &AppState,
    (meter, origin): (&Meter, Origin),
    token: &str,
) -> Result<Caller, Problem> {
    let limits = &state.limits;
    let attempt = limits.begin_token(meter.origin, token, state.clock.now())?;
    // A text with a wrong checksum costs no look-up.
    let Some(key) = KeyText::parse(token) else {
        state.engine.note_malformed_key(origin);
        return Err(refused());
    };
    match state.engine.caller_of_key(&key, origin.address).await {
        Ok(caller) => {
            limits.give_back(attempt);
            limits.remember(meter.origin, token);
            Ok(caller)
        }
        Err(error @ Error::Unauthenticated(_)) => {
            limits.forget(meter.origin, token);
            Err(error.into())
        }
        Err(error) => {
            limits.give_back(attempt);
            Err(error.into())
        }
    }
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
