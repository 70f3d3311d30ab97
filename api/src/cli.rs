//! The command line: what the binary can do. The only place that prints.

mod access;
mod audit;
mod demo;
mod keys;
mod package;
mod schema;
mod verify;

use std::{net::SocketAddr, sync::Arc};

use ::schema::{SystemClock, access::Caller};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::{
    Config, FirstAdmin, Secret, Server, StartError, code, config::DEFAULT_DATABASE, openapi,
    telemetry,
};

/// Relata: a headless CRM. Settings come from the environment; README.md lists them.
#[derive(Debug, Parser)]
#[command(name = "relata", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Serve a database with the company Northwind in it; without `RELATA_DATABASE_URL` a file of its own.
    Demo,
    /// The schema as files: export it, show what files would change, apply them.
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Packages of types and records: install, upgrade, uninstall, list.
    #[command(subcommand)]
    Package(package::PackageCommand),
    /// The keys that access tokens are signed with: rotate.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Compare computed fields with what they should be.
    Verify(verify::VerifyArguments),
    /// The audit log: check it, export it.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Print the OpenAPI document of a fresh installation, as an administrator sees it.
    Openapi,
    /// Print the table of error codes as Markdown.
    Errors,
}

impl Arguments {
    /// The arguments of a command line without the name of the program.
    pub fn of(words: &[&str]) -> Result<Self, clap::Error> {
        Self::try_parse_from([&["relata"], words].concat())
    }

    /// The database of the command where the environment names none. The demo has a file of its own, so
    /// that it never mixes with what somebody has entered.
    pub fn default_database(&self) -> &'static str {
        match self.command {
            Some(Command::Demo) => demo::DATABASE,
            Some(
                Command::Serve
                | Command::Schema(_)
                | Command::Package(_)
                | Command::Keys(_)
                | Command::Verify(_)
                | Command::Audit(_)
                | Command::Openapi
                | Command::Errors,
            )
            | None => DEFAULT_DATABASE,
        }
    }
}

/// Runs the command of this process.
pub async fn run(arguments: Arguments, config: Config) -> Result<(), StartError> {
    telemetry::start(&config)?;
    execute(arguments, config).await
}

/// Runs a command in a process that logs already.
pub async fn execute(arguments: Arguments, config: Config) -> Result<(), StartError> {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
        // Loading is the largest of all that is waited for here: not on the stack of every command.
        Command::Demo => Box::pin(demo::demo(config)).await,
        Command::Schema(command) => schema::run(command, config).await,
        Command::Package(command) => package::run(command, config).await,
        Command::Keys(command) => keys::run(command, config).await,
        Command::Verify(arguments) => verify::run(arguments, config).await,
        Command::Audit(command) => audit::run(command, config).await,
        Command::Openapi => print_openapi(config).await,
        Command::Errors => {
            print(&code::markdown());
            Ok(())
        }
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let listener = TcpListener::bind(config.listen).await?;
    let mut server = crate::start(config, listener, Arc::new(SystemClock)).await?;
    let first_admin = server.take_first_admin();
    run_until_stopped(server, first_admin).await
}

/// Says where the server is and how to sign in, and lets it run until a signal comes.
async fn run_until_stopped(
    server: Server,
    first_admin: Option<FirstAdmin>,
) -> Result<(), StartError> {
    print_start(server.address(), first_admin);
    wait_for_signal().await?;
    tracing::info!("stopping");
    server.shutdown().await
}

fn print_start(address: SocketAddr, first_admin: Option<FirstAdmin>) {
    print(&format!(
        "Relata listens on   http://{address}\n  \
           API reference     http://{address}/docs/\n  \
           GraphiQL          http://{address}/graphiql/\n"
    ));
    let Some(FirstAdmin {
        email,
        generated_password,
    }) = first_admin
    else {
        return;
    };
    match generated_password {
        Some(password) => print(&format!(
            "  Sign-in           {email} with the password {}\n\
             \x20                   (shown this once; change it by POST /v1/auth/password/change)\n",
            password.expose()
        )),
        None => print(&format!(
            "  Sign-in           {email} with RELATA_ADMIN_PASSWORD\n"
        )),
    }
}

#[expect(clippy::print_stdout, reason = "the command line speaks to a person")]
fn print(text: &str) {
    print!("{text}");
}

/// The contract comes from a database of its own, which is thrown away.
async fn print_openapi(config: Config) -> Result<(), StartError> {
    let clock = Arc::new(SystemClock);
    let file = std::env::temp_dir().join(format!("relata-{}.db", uuid::Uuid::now_v7()));
    let url = format!("sqlite://{}", file.display());
    let text = async {
        crate::migrate(&url).await?;
        let database_url = Secret::new(&url);
        let config = Config {
            database_url,
            ..config
        };
        let state = crate::open(config, clock).await?;
        let caller = Caller::system("printing the contract", state.clock.now());
        let text = openapi::render(&state.engine.surface(&caller), openapi::Reader::Person);
        text.map_err(|error| StartError::Serve(error.into()))
    }
    .await;
    for ending in ["", "-wal", "-shm"] {
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    print(&String::from_utf8_lossy(&text?));
    Ok(())
}

/// Waits for SIGINT or SIGTERM.
async fn wait_for_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
