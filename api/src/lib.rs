//! The server: HTTP, GraphQL, sign-in. What tests and the binary use stands here; everything about
//! records is the engine's, in the `schema` crate.

mod address;
mod assets;
mod background;
pub mod caller;
pub mod cli;
pub mod code;
pub mod config;
pub mod demo;
mod diagram;
pub mod extract;
mod first_start;
pub mod frame;
pub mod graphql;
pub mod limits;
pub mod mail;
pub mod oidc;
mod openapi;
pub mod password;
pub mod problem;
mod rest;
mod router;
mod schema_files;
mod serve;
pub mod state;
pub mod telemetry;
pub mod token;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use moka::sync::Cache;
use schema::{Engine, EngineOptions};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use crate::{
    config::{Config, ConfigError, Secret},
    first_start::{FirstAdmin, make_admin},
    router::app,
    state::AppState,
};
pub use schema::{Clock, SystemClock};

/// How long open requests may take to end after a stop was asked for.
const GRACE: Duration = Duration::from_secs(35);

/// How many OpenAPI documents are kept: one per set of rights that is in use.
const DOCUMENTS: u64 = 32;

/// Why the server can't start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting that can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database could not be made or brought up to date.
    #[error("migrating the database failed: {0}")]
    Migrate(#[from] migration::DbErr),
    /// The engine could not be opened.
    #[error("opening the database failed")]
    Engine(#[from] schema::Error),
    /// Passwords can't be hashed here.
    #[error(transparent)]
    Password(#[from] password::PasswordError),
    /// The key that signs access tokens can't be used.
    #[error("loading the signing key failed")]
    SigningKey(#[from] token::TokenError),
    /// The demo could not be loaded.
    #[error("loading the demo failed")]
    Demo(#[from] demo::DemoError),
    /// The engine refused what the command asked for.
    #[error("refused: {}", faults_of(.0))]
    Refused(schema::Error),
    /// Computed fields hold something else than they should.
    #[error(
        "{0} records hold something else than they should; `relata verify --repair` puts them right"
    )]
    Drift(u64),
    /// The audit log is not as it was written.
    #[error("the audit log is broken: {0}")]
    Audit(String),
    /// Files can't be read or written.
    #[error(transparent)]
    Files(#[from] schema_files::FileError),
    /// The network failed.
    #[error("serving failed: {0}")]
    Serve(#[from] io::Error),
}

/// What the engine refused, fault by fault.
fn faults_of(error: &schema::Error) -> String {
    let schema::Error::Invalid(faults) = error else {
        return error.to_string();
    };
    let faults = faults.iter();
    let told = faults.map(|fault| format!("{}: {}", fault.place.text(), fault.message));
    told.collect::<Vec<_>>().join("; ")
}

/// Makes the database of a URL or brings it up to date.
pub async fn migrate(url: &str) -> Result<(), StartError> {
    Ok(migration::migrate(url).await?)
}

/// Opens the engine on a migrated database.
pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<AppState, StartError> {
    let options = EngineOptions {
        database_url: config.database_url.expose().to_owned(),
        max_connections: config.max_connections,
        clock: Arc::clone(&clock),
        retention: time::Duration::days(i64::from(config.retention_days)),
    };
    let engine = Arc::new(Engine::open(options).await?);
    let tokens = token::KeyRing::of(&engine.load_signing_seeds().await?)?;
    Ok(AppState {
        tokens: Arc::new(tokens),
        mail: mail::Mail::of(&config.mail)?,
        providers: oidc::Providers::of(&config.oidc_providers, &clock)?,
        passwords: Arc::new(passwords(&config)?),
        engine,
        limits: Arc::new(limits::Limits::new(&config)),
        config: Arc::new(config),
        clock,
        faces: graphql::Faces::default(),
        documents: Cache::new(DOCUMENTS),
    })
}

fn passwords(config: &Config) -> Result<password::Passwords, StartError> {
    let passwords = password::Passwords::new()?;
    Ok(match config.breached_passwords.clone() {
        Some(file) => passwords.without_breached(file)?,
        None => passwords,
    })
}

/// Opens the engine, makes the first admin when there is no user, and serves on the listener until it
/// is told to stop.
pub async fn start(
    config: Config,
    listener: TcpListener,
    clock: Arc<dyn Clock>,
) -> Result<Server, StartError> {
    let state = open(config, clock).await?;
    if !state.mail.is_configured() {
        tracing::warn!(
            "no mail is sent, as RELATA_SMTP_URL is not set: an invitation is answered to the admin who makes it, and \
             nobody can reset a forgotten password"
        );
    }
    let first_admin = make_admin(&state).await?;
    let mut server = serve(state, listener)?;
    server.first_admin = first_admin;
    Ok(server)
}

/// Serves on the listener until it is told to stop.
pub fn serve(state: AppState, listener: TcpListener) -> Result<Server, StartError> {
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let app = app(state.clone());
    let header_timeout = Duration::from_secs(u64::from(state.config.header_timeout));
    let engine = Arc::clone(&state.engine);
    let followed = state.clone();
    let task = tokio::spawn(async move {
        let stopped = async {
            // A dropped sender stops the server as well: nobody is left who could.
            let _ = stopped.await;
        };
        tokio::select! {
            () = serve::serve(listener, app, header_timeout, stopped) => {}
            never = background::follow(followed) => match never {},
            never = background::work(Arc::clone(&engine)) => match never {},
        };
        if let Err(error) = engine.write_all_audit().await {
            tracing::error!(error = %error, "what was refused last could not be written to the audit log");
        }
        if let Err(error) = engine.release_jobs().await {
            tracing::warn!(error = %error, "jobs could not be given back; they count as lost in a while");
        }
    });
    Ok(Server {
        address,
        state,
        stop,
        task,
        first_admin: None,
    })
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: AppState,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    first_admin: Option<FirstAdmin>,
}

impl Server {
    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.state.engine
    }

    /// What its requests share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The admin that this start made, if it did: to be shown once and forgotten.
    pub fn take_first_admin(&mut self) -> Option<FirstAdmin> {
        self.first_admin.take()
    }

    /// Takes no new request, lets the open ones end, and waits for them.
    pub async fn shutdown(self) -> Result<(), StartError> {
        let _ = self.stop.send(());
        let ended = tokio::time::timeout(GRACE, self.task).await;
        let ended = ended.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        Ok(ended.map_err(io::Error::other)?)
    }
}
