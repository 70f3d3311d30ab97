//! Signing in by a provider of OpenID Connect: `/v1/auth/oidc…`.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use schema::{
    Error, FaultCode, Place,
    access::Origin,
    identity::{Arrival, RefusedIdentity, SignIn},
};
use serde::{Deserialize, Serialize};

use crate::{
    caller::Arrived,
    code::Code,
    extract::{Json as Body, Path, Query},
    limits::Meter,
    oidc::{Provider, ProviderError},
    problem::Problem,
    rest::{
        auth::{SignedIn, sign_in},
        listing::{NoParameters, Page},
    },
    state::AppState,
};

/// A provider, for the page on which people sign in.
#[derive(Serialize)]
pub(crate) struct Shown {
    name: String,
    label: String,
}

/// A sign-in that begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Start {
    redirect_uri: String,
}

/// A sign-in that has begun.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    authorization_url: String,
    transaction: String,
    /// Seconds until it is over.
    expires_in: i64,
}

/// A sign-in that comes back from the provider.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Finish {
    code: String,
    state: String,
    transaction: String,
    /// What the provider says to be, where it does (RFC 9207).
    #[serde(default)]
    iss: Option<String>,
}

/// `GET /v1/auth/oidc`
pub(crate) async fn list_providers(
    State(state): State<AppState>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Json<Page<Shown>> {
    let providers = state.providers.iter().map(|provider| Shown {
        name: provider.name().to_owned(),
        label: provider.label().to_owned(),
    });
    Json(Page::whole(providers.collect()))
}

/// `POST /v1/auth/oidc/{provider}/start`
///
/// Leaves nothing in the database: what has to fit later is sealed into the answer.
pub(crate) async fn start(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(Start { redirect_uri }): Body<Start>,
) -> Result<Json<Started>, Problem> {
    let provider = find(&state, &name)?;
    if !provider.returns_to(&redirect_uri) {
        let place = Place::Pointer("/redirectUri".to_owned());
        let message = "is none of the pages that the settings of this provider list";
        return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
    }
    let begun = provider.begin(&redirect_uri).await;
    let (url, begun) = begun.map_err(|error| failed(&provider, error))?;
    let (transaction, lifetime) = state.engine.seal_sign_in(&begun)?;
    Ok(Json(Started {
        authorization_url: url.into(),
        transaction: transaction.reveal().to_owned(),
        expires_in: lifetime.whole_seconds(),
    }))
}

/// `POST /v1/auth/oidc/{provider}/finish`
///
/// Answers as a sign-in with a password does. All that is refused gets one answer, whoever it was for.
pub(crate) async fn finish(
    State(state): State<AppState>,
    Arrived(from): Arrived,
    Extension(meter): Extension<Meter>,
    Path(name): Path<String>,
    Body(finish): Body<Finish>,
) -> Result<Json<SignedIn>, Problem> {
    let provider = find(&state, &name)?;
    let now = state.clock.now();
    let attempt = state
        .limits
        .begin_token(meter.origin, &finish.transaction, now)?;
    let found = find_user(&state, &provider, finish, &from).await;
    // What could not be judged does not count as wrong.
    let is_wrong = |problem: &Problem| problem.code == Code::Unauthenticated;
    if !found.as_ref().is_err_and(is_wrong) {
        state.limits.give_back(attempt);
    }
    sign_in(&state, &found?, (&meter, &from)).await.map(Json)
}

/// The user who comes back from a provider.
async fn find_user(
    state: &AppState,
    provider: &Arc<Provider>,
    finish: Finish,
    from: &Arrival,
) -> Result<SignIn, Problem> {
    let engine = &state.engine;
    let refuse = |reason| {
        let refused = RefusedIdentity {
            provider: provider.name(),
            user: None,
            reason,
        };
        let origin = Origin {
            address: from.address,
            session: None,
        };
        Problem::from(engine.refuse_identity(&refused, origin))
    };
    if finish.iss.is_some_and(|iss| iss != provider.issuer()) {
        return Err(refuse("issuerOfAnswer"));
    }
    let back = (finish.transaction.as_str(), finish.state.as_str());
    let begun = engine.take_sign_in(provider.name(), back, from).await?;
    let proven = match provider.prove(finish.code, &begun).await {
        Ok(proven) => proven,
        Err(ProviderError::Refused(reason)) => return Err(refuse(reason)),
        Err(error) => return Err(failed(provider, error)),
    };
    let admission = provider.admission();
    Ok(engine.sign_in_by_identity(&proven, admission, from).await?)
}

fn find(state: &AppState, name: &str) -> Result<Arc<Provider>, Problem> {
    let found = state.providers.find(name).map(Arc::clone);
    found.ok_or_else(|| {
        let (kind, name) = ("provider", name.to_owned());
        Error::NotFound { kind, name }.into()
    })
}

/// A provider that does not do its part. Why goes to the log alone.
fn failed(provider: &Provider, error: ProviderError) -> Problem {
    match error {
        ProviderError::Busy => {
            let detail = "too many people sign in by this provider at once; begin anew";
            Problem::new(Code::Busy, detail)
        }
        error @ (ProviderError::Failed(..) | ProviderError::Refused(_)) => Problem {
            cause: Some(Arc::new(error)),
            ..Problem::new(
                Code::ProviderFailed,
                format!(
                    "the provider {:?} can't be reached or does not answer as it should; begin the sign-in anew in a while, \
                     or sign in another way",
                    provider.name()
                ),
            )
        },
    }
}
