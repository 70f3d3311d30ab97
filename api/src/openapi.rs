//! The contract, `GET /openapi.json`: what the caller may name and nothing else. Record paths and
//! schemas are derived from the caller's surface; the fixed paths stand in a table.

mod body;
mod document;
mod fixed;
mod graph;
mod limits;
mod objects;
mod operations;
mod parameters;
mod parts;
mod pointers;
mod records;
mod scalars;
mod sets;
#[cfg(test)]
mod tests;

pub(crate) use body::{SchemaFor, body_schema};

use axum::{body::Bytes, extract::State, response::Response};
use http::StatusCode;
use schema::access::{Caller, Principal, Surface};
use utoipa::openapi::{
    Info, License,
    security::{Http, HttpAuthScheme},
};

use crate::{
    caller::Anyone,
    extract::Parameters,
    openapi::document::Document,
    problem::Problem,
    rest::{answer, query_string::parse_nothing},
    state::AppState,
};

/// Whom a document is for, beyond what the surface tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Nobody is signed in: what leads to credentials.
    Nobody,
    /// A key, which has no sessions.
    Key,
    /// A person, or the system.
    Person,
}

impl Reader {
    fn of(caller: &Caller) -> Self {
        match caller.principal {
            Principal::Anonymous => Self::Nobody,
            Principal::Key(_) => Self::Key,
            Principal::User(_) | Principal::System { .. } => Self::Person,
        }
    }
}

/// `GET /openapi.json`
pub(crate) async fn show_document(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    Parameters(pairs): Parameters,
) -> Result<Response, Problem> {
    parse_nothing(&pairs)?;
    let surface = state.engine.surface(&caller);
    let reader = Reader::of(&caller);
    let key = format!("{}{reader:?}", surface.hash);
    if let Some(text) = state.documents.get(&key) {
        return Ok(answer::json(StatusCode::OK, text));
    }
    let text = Bytes::from(render(&surface, reader).map_err(Problem::internal)?);
    state.documents.insert(key, text.clone());
    Ok(answer::json(StatusCode::OK, text))
}

/// The document as JSON text, ending in a line break.
pub(crate) fn render(surface: &Surface, reader: Reader) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(&Document::new(surface, reader))?;
    text.push(b'\n');
    Ok(text)
}

fn info(surface: &Surface) -> Info {
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let mut info = Info::new("Relata", env!("CARGO_PKG_VERSION"));
    info.license = Some(license);
    info.description = Some(format!(
        "A headless CRM: object types, fields and relation types that grow while it runs. This document \
         shows what you may use with your credentials, at schema version {}. Errors are problems \
         (RFC 9457) with a stable `code`.",
        surface.schema_version
    ));
    info
}

fn bearer() -> Http {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description =
        Some("An access token of `POST /v1/auth/login`, or an API key.".to_owned());
    scheme
}
