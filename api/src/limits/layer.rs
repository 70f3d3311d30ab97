//! The layer around the routes: the time limit, the number of requests that run at once, what an address may ask
//! without credentials, and the header fields that tell a caller how its quota stands.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::header;
use schema::access::{Principal, RateClass};

use super::{Origin, fields, route, running::Place};
use crate::{address::find_address, code::Code, problem::Problem, state::AppState};

/// How long a request may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is known of one request; a part of its extensions.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// What it costs by its route.
    pub(super) base: u64,
    metered: Arc<Mutex<Metered>>,
}

#[derive(Debug, Default)]
struct Metered {
    caller: Option<(Principal, RateClass)>,
    place: Option<Place>,
}

impl Meter {
    fn new(origin: Origin, base: u64) -> Self {
        Self {
            origin,
            base,
            metered: Arc::default(),
        }
    }

    /// Notes who asks; gives whether that was known already.
    pub(super) fn note_caller(&self, principal: Principal, class: RateClass) -> bool {
        self.lock().caller.replace((principal, class)).is_some()
    }

    /// Keeps a place for as long as the request runs.
    pub(super) fn keep(&self, place: Place) {
        self.lock().place = Some(place);
    }

    fn lock(&self) -> MutexGuard<'_, Metered> {
        self.metered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middleware.
pub(crate) async fn limit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("", MatchedPath::as_str);
    if route::is_probe(route) {
        return within_time(next.run(request)).await;
    }
    let base = route::cost(request.method(), route);
    let proxies = &state.config.trusted_proxies;
    let address = find_address(request.extensions(), request.headers(), proxies);
    let meter = Meter::new(Origin::of(address), base);
    let Ok(_turn) = state.limits.turns.try_acquire() else {
        let detail = "the server answers as many requests as it can; try again";
        return Problem::new(Code::Busy, detail).into_response();
    };
    if route::is_public(route) || !request.headers().contains_key(header::AUTHORIZATION) {
        let admitted = state.limits.admit_address(&meter, state.clock.now());
        if let Err(problem) = admitted {
            return problem.into_response();
        }
    }
    request.extensions_mut().insert(meter.clone());
    let mut response = within_time(next.run(request)).await;
    let caller = meter.lock().caller;
    if let Some((principal, class)) = caller
        && let Some(told) = state.limits.standing(principal, class, state.clock.now())
    {
        fields::add(response.headers_mut(), class.name(), told);
    }
    response
}

async fn within_time(answering: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(TIME_LIMIT, answering).await;
    answered.unwrap_or_else(|_| {
        let detail = "the request took too long and was given up";
        Problem::new(Code::Timeout, detail).into_response()
    })
}
