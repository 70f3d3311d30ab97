//! Whether the process lives and whether it can answer, for load balancers. Both need no credentials.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{code::Code, problem::Problem, state::AppState};

/// `GET /healthz`: the process lives.
pub(crate) async fn show_process() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// `GET /readyz`: the schema is loaded and the database answers.
pub(crate) async fn show_readiness(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    match state.engine.ping().await {
        Ok(()) => Ok(Json(json!({
            "status": "ok",
            "schemaVersion": state.engine.schema_version(),
        }))),
        Err(error) => Err(Problem {
            cause: Some(std::sync::Arc::new(error)),
            ..Problem::new(Code::NotReady, "the database does not answer")
        }),
    }
}
