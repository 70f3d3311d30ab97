//! `relata verify` on the terminal: computed fields compared with what they should be, and put right.

use std::{sync::Arc, time::Duration};

use clap::Args;
use schema::{JobDescription, SystemClock, Verification};
use serde_json::Value as Json;

use super::{print, schema::caller};
use crate::{Config, StartError, state::AppState};

/// How often it looks for the end of a job that a server does.
const EVERY: Duration = Duration::from_millis(200);

/// What to compare.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// Only this object type.
    #[arg(long, conflicts_with = "relation")]
    object: Option<String>,
    /// Only this relation type.
    #[arg(long)]
    relation: Option<String>,
    /// Only this field of the type.
    #[arg(long)]
    field: Option<String>,
    /// Write the right values where others are stored.
    #[arg(long)]
    repair: bool,
}

/// Runs the command. What is not right and stays so is an error.
pub(super) async fn run(arguments: VerifyArguments, config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    let caller = caller(&state);
    let types = match (&arguments.object, &arguments.relation) {
        (Some(object), _) => vec![(object.clone(), false)],
        (None, Some(relation)) => vec![(relation.clone(), true)],
        (None, None) => {
            let types = state.engine.computed_types(&caller);
            types.map_err(StartError::Refused)?
        }
    };
    let mut left = 0;
    for (owner, of_relation) in types {
        let wanted = Verification {
            owner: &owner,
            of_relation,
            field: arguments.field.as_deref(),
            repair: arguments.repair,
        };
        let job = state.engine.verify(&caller, wanted).await;
        let job = ended(&state, job.map_err(StartError::Refused)?).await?;
        print(&told(&owner, &job));
        let count = |key: &str| number(job.report.as_ref(), key);
        left += count("drifted") - count("repaired");
        if let Some(error) = job.error {
            return Err(StartError::Refused(schema::Error::Conflict(error)));
        }
    }
    if left > 0 {
        return Err(StartError::Drift(left));
    }
    Ok(())
}

/// Waits for the end of a job; does it here when no server does.
async fn ended(state: &AppState, job: JobDescription) -> Result<JobDescription, StartError> {
    let mut job = job;
    while job.finished_at.is_none() {
        state.engine.run_due_jobs().await?;
        job = state.engine.load_job(&caller(state), job.id).await?;
        if job.finished_at.is_none() {
            tokio::time::sleep(EVERY).await;
        }
    }
    Ok(job)
}

fn number(report: Option<&Json>, key: &str) -> u64 {
    report
        .and_then(|report| report[key].as_u64())
        .unwrap_or_default()
}

/// A report as people read it.
fn told(owner: &str, job: &JobDescription) -> String {
    use std::fmt::Write as _;
    let report = job.report.as_ref();
    let count = |key: &str| number(report, key);
    let mut text = format!(
        "{owner}: {} records, {} not right, {} put right\n",
        count("rows"),
        count("drifted"),
        count("repaired")
    );
    let samples = report.and_then(|report| report["samples"].as_array());
    for sample in samples.into_iter().flatten() {
        let name = |key: &str| sample[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(
            text,
            "  {} {}: stored {}, right {}",
            name("record"),
            name("field"),
            sample["stored"],
            sample["right"]
        );
    }
    text
}
