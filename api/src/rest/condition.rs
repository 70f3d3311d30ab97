//! Conditions on the version of a record: `If-Match` and `If-None-Match`.

#[cfg(test)]
mod tests;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use crate::{
    code::Code,
    extract::Parameters,
    problem::Problem,
    rest::{query_string::parse_record, selection::Wanted},
};

/// What a patch brings beside its body.
#[derive(Debug)]
pub(crate) struct PatchParameters {
    /// What to answer of the record; the default when absent.
    pub(crate) fields: Option<Vec<Wanted>>,
    /// The version that the caller expects.
    pub(crate) if_match: Option<i64>,
}

impl<S: Send + Sync> FromRequestParts<S> for PatchParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Parameters(pairs) = Parameters::from_request_parts(parts, state).await?;
        Ok(Self {
            fields: parse_record(pairs)?,
            if_match: if_match(&parts.headers)?,
        })
    }
}

/// The version in `If-Match`; none when it is absent or `*`, which holds for whatever exists.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    version_in(
        headers,
        "If-Match must be the ETag of the record, such as \"3\"",
    )
}

/// The same; the text says what it must be.
pub(crate) fn version_in(headers: &HeaderMap, about: &'static str) -> Result<Option<i64>, Problem> {
    let malformed = || Problem::new(Code::InvalidHeader, about);
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| malformed())?.trim();
    if values.next().is_some() {
        return Err(malformed());
    }
    if text == "*" {
        return Ok(None);
    }
    parse_etag(text).map(Some).ok_or_else(malformed)
}

/// Whether `If-None-Match` names this version.
pub(crate) fn is_known(headers: &HeaderMap, version: i64) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || parse_etag(tag) == Some(version))
}

/// The version in an entity tag. A proxy that compresses makes a strong tag weak; the version says the
/// same either way.
fn parse_etag(text: &str) -> Option<i64> {
    let text = text.strip_prefix("W/").unwrap_or(text);
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}
