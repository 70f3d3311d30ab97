//! The paths that do not depend on object types, and who sees them.

use schema::access::Surface;
use serde_json::json;
use utoipa::openapi::{Components, HttpMethod, Paths, Tag, Type};

use super::{
    objects,
    operations::{Identity, add as add_operation, operation, public_operation},
    parts::{Names, answer, array_of, body, plain},
};

/// The tags of the fixed paths.
pub(super) fn tags() -> Vec<Tag> {
    let rows = [
        ("service", "Whether the server lives, and this document."),
        (
            "graphql",
            "The same data, in the shape that a query asks for.",
        ),
    ];
    rows.map(|(name, description)| {
        let mut tag = Tag::new(name);
        tag.description = Some(description.to_owned());
        tag
    })
    .into()
}

/// Adds the fixed paths that this caller may use.
pub(super) fn add(
    paths: &mut Paths,
    components: &mut Components,
    names: &Names,
    (_surface, signed_in): (&Surface, bool),
) {
    add_service(paths);
    if signed_in {
        components
            .schemas
            .insert(names.fixed("Select"), objects::select(names));
        add_graphql(paths);
    }
}

fn identity(tag: &'static str, id: &str, summary: &str) -> Identity<'static> {
    Identity {
        tag,
        id: id.to_owned(),
        summary: summary.to_owned(),
    }
}

fn add_service(paths: &mut Paths) {
    let status = || plain(Type::Object).property("status", plain(Type::String));
    let live = public_operation(
        identity("service", "showProcess", "Whether the process lives"),
        &[400],
    )
    .response("200", answer("It lives.", status().into()));
    add_operation(paths, "/healthz", HttpMethod::Get, live);
    let ready = status().property("schemaVersion", plain(Type::Integer));
    let ready = public_operation(
        identity(
            "service",
            "showReadiness",
            "Whether requests can be answered",
        ),
        &[400],
    )
    .response("200", answer("They can.", ready.into()));
    add_operation(paths, "/readyz", HttpMethod::Get, ready);
    let document = public_operation(identity("service", "showDocument", "This document"), &[400])
        .response(
            "200",
            answer("What the caller may use.", plain(Type::Object).into()),
        );
    add_operation(paths, "/openapi.json", HttpMethod::Get, document);
}

fn add_graphql(paths: &mut Paths) {
    let request = plain(Type::Object)
        .property("query", plain(Type::String))
        .property("operationName", plain(Type::String))
        .property("variables", plain(Type::Object))
        .required("query");
    let errors = array_of(plain(Type::Object).into());
    let result = plain(Type::Object)
        .property("data", plain(Type::Object))
        .property("errors", errors);
    let example = json!({"query": "{ __typename }"});
    let running = operation(
        identity("graphql", "runGraphql", "Run a GraphQL operation"),
        &[400, 413, 415],
    )
    .request_body(Some(body(request.into(), Some(example))))
    .response("200", answer("Data, errors, or both.", result.into()));
    add_operation(paths, "/graphql", HttpMethod::Post, running);
}
