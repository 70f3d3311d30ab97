//! Roles: `/v1/meta/roles`. A role is named by its id or by its name.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{NewRole, Role, RoleChange};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page},
    state::AppState,
};

/// `GET /v1/meta/roles`
pub(crate) async fn list_roles(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Page<Role>>, Problem> {
    Ok(Json(Page::whole(state.engine.list_roles(&caller)?)))
}

/// `GET /v1/meta/roles/{role}`
pub(crate) async fn show_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(role): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Role>, Problem> {
    Ok(Json(state.engine.load_role(&caller, &role)?))
}

/// `POST /v1/meta/roles`
pub(crate) async fn create_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewRole>,
) -> Result<Response, Problem> {
    let role = state.engine.create_role(&caller, new).await?;
    let location = format!("/v1/meta/roles/{}", role.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(role),
    )
        .into_response())
}

/// `PATCH /v1/meta/roles/{role}`
pub(crate) async fn update_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(role): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(wanted): Body<RoleChange>,
) -> Result<Json<Role>, Problem> {
    Ok(Json(
        state.engine.update_role(&caller, &role, wanted).await?,
    ))
}

/// `DELETE /v1/meta/roles/{role}`
pub(crate) async fn delete_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(role): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    state.engine.delete_role(&caller, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}
