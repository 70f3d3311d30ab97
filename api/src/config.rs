//! The configuration: read from the environment once, at the start, and nowhere else. Each setting
//! has a default that works.

mod mail;
mod oidc;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use schema::identity::Network;

use crate::limits::RateLimits;

pub use mail::{LinkTemplate, MailConfig, Smtp};
pub use oidc::OidcProvider;
pub(crate) use oidc::{OIDC_PROVIDERS, is_secure};

/// The database where none is named.
pub const DEFAULT_DATABASE: &str = "sqlite://relata.db";

/// The longest time that deleted things are kept: a hundred years.
const MOST_DAYS: u32 = 36_500;

const DATABASE_URL: &str = "RELATA_DATABASE_URL";
pub(crate) const BREACHED_PASSWORDS: &str = "RELATA_BREACHED_PASSWORDS";
const SIGNING_KEY_DAYS: &str = "RELATA_SIGNING_KEY_DAYS";
const TRUSTED_PROXIES: &str = "RELATA_TRUSTED_PROXIES";
const RATE_LIMITS: &str = "RELATA_RATE_LIMITS";
const MAX_REQUESTS: &str = "RELATA_MAX_REQUESTS";

/// More requests at once than any server answers.
const MOST_REQUESTS: usize = 1_000_000;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// `RELATA_DATABASE_URL`: `sqlite://<path>` or `postgres://…`. Default `sqlite://relata.db`,
    /// for the demo `sqlite://relata-demo.db`.
    pub database_url: Secret,
    /// `RELATA_LISTEN`: address and port. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `RELATA_ADMIN_EMAIL`: the admin that the first start makes. Default `admin@localhost`.
    pub admin_email: Option<String>,
    /// `RELATA_ADMIN_PASSWORD`: its password. Without it the first start makes one and prints it once.
    pub admin_password: Option<Secret>,
    /// `RELATA_CORS_ORIGINS`: origins, separated by commas, from which browsers may call. Default none.
    pub cors_origins: Vec<http::HeaderValue>,
    /// `RELATA_TRUSTED_PROXIES`: addresses and networks, separated by commas, of the proxies before the server:
    /// their `X-Forwarded-For` tells who calls. Default none.
    pub trusted_proxies: Vec<Network>,
    /// `RELATA_RATE_LIMITS`: units a minute, such as `standard=12000,anonymous=600`, or `off`, which counts neither
    /// units nor wrong credentials. Default `low=1200,standard=12000,high=120000,anonymous=1200`.
    pub rate_limits: Option<RateLimits>,
    /// `RELATA_MAX_REQUESTS`: how many requests run at once. Default 512.
    pub max_requests: usize,
    /// `RELATA_MAX_REQUESTS_PER_CALLER`: how many of one user or key. Default 64.
    pub max_requests_of_caller: u32,
    /// `RELATA_HEADER_TIMEOUT`: how many seconds a client has to send the head of a request, and how long an idle
    /// connection is kept. Default 30.
    pub header_timeout: u32,
    /// `RELATA_BODY_LIMIT`: the largest body in bytes. Default 1 MiB.
    pub body_limit: usize,
    /// `RELATA_LOG`: what is logged, such as `info,schema=debug`. Default `info` without
    /// the steps of the migrations.
    pub log: String,
    /// `RELATA_LOG_FORMAT`: `text` or `json`. Default `text`.
    pub log_format: LogFormat,
    /// `RELATA_MAX_CONNECTIONS`: the most connections to PostgreSQL. Default 20.
    pub max_connections: u32,
    /// `RELATA_RETENTION_DAYS`: how many days what was deleted of the schema can be brought back before it
    /// is taken out of the database; 0 is at once. Default 30.
    pub retention_days: u32,
    /// `RELATA_SERVER_TIMING`: `true` adds the number of SQL statements to each answer to a read, in a
    /// `Server-Timing` header. Default `false`.
    pub server_timing: bool,
    /// `RELATA_SIGNING_KEY_DAYS`: after how many days another key signs access tokens; 0 is never. Default 90.
    pub signing_key_days: u32,
    /// `RELATA_SMTP_URL`, `RELATA_MAIL_FROM`, `RELATA_RESET_URL`, `RELATA_INVITATION_URL`: invitations and
    /// links to choose a new password. Default: no mail is sent.
    pub mail: MailConfig,
    /// `RELATA_OIDC_PROVIDERS`: a file, in YAML or JSON, with the providers of OpenID Connect by which people can sign in.
    /// Default none.
    pub oidc_providers: Vec<OidcProvider>,
    /// `RELATA_BREACHED_PASSWORDS`: a file of SHA-1 hashes of passwords that nobody may choose. Default none.
    pub breached_passwords: Option<PathBuf>,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// A text that must not be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A setting that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub message: String,
}

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: Secret::new(DEFAULT_DATABASE),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_email: None,
            admin_password: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            rate_limits: Some(RateLimits::default()),
            max_requests: 512,
            max_requests_of_caller: 64,
            header_timeout: 30,
            body_limit: 1024 * 1024,
            log: "info,sea_orm_migration=warn".to_owned(),
            log_format: LogFormat::Text,
            max_connections: 20,
            retention_days: 30,
            server_timing: false,
            signing_key_days: 90,
            mail: MailConfig::default(),
            oidc_providers: Vec::new(),
            breached_passwords: None,
        }
    }
}

