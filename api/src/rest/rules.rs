//! The rules of a role: `/v1/meta/roles/{role}/rules`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{Rule, RuleText};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, parse_id},
    state::AppState,
};

/// `GET /v1/meta/roles/{role}/rules`
pub(crate) async fn list_rules(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(role): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Page<Rule>>, Problem> {
    Ok(Json(Page::whole(state.engine.list_rules(&caller, &role)?)))
}

/// `GET /v1/meta/roles/{role}/rules/{rule}`
pub(crate) async fn show_rule(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((role, rule)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Rule>, Problem> {
    let rule = parse_id("rule", &rule)?;
    Ok(Json(state.engine.load_rule(&caller, &role, rule)?))
}

/// `POST /v1/meta/roles/{role}/rules`
pub(crate) async fn create_rule(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(role): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(text): Body<RuleText>,
) -> Result<Response, Problem> {
    let rule = state.engine.create_rule(&caller, &role, &text).await?;
    let location = format!("/v1/meta/roles/{}/rules/{}", rule.role, rule.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(rule),
    )
        .into_response())
}

/// `PUT /v1/meta/roles/{role}/rules/{rule}`
pub(crate) async fn replace_rule(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((role, rule)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(text): Body<RuleText>,
) -> Result<Json<Rule>, Problem> {
    let rule = parse_id("rule", &rule)?;
    let replaced = state.engine.replace_rule(&caller, &role, rule, &text);
    Ok(Json(replaced.await?))
}

/// `DELETE /v1/meta/roles/{role}/rules/{rule}`
pub(crate) async fn delete_rule(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((role, rule)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    let rule = parse_id("rule", &rule)?;
    state.engine.delete_rule(&caller, &role, rule).await?;
    Ok(StatusCode::NO_CONTENT)
}
