//! What was deleted of the schema: `/v1/meta/deleted`.

use axum::{Json as Answer, extract::State, http::StatusCode, response::Response};
use schema::{DeletedDescription, Error, FaultCode, Place};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    caller::Authenticated,
    extract::{OptionalJson, Path, Query},
    problem::Problem,
    rest::{
        changesets::{How, OneOperation, answer},
        listing::{NoParameters, Page, PageParameters, parse_id},
    },
    state::AppState,
};

/// The kinds of deleted things, each with the operation that brings it back.
const KINDS: &[(&str, &str)] = &[
    ("objectType", "undeleteObjectType"),
    ("field", "undeleteField"),
    ("relationType", "undeleteRelationType"),
    ("optionList", "undeleteOptionList"),
];

/// Which deleted things are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletedQuery {
    limit: Option<u64>,
    after: Option<Uuid>,
    kind: Option<String>,
}

/// `GET /v1/meta/deleted`
pub(crate) async fn list_deleted(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<DeletedQuery>,
) -> Result<Answer<Page<DeletedDescription>>, Problem> {
    let kind = query.kind.as_deref();
    if kind.is_some_and(|kind| !KINDS.iter().any(|(known, _)| *known == kind)) {
        let place = Place::Parameter("kind".to_owned());
        let known: Vec<&str> = KINDS.iter().map(|(known, _)| *known).collect();
        let message = format!("must be one of {}", known.join(", "));
        return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
    }
    let page = PageParameters::of(query.limit, query.after);
    let listed = state
        .engine
        .list_deleted(&caller, page.listing()?, kind)
        .await?;
    Ok(Answer(Page::of(listed, |deleted| deleted.cursor)))
}

/// `GET /v1/meta/deleted/{id}`
pub(crate) async fn show_deleted(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Answer<DeletedDescription>, Problem> {
    let id = parse_id("deleted thing", &id)?;
    Ok(Answer(state.engine.load_deleted(&caller, id).await?))
}

/// `POST /v1/meta/deleted/{id}/restore`; the body may be left out.
pub(crate) async fn restore_deleted(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    how: How,
    OptionalJson(body): OptionalJson<Json>,
) -> Result<Response, Problem> {
    let body = if body.is_null() { json!({}) } else { body };
    let deleted = parse_id("deleted thing", &id)?;
    let deleted = state.engine.load_deleted(&caller, deleted).await?;
    let mut kinds = KINDS.iter();
    let found = kinds.find(|(kind, _)| *kind == deleted.thing.kind);
    let op = found.map_or("undeleteField", |(_, op)| *op);
    let operation = OneOperation::new(op, &[("id", &deleted.thing.id)], body);
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || None::<Json>))
}

/// `DELETE /v1/meta/deleted/{id}`
pub(crate) async fn purge_deleted(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    how: How,
) -> Result<Response, Problem> {
    let id: Uuid = parse_id("deleted thing", &id)?;
    let operation = OneOperation::new("purge", &[("id", &id.to_string())], json!({}));
    let report = operation.apply(&state, &caller, how).await?;
    Ok(answer(&report, StatusCode::OK, || None::<Json>))
}