impl Config {
    /// Reads the environment. Where it names no database, this one is meant.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_env(default_database: &str) -> Result<Self, ConfigError> {
        Self::from_lookup(|variable| {
            let set = std::env::var(variable).ok();
            let default = || (variable == DATABASE_URL).then(|| default_database.to_owned());
            set.filter(|text| !text.trim().is_empty()).or_else(default)
        })
    }

    /// Reads settings by name; an empty text counts as absent.
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let text = |variable| lookup(variable).filter(|text| !text.trim().is_empty());
        let mut config = Self::default();
        if let Some(url) = text(DATABASE_URL) {
            check_url(&url)?;
            config.database_url = Secret::new(url);
        }
        read(&text, "RELATA_LISTEN", &mut config.listen)?;
        config.admin_email = text("RELATA_ADMIN_EMAIL");
        config.admin_password = text("RELATA_ADMIN_PASSWORD").map(Secret::new);
        if let Some(origins) = text("RELATA_CORS_ORIGINS") {
            config.cors_origins = parse_origins(&origins)?;
        }
        if let Some(proxies) = text(TRUSTED_PROXIES) {
            config.trusted_proxies = parse_networks(&proxies)?;
        }
        config.read_limits(&text)?;
        config.log = text("RELATA_LOG").unwrap_or(config.log);
        config.log_format = match text("RELATA_LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                return Err(refuse(
                    "RELATA_LOG_FORMAT",
                    format!("{other:?} is neither text nor json"),
                ));
            }
        };
        read(&text, "RELATA_MAX_CONNECTIONS", &mut config.max_connections)?;
        if config.max_connections == 0 {
            return Err(refuse("RELATA_MAX_CONNECTIONS", "must be at least 1"));
        }
        read(&text, "RELATA_RETENTION_DAYS", &mut config.retention_days)?;
        if config.retention_days > MOST_DAYS {
            let message = format!("must be at most {MOST_DAYS}");
            return Err(refuse("RELATA_RETENTION_DAYS", message));
        }
        read(&text, "RELATA_SERVER_TIMING", &mut config.server_timing)?;
        read(&text, SIGNING_KEY_DAYS, &mut config.signing_key_days)?;
        if config.signing_key_days > MOST_DAYS {
            let message = format!("must be at most {MOST_DAYS}");
            return Err(refuse(SIGNING_KEY_DAYS, message));
        }
        config.mail = mail::read_mail(&text)?;
        if let Some(file) = text(OIDC_PROVIDERS) {
            config.oidc_providers = OidcProvider::read_all(Path::new(&file))?;
        }
        config.breached_passwords = text(BREACHED_PASSWORDS).map(PathBuf::from);
        Ok(config)
    }
}

impl Config {
    fn read_limits(
        &mut self,
        text: &impl Fn(&'static str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        const OFF: &str = "off";
        if text(RATE_LIMITS).is_some_and(|set| set.trim() == OFF) {
            self.rate_limits = None;
        } else {
            let mut rates = RateLimits::default();
            read(text, RATE_LIMITS, &mut rates)?;
            self.rate_limits = Some(rates);
        }
        read(text, MAX_REQUESTS, &mut self.max_requests)?;
        if !(1..=MOST_REQUESTS).contains(&self.max_requests) {
            let message = format!("must be from 1 to {MOST_REQUESTS}");
            return Err(refuse(MAX_REQUESTS, message));
        }
        let read_count = |variable, into: &mut u32| {
            read(text, variable, into)?;
            (*into > 0)
                .then_some(())
                .ok_or_else(|| refuse(variable, "must be at least 1"))
        };
        read_count(
            "RELATA_MAX_REQUESTS_PER_CALLER",
            &mut self.max_requests_of_caller,
        )?;
        read_count("RELATA_HEADER_TIMEOUT", &mut self.header_timeout)?;
        read(text, "RELATA_BODY_LIMIT", &mut self.body_limit)
    }
}

fn refuse(variable: &'static str, message: impl Into<String>) -> ConfigError {
    ConfigError {
        variable,
        message: message.into(),
    }
}

fn read<T: std::str::FromStr<Err: fmt::Display>>(
    text: &impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
    into: &mut T,
) -> Result<(), ConfigError> {
    if let Some(value) = text(variable) {
        *into = value
            .trim()
            .parse()
            .map_err(|error| refuse(variable, format!("{value:?}: {error}")))?;
    }
    Ok(())
}

// The message must not repeat the URL: it may hold a password.
fn check_url(url: &str) -> Result<(), ConfigError> {
    let known = ["sqlite:", "postgres:", "postgresql:"];
    if known.iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(());
    }
    Err(refuse(
        DATABASE_URL,
        "must begin with sqlite:, postgres: or postgresql:",
    ))
}

/// The items of a list that commas separate.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let items = text.split(',').map(str::trim);
    items.filter(|text| !text.is_empty())
}

fn parse_networks(text: &str) -> Result<Vec<Network>, ConfigError> {
    let parse = |item: &str| {
        item.parse()
            .map_err(|message| refuse(TRUSTED_PROXIES, format!("{item:?} {message}")))
    };
    items(text).map(parse).collect()
}

fn parse_origins(text: &str) -> Result<Vec<http::HeaderValue>, ConfigError> {
    items(text)
        .map(|origin| {
            let well_formed = url::Url::parse(origin)
                .is_ok_and(|url| url.origin().ascii_serialization() == origin);
            if !well_formed {
                let message = format!("{origin:?} is no origin such as https://app.example.com");
                return Err(refuse("RELATA_CORS_ORIGINS", message));
            }
            http::HeaderValue::from_str(origin)
                .map_err(|error| refuse("RELATA_CORS_ORIGINS", error.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests;
