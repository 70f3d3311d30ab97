//! Fields of object types and of relation types under `/v1/meta`: each route changes one field.

use axum::{extract::State, http::StatusCode, response::Response};
use schema::{FieldDescription, access::Caller};
use serde_json::{Value as Json, json};

use super::{
    changesets::{How, OneOperation, answer, deleted},
    describe::plain_view,
    object_types::text_member,
};
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path},
    problem::Problem,
    state::AppState,
};

/// `POST /v1/meta/objects/{name}/fields`
pub(crate) async fn create_object_field(
    state: State<AppState>,
    caller: Authenticated,
    Path(name): Path<String>,
    how: How,
    body: Body<Json>,
) -> Result<Response, Problem> {
    create((state, caller, how), Owner("object", &name), body).await
}

/// `PATCH /v1/meta/objects/{name}/fields/{field}`
pub(crate) async fn update_object_field(
    state: State<AppState>,
    caller: Authenticated,
    Path((name, field)): Path<(String, String)>,
    how: How,
    body: Body<Json>,
) -> Result<Response, Problem> {
    update((state, caller, how), Owner("object", &name), &field, body).await
}

/// `DELETE /v1/meta/objects/{name}/fields/{field}`
pub(crate) async fn delete_object_field(
    state: State<AppState>,
    caller: Authenticated,
    Path((name, field)): Path<(String, String)>,
    how: How,
) -> Result<Response, Problem> {
    delete((state, caller, how), Owner("object", &name), &field).await
}

/// `POST /v1/meta/relations/{name}/fields`
pub(crate) async fn create_relation_field(
    state: State<AppState>,
    caller: Authenticated,
    Path(name): Path<String>,
    how: How,
    body: Body<Json>,
) -> Result<Response, Problem> {
    create((state, caller, how), Owner("relation", &name), body).await
}

/// `PATCH /v1/meta/relations/{name}/fields/{field}`
pub(crate) async fn update_relation_field(
    state: State<AppState>,
    caller: Authenticated,
    Path((name, field)): Path<(String, String)>,
    how: How,
    body: Body<Json>,
) -> Result<Response, Problem> {
    update((state, caller, how), Owner("relation", &name), &field, body).await
}

/// `DELETE /v1/meta/relations/{name}/fields/{field}`
pub(crate) async fn delete_relation_field(
    state: State<AppState>,
    caller: Authenticated,
    Path((name, field)): Path<(String, String)>,
    how: How,
) -> Result<Response, Problem> {
    delete((state, caller, how), Owner("relation", &name), &field).await
}

/// The type that has the field: `object` or `relation`, and its name.
#[derive(Clone, Copy)]
struct Owner<'a>(&'static str, &'a str);

type Request = (State<AppState>, Authenticated, How);

async fn create(
    (State(state), Authenticated(caller), how): Request,
    owner: Owner<'_>,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let name = text_member(&body, "name").unwrap_or_default();
    let named = [(owner.0, owner.1)];
    let operation = OneOperation::around("addField", &named, ("field", body));
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::CREATED, || {
        describe(&state, &caller, owner, &name)
    }))
}

async fn update(
    (State(state), Authenticated(caller), how): Request,
    owner: Owner<'_>,
    field: &str,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let new_name = text_member(&body, "name").unwrap_or_else(|| field.to_owned());
    let named = [(owner.0, owner.1), ("field", field)];
    let operation = OneOperation::new("updateField", &named, body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || {
        describe(&state, &caller, owner, &new_name)
    }))
}

async fn delete(
    (State(state), Authenticated(caller), how): Request,
    owner: Owner<'_>,
    field: &str,
) -> Result<Response, Problem> {
    let named = [(owner.0, owner.1), ("field", field)];
    let operation = OneOperation::new("deleteField", &named, json!({}));
    Ok(deleted(&operation.apply(&state, &caller, how).await?))
}

fn describe(
    state: &AppState,
    caller: &Caller,
    Owner(kind, owner): Owner<'_>,
    name: &str,
) -> Option<FieldDescription> {
    let fields = if kind == "object" {
        plain_view(state, caller).object(owner).ok()?.fields
    } else {
        plain_view(state, caller).relation(owner).ok()?.fields
    };
    fields.into_iter().find(|field| field.name == name)
}
