//! An application: a server on a port of its own over a database of its own.

mod demo;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use api::{
    Clock, Config, Secret, Server,
    config::{LinkTemplate, MailConfig, OidcProvider, Smtp},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;

pub(crate) use demo::TestDemo;

use super::{
    Client,
    database::{Database, Once, Template},
};

/// The sign-in of the administrator that every database has.
pub(crate) const ADMIN_EMAIL: &str = "admin@example.com";
/// Its password.
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery staple";

/// A server with a database that no other test sees.
#[derive(Debug)]
pub(crate) struct TestApp {
    // Before the database, so that the server is gone when the database is dropped.
    server: Option<Server>,
    anonymous: Client,
    admin: Client,
    clock: Arc<TestClock>,
    database: Database,
}

/// The time of the machine and what a test has added to it.
#[derive(Debug, Default)]
struct TestClock {
    seconds_ahead: AtomicI64,
    /// Where it stands still.
    still: Option<OffsetDateTime>,
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        let now = self.still.unwrap_or_else(OffsetDateTime::now_utc);
        now + Duration::seconds(self.seconds_ahead.load(Ordering::SeqCst))
    }
}

/// What a test may want to be different.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// `Server-Timing` with the number of statements.
    pub(crate) server_timing: bool,
    /// Whether the clock stands still where it is not moved.
    pub(crate) still: bool,
    /// How much callers may ask for; not counted when absent.
    pub(crate) rates: Option<&'static str>,
    /// How many requests run at once, of all and of one caller; the defaults when absent.
    pub(crate) at_once: Option<(usize, u32)>,
    /// The seconds that a client has to send the head of a request; the default when absent.
    pub(crate) header_timeout: Option<u32>,
    /// The origins from which browsers may call.
    pub(crate) origins: Vec<&'static str>,
    /// The proxies whose `X-Forwarded-For` counts.
    pub(crate) trusted_proxies: Vec<&'static str>,
    /// The address of a server for mail.
    pub(crate) smtp_url: Option<String>,
    /// The providers by which people can sign in.
    pub(crate) providers: Vec<OidcProvider>,
    /// A file of SHA-1 hashes of passwords that nobody may choose.
    pub(crate) breached_passwords: Option<PathBuf>,
}

/// A database in which the administrator has signed in, and its token: valid in every copy, since the
/// signing key is copied as well.
#[derive(Debug, Clone)]
struct Prepared {
    template: Template,
    token: String,
    at: Instant,
}

/// How long the token of the template is used: half of its life.
const USED: std::time::Duration = std::time::Duration::from_mins(5);

static PREPARED: Once<Prepared> = Once::const_new();

impl TestApp {
    /// A fresh installation.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A fresh installation with other settings.
    pub(crate) async fn start_with(options: Options) -> Self {
        let prepared = PREPARED.get_or_init(prepare).await;
        let database = Database::copy(&prepared.template).await;
        Self::on(database, prepared, options).await
    }

    async fn on(database: Database, prepared: &Prepared, options: Options) -> Self {
        let clock = Arc::new(TestClock {
            still: options.still.then(OffsetDateTime::now_utc),
            ..TestClock::default()
        });
        let (server, anonymous) = serve(&database, options, &clock).await;
        let mut app = Self {
            server: Some(server),
            admin: anonymous.with_token(&prepared.token),
            anonymous,
            clock,
            database,
        };
        if prepared.at.elapsed() > USED {
            app.admin = app.admin_anew().await;
        }
        app
    }

    /// A fresh installation on SQLite, whatever the suite runs on.
    pub(crate) async fn start_on_sqlite() -> Self {
        let database = Database::sqlite();
        let clock = Arc::new(TestClock::default());
        let (server, anonymous, token) = install(&database, &clock).await;
        Self {
            server: Some(server),
            admin: anonymous.with_token(&token),
            anonymous,
            clock,
            database,
        }
    }

    /// Stops the server and gives the address of its database, for another process to serve it.
    pub(crate) async fn stop(&mut self) -> String {
        if let Some(server) = self.server.take() {
            server.shutdown().await.expect("the server stops");
        }
        self.database.url().to_owned()
    }

    /// The address of the database, for a command beside the server.
    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// Runs a statement on the database, behind the back of the server.
    pub(crate) async fn sql(&self, statement: &str) {
        self.database.execute(statement).await;
    }

    /// Whether the database refuses a statement, behind the back of the server.
    pub(crate) async fn refuses(&self, statement: &str) -> bool {
        self.database.refuses(statement).await
    }

    /// The number that a select gives, behind the back of the server.
    pub(crate) async fn number(&self, select: &str) -> i64 {
        self.database.number(select).await
    }

    /// The administrator.
    pub(crate) fn admin(&self) -> Client {
        self.admin.clone()
    }

    /// Nobody.
    pub(crate) fn anonymous(&self) -> Client {
        self.anonymous.clone()
    }

