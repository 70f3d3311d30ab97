//! The log: one subscriber, and one event per request. It never shows tokens, bodies or values.

use std::{sync::Arc, time::Duration};

use http::{Method, StatusCode};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, ConfigError, LogFormat},
    problem::Problem,
};

/// Sets up the log of this process. A second call changes nothing.
pub fn start(config: &Config) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| ConfigError {
        variable: "RELATA_LOG",
        message: error.to_string(),
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr);
    // An embedding process (a test) may have a subscriber already; then its own counts.
    let _ = match config.log_format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// What is logged of one request.
#[derive(Debug)]
pub struct RequestEvent<'a> {
    /// The method.
    pub method: &'a Method,
    /// The route that matched, never the path itself: ids are data.
    pub route: &'a str,
    /// The id of the request.
    pub request_id: &'a str,
    /// The status of the answer.
    pub status: StatusCode,
    /// How long it took until the body began.
    pub duration: Duration,
    /// The problem, if it was one.
    pub problem: Option<&'a Arc<Problem>>,
}

impl RequestEvent<'_> {
    /// Writes the event: an error when it is our fault, otherwise for information.
    pub fn log(&self) {
        let Self {
            method,
            route,
            request_id,
            ..
        } = self;
        let status = self.status.as_u16();
        let duration_ms = (self.duration.as_secs_f64() * 1e6).round() / 1e3;
        let code = self.problem.map(|problem| problem.code.text());
        let cause = self
            .problem
            .and_then(|problem| problem.cause.as_deref())
            .map(chain);
        let ours = self
            .problem
            .is_some_and(|problem| problem.code.status().is_server_error());
        if ours || self.status.is_server_error() {
            tracing::error!(%method, route, status, duration_ms, request_id, code, cause, "request failed");
        } else {
            tracing::info!(%method, route, status, duration_ms, request_id, code, cause, "request");
        }
    }
}

/// An error with all its sources, on one line.
fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
