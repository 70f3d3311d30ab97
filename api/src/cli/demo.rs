//! `relata demo` on the terminal: progress on the error stream, keys on the output.

use std::{io::IsTerminal as _, sync::Arc};

use schema::SystemClock;
use tokio::net::TcpListener;

use super::{print, run_until_stopped};
use crate::{
    Config, StartError,
    demo::{self, IssuedKey, Outcome, Progress},
};

/// The database of the demo where the environment names none.
pub(super) const DATABASE: &str = "sqlite://relata-demo.db";

/// Loads the demo where it is not loaded yet, and serves.
pub(super) async fn demo(config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let listener = TcpListener::bind(config.listen).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    let first_admin = crate::make_admin(&state).await?;
    let outcome = demo::load(&state.engine, &mut print_progress).await?;
    let server = crate::serve(state, listener)?;
    print(&keys_text(&outcome));
    run_until_stopped(server, first_admin).await
}

/// One line for each kind of thing; on a terminal it counts up in place.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
fn print_progress(progress: Progress) {
    let Progress { what, done, of } = progress;
    let whole = done == of;
    if std::io::stderr().is_terminal() {
        let end = if whole { "\n" } else { "" };
        eprint!("\r  {what:<20}{done:>6} of {of:>5}{end}");
    } else if whole {
        eprintln!("  {what:<20}{of:>6}");
    }
}

fn keys_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Loaded(keys) => {
            let line = |key: &IssuedKey| {
                let IssuedKey {
                    role,
                    organization,
                    secret,
                } = key;
                format!("  {role:<10}{organization:<28}{secret}\n")
            };
            let lines: String = keys.iter().map(line).collect();
            format!("API keys of the demo (shown this once)\n{lines}")
        }
        Outcome::Present => {
            "Northwind is in the database already; its API keys were shown when it was loaded.\n  \
             For new ones, POST /v1/meta/keys or start with an empty database.\n"
                .to_owned()
        }
    }
}