    /// Moves the clock of the server.
    pub(crate) fn advance(&self, by: Duration) {
        let seconds = by.whole_seconds();
        self.clock
            .seconds_ahead
            .fetch_add(seconds, Ordering::SeqCst);
    }

    /// The time of the server.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Two copies of the application as it is. Their clocks stand still, at the same instant.
    pub(crate) async fn fork(mut self, options: Options) -> [Self; 2] {
        self.stop().await;
        let now = self.clock.now();
        let template = self.database.into_template().await;
        let mut copies = Vec::with_capacity(2);
        for _ in 0..2 {
            let database = Database::copy(&template).await;
            let clock = Arc::new(TestClock {
                still: Some(now),
                ..TestClock::default()
            });
            let (server, anonymous) = serve(&database, options.clone(), &clock).await;
            copies.push(Self {
                server: Some(server),
                admin: anonymous.with_token(self.admin.token()),
                anonymous,
                clock,
                database,
            });
        }
        copies.try_into().expect("two copies")
    }

    /// A second server on the same database, as another node would be.
    pub(crate) async fn another_node(&self) -> Node {
        let options = Options::default();
        let (server, anonymous) = serve(&self.database, options, &self.clock).await;
        Node {
            admin: anonymous.with_token(self.admin.token()),
            _server: server,
        }
    }

    /// Stops the server and starts another one on the same database.
    pub(crate) async fn restart(&mut self) {
        let token = self.admin.token().to_owned();
        if let Some(server) = self.server.take() {
            server.shutdown().await.expect("the server stops");
        }
        let options = Options::default();
        let (server, anonymous) = serve(&self.database, options, &self.clock).await;
        self.server = Some(server);
        self.admin = anonymous.with_token(&token);
        self.anonymous = anonymous;
    }
}

/// A second server on the database of an application.
#[derive(Debug)]
pub(crate) struct Node {
    admin: Client,
    _server: Server,
}

impl Node {
    /// The administrator.
    pub(crate) fn admin(&self) -> Client {
        self.admin.clone()
    }
}

/// Settings for a server on this database.
fn config(database: &Database, options: &Options) -> Config {
    let proxies = options.trusted_proxies.iter();
    let default = Config::default();
    let (max_requests, max_requests_of_caller) = options
        .at_once
        .unwrap_or((default.max_requests, default.max_requests_of_caller));
    let origins = options.origins.iter();
    Config {
        database_url: Secret::new(database.url()),
        admin_email: Some(ADMIN_EMAIL.to_owned()),
        admin_password: Some(Secret::new(ADMIN_PASSWORD)),
        max_connections: 4,
        server_timing: options.server_timing,
        trusted_proxies: proxies.map(|it| it.parse().expect("a network")).collect(),
        rate_limits: options.rates.map(|it| it.parse().expect("rate limits")),
        max_requests,
        max_requests_of_caller,
        header_timeout: options.header_timeout.unwrap_or(default.header_timeout),
        cors_origins: origins.map(|it| it.parse().expect("an origin")).collect(),
        mail: mail(options),
        oidc_providers: options.providers.clone(),
        breached_passwords: options.breached_passwords.clone(),
        ..default
    }
}

fn mail(options: &Options) -> MailConfig {
    let page = |text| Some(LinkTemplate::parse(text).expect("a page"));
    let Some(url) = &options.smtp_url else {
        return MailConfig::default();
    };
    MailConfig {
        smtp: Some(Smtp {
            url: Secret::new(url),
            from: "Relata <relata@example.com>".to_owned(),
        }),
        reset_url: page("https://app.example.com/reset#token={token}"),
        invitation_url: page("https://app.example.com/welcome#token={token}"),
    }
}

async fn serve(database: &Database, options: Options, clock: &Arc<TestClock>) -> (Server, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let clock = Arc::clone(clock);
    let server = api::start(config(database, &options), listener, clock)
        .await
        .expect("the server starts");
    let base = format!("http://{}", server.address());
    (server, Client::anonymous(base))
}

/// Migrates an empty database, serves it and signs the administrator in.
async fn install(database: &Database, clock: &Arc<TestClock>) -> (Server, Client, String) {
    api::migrate(database.url())
        .await
        .expect("the migrations run");
    let (server, client) = serve(database, Options::default(), clock).await;
    let sign_in = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let signed_in = client.call("POST", "/v1/auth/login", &sign_in).await.ok();
    let token = signed_in["accessToken"].as_str().expect("a token");
    (server, client, token.to_owned())
}

async fn prepare() -> Prepared {
    let database = Database::empty().await;
    let clock = Arc::new(TestClock::default());
    let (server, _, token) = install(&database, &clock).await;
    server.shutdown().await.expect("the server stops");
    Prepared {
        template: database.into_template().await,
        token,
        at: Instant::now(),
    }
}
