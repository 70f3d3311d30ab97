//! Partners: `/v1/meta/partners`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use schema::identity::{NewPartner, Partner, PartnerChange};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::{NoParameters, Page, PageParameters, parse_id},
    state::AppState,
};

/// `GET /v1/meta/partners`
pub(crate) async fn list_partners(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(page): Query<PageParameters>,
) -> Result<Json<Page<Partner>>, Problem> {
    let listed = state.engine.list_partners(&caller, page.listing()?).await?;
    Ok(Json(Page::of(listed, |partner| partner.id.uuid())))
}

/// `GET /v1/meta/partners/{id}`
pub(crate) async fn show_partner(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Partner>, Problem> {
    let id = parse_id("partner", &id)?;
    Ok(Json(state.engine.load_partner(&caller, id).await?))
}

/// `POST /v1/meta/partners`
pub(crate) async fn create_partner(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewPartner>,
) -> Result<Response, Problem> {
    let partner = state.engine.create_partner(&caller, new).await?;
    let location = format!("/v1/meta/partners/{}", partner.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(partner),
    )
        .into_response())
}

/// `PATCH /v1/meta/partners/{id}`
pub(crate) async fn update_partner(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(wanted): Body<PartnerChange>,
) -> Result<Json<Partner>, Problem> {
    let id = parse_id("partner", &id)?;
    Ok(Json(
        state.engine.update_partner(&caller, id, wanted).await?,
    ))
}
