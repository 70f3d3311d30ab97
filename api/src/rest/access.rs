//! Questions about the rights of others: `/v1/meta/access`.

use axum::{Json, extract::State};
use schema::identity::{AccessQuestion, Explanation};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Query},
    problem::Problem,
    rest::listing::NoParameters,
    state::AppState,
};

/// `POST /v1/meta/access/explain`
pub(crate) async fn explain_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(question): Body<AccessQuestion>,
) -> Result<Json<Explanation>, Problem> {
    Ok(Json(state.engine.explain(&caller, &question).await?))
}
