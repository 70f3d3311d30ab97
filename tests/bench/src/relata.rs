//! Relata as a process of its own, and an administrator's token for it.

use std::sync::Arc;

use api::{Config, Secret, limits::RateLimits};
use schema::SystemClock;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use crate::{Result, children, http, options::Options};

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "as fast as it is correct";

/// Serves until the process that started this one ends.
pub(crate) async fn serve(options: &Options) -> Result<()> {
    let config = Config {
        database_url: Secret::new(options.database_url()?),
        admin_email: Some(EMAIL.to_owned()),
        admin_password: Some(Secret::new(PASSWORD)),
        // Both servers write no line for a request.
        log: "warn".to_owned(),
        // Counted, as in service, and never used up.
        rate_limits: Some(RateLimits {
            standard: 1_000_000_000,
            ..RateLimits::default()
        }),
        max_requests_of_caller: 10_000,
        max_requests: 10_000,
        ..Config::default()
    };
    api::telemetry::start(&config)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = api::start(config, listener, Arc::new(SystemClock)).await?;
    children::announce(server.address());
    children::wait_for_parent().await;
    Ok(())
}

/// Signs the administrator in and answers the access token.
pub(crate) async fn sign_in(address: std::net::SocketAddr) -> Result<String> {
    let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let request = http::post("/v1/auth/login", None, &body);
    let answer: Json = serde_json::from_slice(&http::ask(address, &request).await?)?;
    let token = answer.get("accessToken").and_then(Json::as_str);
    Ok(token
        .ok_or_else(|| format!("no token in {answer}"))?
        .to_owned())
}
