//! Whether the process lives and whether it can answer, for load balancers.

use axum::Json;
use serde_json::{Value, json};

/// The process lives.
pub(crate) async fn show_process() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
