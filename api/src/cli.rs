//! The command line: what the binary can do. The only place that prints.

use std::sync::Arc;

use clap::{Parser, Subcommand};
use schema::SystemClock;
use tokio::net::TcpListener;

use crate::{Config, Server, StartError, telemetry};

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
}

/// Runs the command of this process.
pub async fn run(arguments: Arguments, config: Config) -> Result<(), StartError> {
    telemetry::start(&config)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let listener = TcpListener::bind(config.listen).await?;
    let server = crate::start(config, listener, Arc::new(SystemClock)).await?;
    print_address(&server);
    wait_for_signal().await?;
    tracing::info!("stopping");
    server.shutdown().await
}

#[expect(clippy::print_stdout, reason = "the command line speaks to a person")]
fn print_address(server: &Server) {
    let address = server.address();
    println!("Relata listens on   http://{address}");
    println!("  API reference     http://{address}/docs/");
    println!("  GraphiQL          http://{address}/graphiql/");
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
