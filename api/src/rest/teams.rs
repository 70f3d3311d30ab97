//! Teams: `/v1/meta/teams`. A team is named by its id or by its name.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{NewTeam, Team, TeamChange};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page},
    state::AppState,
};

/// `GET /v1/meta/teams`
pub(crate) async fn list_teams(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Page<Team>>, Problem> {
    Ok(Json(Page::whole(state.engine.list_teams(&caller)?)))
}

/// `GET /v1/meta/teams/{team}`
pub(crate) async fn show_team(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(team): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Team>, Problem> {
    Ok(Json(state.engine.load_team(&caller, &team)?))
}

/// `POST /v1/meta/teams`
pub(crate) async fn create_team(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewTeam>,
) -> Result<Response, Problem> {
    let team = state.engine.create_team(&caller, new).await?;
    let location = format!("/v1/meta/teams/{}", team.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(team),
    )
        .into_response())
}

/// `PATCH /v1/meta/teams/{team}`
pub(crate) async fn update_team(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(team): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(wanted): Body<TeamChange>,
) -> Result<Json<Team>, Problem> {
    Ok(Json(
        state.engine.update_team(&caller, &team, wanted).await?,
    ))
}

/// `DELETE /v1/meta/teams/{team}`
pub(crate) async fn delete_team(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(team): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    state.engine.delete_team(&caller, &team).await?;
    Ok(StatusCode::NO_CONTENT)
}
