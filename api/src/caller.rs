//! Who asks: from the `Authorization` header to a [`Caller`].

use axum::extract::FromRequestParts;
use http::request::Parts;
use schema::access::Caller;

use crate::{problem::Problem, state::AppState};

/// The caller of a request; anonymous when it brings no credentials.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(Self(Caller::anonymous(state.clock.now())))
    }
}
