//! `relata keys` on the terminal: the keys that access tokens are signed with.

use std::sync::Arc;

use clap::{Args, Subcommand};
use schema::SystemClock;

use super::{print, schema::caller};
use crate::{Config, StartError};

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make another key. It signs in ten minutes; what older ones have signed is good until it expires.
    Rotate(RotateArguments),
}

#[derive(Debug, Args)]
pub(super) struct RotateArguments {
    /// Forget the old keys at once, when somebody else may have them: every access token ends, and clients
    /// need their refresh tokens.
    #[arg(long)]
    now: bool,
}

/// Runs the command. Servers notice within a second.
pub(super) async fn run(command: KeysCommand, config: Config) -> Result<(), StartError> {
    let KeysCommand::Rotate(RotateArguments { now }) = command;
    crate::migrate(config.database_url.expose()).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    let caller = caller(&state);
    let rotated = state.engine.rotate_signing_key(&caller, now).await;
    rotated.map_err(StartError::Refused)?;
    print(if now {
        "A new key signs access tokens; all old ones are refused.\n"
    } else {
        "A new key signs access tokens in ten minutes.\n"
    });
    Ok(())
}
