//! The binary `relata`: reads arguments and configuration and runs the command.

use std::{error::Error, process::ExitCode};

use api::{Config, cli};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let result = match Config::from_env(arguments.default_database()) {
        Ok(config) => Box::pin(cli::run(arguments, config)).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log may not be set up yet")]
fn report(error: &dyn Error) {
    eprintln!("relata: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because {cause}");
        source = cause.source();
    }
}
