//! What surrounds every request: its id, the headers that every answer has, the final
//! form of a problem, and the line in the log.

use std::{any::Any, sync::Arc};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use schema::Denied;
use tokio::time::Instant;

use crate::{
    caller::Asker,
    problem::{Behind, Problem, Refused},
    state::AppState,
    telemetry::RequestEvent,
};

/// The id of a request, made here or taken from the caller.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The schema version that answered.
pub const SCHEMA_VERSION: HeaderName = HeaderName::from_static("schema-version");

/// The id of the request that is being answered.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The middleware.
pub async fn frame(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let (asker, uri) = (Asker::default(), request.uri().clone());
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(asker.clone());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    let behind = response.extensions_mut().remove::<Behind>();
    let is_denied = response.extensions_mut().remove::<Refused>().is_some();
    if is_denied || response.status() == StatusCode::FORBIDDEN {
        let (principal, origin) = asker.read();
        let denied = Denied {
            method: method.as_str(),
            route: &route,
            path: uri.path(),
        };
        state.engine.note_denied(principal, origin, denied);
    }
    if let Some(problem) = &problem {
        *response.body_mut() = Body::from(problem.render(Some(&id)));
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    add_headers(response.headers_mut(), &id, state.engine.schema_version());
    RequestEvent {
        method: &method,
        route: &route,
        request_id: &id,
        status: response.status(),
        duration: started.elapsed(),
        problem: problem.as_ref().or(behind.as_ref().map(|Behind(it)| it)),
    }
    .log();
    response
}

/// The answer to a request whose handler panicked.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that CatchPanicLayer calls"
)]
pub fn answer_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    Problem::internal(format!("panic: {text}")).into_response()
}

fn add_headers(headers: &mut HeaderMap, id: &str, schema_version: i64) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(SCHEMA_VERSION, HeaderValue::from(schema_version));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::X_FRAME_OPTIONS)
        .or_insert(HeaderValue::from_static("DENY"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// The caller's id when it is sane, so that it can be followed through several servers; otherwise a
/// new one.
fn request_id(headers: &HeaderMap) -> String {
    let sent = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=128).contains(&id.len()))
        .filter(|id| {
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte))
        });
    sent.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}
