//! The contract, `GET /openapi.json`: what the caller may name and nothing else. Record paths and
//! schemas are derived from the caller's surface; the fixed paths stand in a table.

mod body;
mod fixed;
mod graph;
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
use schema::access::Surface;
use utoipa::openapi::{
    Info, License, OpenApi, OpenApiBuilder, Paths, Tag,
    security::{Http, HttpAuthScheme, SecurityScheme},
    server::Server,
};

use crate::{
    caller::Anyone,
    extract::Parameters,
    openapi::parts::Names,
    problem::Problem,
    rest::{answer, query_string::parse_nothing},
    state::AppState,
};

/// `GET /openapi.json`
pub(crate) async fn show_document(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    Parameters(pairs): Parameters,
) -> Result<Response, Problem> {
    parse_nothing(&pairs)?;
    let surface = state.engine.surface(&caller);
    let signed_in = caller.actor().is_some() || caller.is_system();
    let key = format!("{}{signed_in}", surface.hash);
    if let Some(text) = state.documents.get(&key) {
        return Ok(answer::json(StatusCode::OK, text));
    }
    let text = Bytes::from(render(&surface, signed_in).map_err(Problem::internal)?);
    state.documents.insert(key, text.clone());
    Ok(answer::json(StatusCode::OK, text))
}

/// The document as JSON text, ending in a line break.
pub(crate) fn render(surface: &Surface, signed_in: bool) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(&document(surface, signed_in))?;
    text.push(b'\n');
    Ok(text)
}

/// The document.
fn document(surface: &Surface, signed_in: bool) -> OpenApi {
    let names = Names::new(surface);
    let mut paths = Paths::new();
    let mut components = parts::components(&names);
    fixed::add(&mut paths, &mut components, &names, (surface, signed_in));
    let mut tags = fixed::tags();
    if signed_in && !surface.objects.is_empty() {
        scalars::add_conditions(&mut components, &names, surface);
        for object in &surface.objects {
            objects::add_schemas(&mut components, &names, surface, object);
            records::add_paths(&mut paths, &names, surface, object);
            let mut tag = Tag::new(object.object.plural.as_str());
            tag.description = Some(parts::sentence(
                &object.object.plural_label,
                &object.object.description,
            ));
            tags.push(tag);
        }
    }
    if signed_in
        && surface
            .objects
            .iter()
            .any(|object| object.readable.is_some())
    {
        graph::add_paths(&mut paths, &mut components, &names);
    }
    used_alone(&mut tags, &paths);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer()));
    OpenApiBuilder::new()
        .info(info(surface))
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components))
        .tags(Some(tags))
        .build()
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

/// Leaves the tags that some operation has.
fn used_alone(tags: &mut Vec<Tag>, paths: &Paths) {
    let used = operations::used_tags(paths);
    tags.retain(|tag| used.contains(&tag.name));
}
