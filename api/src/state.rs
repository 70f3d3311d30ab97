//! What every request shares. Built once by [`crate::start`]; cheap to clone.

use std::sync::Arc;

use axum::body::Bytes;
use moka::sync::Cache;
use schema::{Clock, Engine};

use crate::{
    config::Config, graphql::Faces, limits::Limits, mail::Mail, oidc::Providers,
    password::Passwords, token::KeyRing,
};

/// What every request shares.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The engine: the only way to data.
    pub engine: Arc<Engine>,
    /// The configuration.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Signs and checks access tokens.
    pub tokens: Arc<KeyRing>,
    /// Sends mail.
    pub mail: Mail,
    /// Providers by which people can sign in.
    pub providers: Providers,
    /// Hashes and checks passwords.
    pub passwords: Arc<Passwords>,
    /// Counts who asks for how much.
    pub limits: Arc<Limits>,
    /// The GraphQL schemas that are kept.
    pub faces: Faces,
    /// OpenAPI documents, by the surface that they show.
    pub documents: Cache<String, Bytes>,
}
