//! Which indexes the rules ask for: `/v1/meta/indexes`.

use axum::{Json, extract::State};
use schema::IndexAdvice;

use crate::{
    caller::Authenticated, extract::Query, problem::Problem, rest::listing::NoParameters,
    state::AppState,
};

/// `GET /v1/meta/indexes/advice`
pub(crate) async fn show_advice(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<IndexAdvice>, Problem> {
    Ok(Json(state.engine.index_advice(&caller).await?))
}
