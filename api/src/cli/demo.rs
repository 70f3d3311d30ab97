//! `relata demo` on the terminal: progress on the error stream, keys and passwords on the output.

use std::{io::IsTerminal as _, sync::Arc};

use schema::SystemClock;
use tokio::net::TcpListener;

use super::{print, run_until_stopped};
use crate::{
    Config, StartError,
    demo::{self, Issued, IssuedKey, IssuedUser, Outcome, Progress},
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
    print(&outcome_text(&outcome));
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

fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Loaded(issued) => issued_text(issued),
        Outcome::Present => {
            "Northwind is in the database already; its API keys and passwords were shown when it was loaded.\n  \
             For new ones, POST /v1/meta/keys and PATCH /v1/meta/users/{id}, or start with an empty database.\n"
                .to_owned()
        }
    }
}

fn issued_text(Issued { keys, people }: &Issued) -> String {
    let key_line = |key: &IssuedKey| {
        let IssuedKey {
            role,
            organization,
            secret,
        } = key;
        format!("  {role:<13}{organization:<28}{secret}\n")
    };
    let user_line = |user: &IssuedUser| {
        let IssuedUser {
            role,
            organization,
            email,
            password,
        } = user;
        let password = password.expose();
        format!("  {role:<13}{organization:<28}{email:<38}{password}\n")
    };
    let key_lines: String = keys.iter().map(key_line).collect();
    let user_lines: String = people.iter().map(user_line).collect();
    format!(
        "API keys of the demo (shown this once)\n{key_lines}\
         People of its partners, with their passwords (shown this once)\n{user_lines}"
    )
}
