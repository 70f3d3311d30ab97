//! Extractors whose rejection is a [`Problem`]: bodies, query strings, paths. Syntax only; what a
//! name or a value means is for the engine to say.

mod typed;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
};
use http::{header, request::Parts};
use schema::{Error, FaultCode, Place};
use serde::de::DeserializeOwned;

use crate::{code::Code, problem::Problem};

/// A JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// A JSON body that may be left out.
#[derive(Debug, Clone, Copy)]
pub struct OptionalJson<T>(pub T);

/// Typed query parameters. Give the type `#[serde(deny_unknown_fields)]`: an unknown parameter is
/// refused, and so is one that stands twice.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// All query parameters in order, none of them twice.
#[derive(Debug, Clone)]
pub struct Parameters(pub Vec<(String, String)>);

/// Path parameters.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        let bytes = Bytes::from_request(request, state).await?;
        parse_json(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = check_media_type(request.headers());
        let bytes = Bytes::from_request(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        media_type?;
        parse_json(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        typed::parse(parse_parameters(parts.uri.query())?).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse_parameters(parts.uri.query()).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await?;
        Ok(Self(path.0))
    }
}

fn check_media_type(headers: &http::HeaderMap) -> Result<(), Problem> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    let accepted = ["application/json", "application/merge-patch+json"];
    if accepted
        .iter()
        .any(|known| known.eq_ignore_ascii_case(essence))
    {
        return Ok(());
    }
    Err(Problem::new(
        Code::UnsupportedMediaType,
        "send the body as application/json",
    ))
}

/// Parses a body: what is no JSON is 400, what does not fit the type is 422 (an unknown member 400).
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer_of(error.path());
        problem_of(error.inner(), pointer)
    })?;
    deserializer
        .end()
        .map_err(|error| problem_of(&error, Place::Pointer(String::new())))?;
    Ok(value)
}

fn problem_of(error: &serde_json::Error, pointer: Place) -> Problem {
    if !error.is_data() {
        return Problem::new(Code::MalformedJson, error.to_string());
    }
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    let message = if message.ends_with("expected a map") {
        "must be an object"
    } else {
        message
    };
    let code = if message.starts_with("unknown field") {
        FaultCode::UnknownField
    } else if message.starts_with("missing field") {
        FaultCode::Required
    } else {
        FaultCode::InvalidValue
    };
    // Of what is missing the place is where it would stand.
    let missing = message.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split('`').next());
    let (pointer, message) = match missing {
        Some(name) => (pointer.child(name), "is required"),
        None => (pointer, message),
    };
    Error::fault(pointer, code, message).into()
}

fn pointer_of(path: &serde_path_to_error::Path) -> Place {
    use serde_path_to_error::Segment;
    path.iter().fold(
        Place::Pointer(String::new()),
        |place, segment| match segment {
            Segment::Seq { index } => place.child(index),
            Segment::Map { key } => place.child(key),
            Segment::Enum { .. } | Segment::Unknown => place,
        },
    )
}

/// The pairs of a query string; a name that stands twice is refused.
pub fn parse_parameters(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(Problem::parameter(&name, "stands more than once"));
        }
        pairs.push((name.into_owned(), value.into_owned()));
    }
    Ok(pairs)
}
