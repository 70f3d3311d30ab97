//! How an operation is put together: identity, tag, answers, and the problems that it may answer.

use std::collections::BTreeSet;

use utoipa::openapi::{
    HttpMethod, Paths, RefOr, Response, SecurityRequirement,
    header::HeaderBuilder,
    path::{Operation, OperationBuilder},
};

use super::{
    limits,
    parts::{plain, problem_ref},
};

/// What an operation is called.
pub(super) struct Identity<'a> {
    pub(super) tag: &'a str,
    pub(super) id: String,
    pub(super) summary: String,
}

/// An operation for callers with credentials, with the problems that it may answer beside 401 and
/// those of the server, which each one may.
pub(super) fn operation(identity: Identity<'_>, problems: &[u16]) -> OperationBuilder {
    let bearer = SecurityRequirement::new("bearer", Vec::<String>::new());
    public_operation(identity, problems)
        .response("401", problem_ref(401))
        .securities(Some([bearer]))
}

/// An operation that needs no credentials.
pub(super) fn public_operation(identity: Identity<'_>, problems: &[u16]) -> OperationBuilder {
    let mut builder = OperationBuilder::new()
        .operation_id(Some(identity.id))
        .tag(identity.tag)
        .summary(Some(identity.summary))
        .securities(Some([]));
    for status in problems.iter().chain(&[429, 500, 503, 504]) {
        builder = builder.response(status.to_string(), problem_ref(*status));
    }
    builder
}

/// An answer with a version in its `ETag`; the text says which.
pub(super) fn with_etag(mut response: Response, about: &str) -> Response {
    let etag = HeaderBuilder::new()
        .schema(Some(plain(utoipa::openapi::Type::String)))
        .description(Some(about))
        .example(Some(serde_json::json!("\"3\"")));
    response
        .headers
        .insert("ETag".to_owned(), etag.build().into());
    response
}

/// An answer that says where the new thing stands.
pub(super) fn with_location(mut response: Response) -> Response {
    let location = HeaderBuilder::new()
        .schema(Some(plain(utoipa::openapi::Type::String)))
        .description(Some("The address of what was made."));
    response
        .headers
        .insert("Location".to_owned(), location.build().into());
    response
}

/// Adds an operation.
pub(super) fn add(paths: &mut Paths, path: &str, method: HttpMethod, operation: OperationBuilder) {
    let mut operation = operation.build();
    let needs_credentials = operation.security.iter().flatten().next().is_some();
    // Of the others the document alone looks at credentials, and counts who brings some.
    if needs_credentials || path == "/openapi.json" {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                limits::add_headers(response);
            }
        }
    }
    paths.add_path_operation(path, vec![method], operation);
}

/// The tags that operations have.
pub(super) fn used_tags(paths: &Paths) -> BTreeSet<String> {
    let operations = paths.paths.values().flat_map(|item| {
        let all: [&Option<Operation>; 5] =
            [&item.get, &item.post, &item.put, &item.patch, &item.delete];
        all.into_iter().flatten()
    });
    operations
        .flat_map(|operation| operation.tags.iter().flatten().cloned())
        .collect()
}
