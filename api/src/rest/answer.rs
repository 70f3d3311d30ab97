//! Answers: JSON that the engine has written already, with the headers that go with it.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use schema::{ReadAnswer, WriteAnswer};

use crate::state::AppState;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// JSON bytes as they are.
pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// The answer to a read.
pub(crate) fn read(state: &AppState, answer: ReadAnswer) -> Response {
    let timing = state.config.server_timing.then_some(answer.statements);
    let mut response = json(StatusCode::OK, answer.body);
    add_etag(&mut response, answer.version);
    if let Some(statements) = timing {
        let text = format!("db;desc=\"statements={statements}\"");
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(SERVER_TIMING, value);
        }
    }
    response
}

/// The answer to a write that leaves a record. A caller who may not read it learns its id.
pub(crate) fn written(status: StatusCode, answer: WriteAnswer) -> Response {
    let body = answer.body.filter(|body| body != b"null");
    let body = body.unwrap_or_else(|| format!("{{\"id\":\"{}\"}}", answer.id).into_bytes());
    let mut response = json(status, body);
    add_etag(&mut response, answer.version);
    response
}

/// The answer to a create: what was written, and where it stands now.
pub(crate) fn created(collection: &str, answer: WriteAnswer) -> Response {
    let location = format!("{collection}/{}", answer.id);
    let mut response = written(StatusCode::CREATED, answer);
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

fn add_etag(response: &mut Response, version: Option<i64>) {
    let Some(version) = version else { return };
    if let Ok(value) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
}

/// The answer to a read of a record that the caller has already.
pub(crate) fn not_modified(version: i64) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    add_etag(&mut response, Some(version));
    response
}
