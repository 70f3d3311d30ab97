//! The base currency and the rates: `/v1/meta/currencies`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schema::{CurrencyTable, NewCurrencyTable, NewRates, RateQuery, access::Caller};

use super::condition::if_match;
use crate::{
    caller::Authenticated,
    extract::{Json as Body, Path, Query},
    problem::Problem,
    rest::listing::NoParameters,
    state::AppState,
};

/// `GET /v1/meta/currencies`
pub(crate) async fn show_currencies(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<RateQuery>,
) -> Result<Response, Problem> {
    Ok(answer(state.engine.show_currencies(&caller, &query).await?))
}

/// `PUT /v1/meta/currencies`
pub(crate) async fn replace_currencies(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(new): Body<NewCurrencyTable>,
) -> Result<Response, Problem> {
    let expected = if_match(&headers)?;
    state
        .engine
        .replace_currencies(&caller, new, expected)
        .await?;
    whole(&state, &caller).await
}

/// `POST /v1/meta/currencies/rates`
pub(crate) async fn add_rates(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(new): Body<NewRates>,
) -> Result<Response, Problem> {
    state.engine.add_rates(&caller, new).await?;
    whole(&state, &caller).await
}

/// `DELETE /v1/meta/currencies/rates/{currency}/{validFrom}`
pub(crate) async fn delete_rate(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Path((currency, from)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    state.engine.delete_rate(&caller, &currency, &from).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn whole(state: &AppState, caller: &Caller) -> Result<Response, Problem> {
    let query = RateQuery::default();
    Ok(answer(state.engine.show_currencies(caller, &query).await?))
}

fn answer(table: CurrencyTable) -> Response {
    let version = table.version;
    let mut response = Json(table).into_response();
    let tag = version.map(|version| HeaderValue::from_str(&format!("\"{version}\"")));
    if let Some(Ok(tag)) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
