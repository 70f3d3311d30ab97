//! `relata audit` on the terminal: whether the audit log is as it was written, and the log as lines of JSON.

use std::{
    io::{BufWriter, Write as _},
    sync::Arc,
};

use clap::{Args, Subcommand};
use schema::{SystemClock, identity::AuditReport};

use super::{print, schema::caller};
use crate::{Config, StartError};

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no entry was changed, taken out or moved, and print the hash of the last one.
    Verify(VerifyArguments),
    /// Write all entries as lines of JSON, oldest first.
    Export,
}

/// What to look for.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// A hash that an earlier run printed and that was kept elsewhere. The log must still have it; without
    /// one, an end that was cut off together with the stored place of it is not seen.
    #[arg(long)]
    head: Option<String>,
}

/// Runs the command. A log that is not as it was written is an error.
pub(super) async fn run(command: AuditCommand, config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    let caller = caller(&state);
    match command {
        AuditCommand::Verify(VerifyArguments { head }) => {
            let report = state.engine.verify_audit(&caller, head.as_deref()).await;
            let report = report.map_err(StartError::Refused)?;
            judge(&report)?;
            print(&format!(
                "{} entries, unbroken; the hash of the last one is\n{}\n",
                report.entries, report.head
            ));
            Ok(())
        }
        AuditCommand::Export => {
            let mut out = BufWriter::new(std::io::stdout());
            let mut written = Ok(());
            let exported = state.engine.export_audit(&caller, |entry| {
                let line = serde_json::to_string(&entry).unwrap_or_default();
                written = writeln!(out, "{line}");
                written.is_ok()
            });
            exported.await.map_err(StartError::Refused)?;
            written?;
            Ok(out.flush()?)
        }
    }
}

fn judge(report: &AuditReport) -> Result<(), StartError> {
    if let Some(broken) = &report.broken {
        let text = format!(
            "entry {} does not fit: {} ({} entries before it do)",
            broken.sequence, broken.what, report.entries
        );
        return Err(StartError::Audit(text));
    }
    if report.noted_is_there == Some(false) {
        let text = format!(
            "no entry has the hash of --head: the end was cut off, or the log was written anew; what there is, \
             {} entries, fits together",
            report.entries
        );
        return Err(StartError::Audit(text));
    }
    Ok(())
}
