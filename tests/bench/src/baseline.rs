//! The hand-written server: what a good engineer writes with axum and sqlx for these requests alone.
//! Fixed structs, prepared statements, one statement a level, and no checks beyond a constant token.

mod queries;
mod rows;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{Result, children, options::Options, workload::BASELINE_TOKEN};

/// Serves until the process that started this one ends.
pub(crate) async fn serve(options: &Options) -> Result<()> {
    let connect: PgConnectOptions = options.database_url()?.parse()?;
    // As Relata has them, so that the two differ in their code alone.
    let connect = connect
        .statement_cache_capacity(500)
        .options([("max_parallel_workers_per_gather", "0")]);
    let pool = PgPoolOptions::new()
        .max_connections(20)
        .test_before_acquire(false)
        .connect_with(connect)
        .await?;
    let routes = Router::new()
        .route("/organizations", get(list).post(create))
        .route("/organizations/{id}", get(show))
        .route("/tree", get(tree))
        .layer(middleware::from_fn(check_token))
        .with_state(pool);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    children::announce(listener.local_addr()?);
    let server = axum::serve(listener, routes);
    Ok(server
        .with_graceful_shutdown(children::wait_for_parent())
        .await?)
}

async fn check_token(request: axum::extract::Request, next: middleware::Next) -> Response {
    let sent = request.headers().get("authorization");
    let token = sent.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if token != Some(BASELINE_TOKEN.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

/// Why a request failed.
enum Failure {
    Missing,
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
            Self::Broken(error) => {
                (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
            }
        }
    }
}

fn json(value: &impl Serialize) -> Result<Response, Failure> {
    let body = Body::from(serde_json::to_vec(value)?);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn show(State(pool): State<PgPool>, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let found = queries::organization(&pool, id).await?;
    json(&found.ok_or(Failure::Missing)?)
}

#[derive(Deserialize)]
struct ListParameters {
    status: String,
    min_employees: i64,
    #[serde(with = "time::serde::rfc3339")]
    before: OffsetDateTime,
    limit: u16,
}

async fn list(
    State(pool): State<PgPool>,
    Query(parameters): Query<ListParameters>,
) -> Result<Response, Failure> {
    let limit = usize::from(parameters.limit);
    let mut data = queries::organizations(
        &pool,
        &parameters.status,
        (parameters.min_employees, parameters.before),
        i64::from(parameters.limit) + 1,
    )
    .await?;
    let has_next = data.len() > limit;
    data.truncate(limit);
    let page = rows::Page {
        next: data.last().filter(|_| has_next).map(rows::cursor),
        previous: None,
        has_next,
        has_previous: false,
    };
    json(&rows::List { data, page })
}

#[derive(Deserialize)]
struct TreeParameters {
    from: String,
}

async fn tree(
    State(pool): State<PgPool>,
    Query(parameters): Query<TreeParameters>,
) -> Result<Response, Failure> {
    let organizations = queries::tree(&pool, &parameters.from).await?;
    json(&rows::TreeAnswer {
        data: rows::Tree {
            organizations: rows::Nodes {
                nodes: organizations,
            },
        },
    })
}

async fn create(
    State(pool): State<PgPool>,
    Json(new): Json<rows::NewOrganization>,
) -> Result<Response, Failure> {
    let created = queries::create(&pool, &new).await?;
    Ok((StatusCode::CREATED, json(&created)?).into_response())
}
