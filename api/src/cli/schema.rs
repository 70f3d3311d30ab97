//! `relata schema` on the terminal: the schema of a database as files with its roles and rules, the
//! difference between the two, and the change that takes it away.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use schema::{
    SystemClock,
    access::Caller,
    change::{ChangeReport, Changeset, Operation, OperationImpact},
};
use serde_json::Value as Json;

use super::{access, print};
use crate::{Config, StartError, schema_files, state::AppState};

/// What to do with the schema.
#[derive(Debug, Subcommand)]
pub(super) enum SchemaCommand {
    /// Write what admins have defined as YAML, one file for each type and each role.
    Export {
        /// The folder; it is made where it is missing.
        folder: PathBuf,
    },
    /// Show what would have to change for the database to be what the files say, and what it costs.
    Plan(Files),
    /// Change the database to what the files say: the types in one changeset, then the roles.
    Apply(Files),
}

/// Files and what they decide.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// The folder with the files.
    folder: PathBuf,
    /// Delete what the files do not have. Records stay in the database, hidden; roles go with their rules.
    #[arg(long)]
    prune: bool,
}

/// Runs the command.
pub(super) async fn run(command: SchemaCommand, config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    match command {
        SchemaCommand::Export { folder } => export(&state, &folder),
        SchemaCommand::Plan(files) => make(&state, &files, true).await,
        SchemaCommand::Apply(files) => make(&state, &files, false).await,
    }
}

fn export(state: &AppState, folder: &Path) -> Result<(), StartError> {
    let (engine, caller) = (&state.engine, caller(state));
    let document = engine.export_schema(&caller).map_err(StartError::Refused)?;
    let access = engine.export_access(&caller).map_err(StartError::Refused)?;
    let types = schema_files::write(folder, &document)?;
    let roles = schema_files::write_access(folder, &access)?;
    print(&format!(
        "{} files in {}\n",
        types + roles,
        folder.display()
    ));
    Ok(())
}

/// Makes schema and access what the files say, or tells what that would do. What is wrong with the roles is
/// found before the schema changes.
async fn make(state: &AppState, files: &Files, dry_run: bool) -> Result<(), StartError> {
    let document = schema_files::read(&files.folder)?;
    let new = access::wanted(schema_files::read_access(&files.folder)?, files.prune);
    let (engine, caller) = (&state.engine, caller(state));
    let planned = engine.plan_schema(&caller, &document, files.prune).await;
    let changeset = planned.map_err(StartError::Refused)?;
    let preview = access::preview(state, new.as_ref(), changeset.as_ref()).await?;
    if changeset.is_none() && preview.is_none() {
        print(&nothing());
    }
    if let Some(changeset) = changeset {
        let (report, by) = change(state, changeset, dry_run).await?;
        print(&told(&report, &by));
    }
    let Some((preview, new)) = preview.zip(new) else {
        return Ok(());
    };
    print(&access::told(&preview));
    let version = if dry_run {
        preview.version + 1
    } else {
        access::apply(state, new, preview.version).await?
    };
    let verb = if dry_run { "would make" } else { "made" };
    print(&format!("This {verb} access version {version}.\n"));
    Ok(())
}

/// Who changes the schema from a terminal.
pub(super) fn caller(state: &AppState) -> Caller {
    Caller::system("command line", state.clock.now())
}

/// Makes the change, or tells what it would do.
async fn change(
    state: &AppState,
    changeset: Changeset,
    dry_run: bool,
) -> Result<(ChangeReport, Vec<Operation>), StartError> {
    let changeset = Changeset {
        dry_run,
        ..changeset
    };
    let changed = state.engine.apply(&caller(state), &changeset).await;
    let report = changed.map_err(StartError::Refused)?;
    Ok((report, changeset.operations))
}

/// What an operation changes of something that is there, a line for each member.
fn tell_changes(text: &mut String, operation: &Operation) {
    use std::fmt::Write as _;
    let Ok(Json::Object(members)) = serde_json::to_value(operation) else {
        return;
    };
    let is_update = members["op"]
        .as_str()
        .is_some_and(|op| op.starts_with("update"));
    let names = ["op", "object", "field", "relation", "optionList"];
    let changed = members
        .iter()
        .filter(|(name, value)| is_update && !value.is_null() && !names.contains(&name.as_str()));
    for (name, value) in changed {
        let _ = writeln!(text, "      {name}: {value}");
    }
}

fn nothing() -> String {
    "Files and database say the same.\n".to_owned()
}

/// The records that do not fit, as people read it.
fn tell_records(text: &mut String, operation: &OperationImpact) {
    use std::fmt::Write as _;
    if operation.rows_failing > 0 {
        let _ = writeln!(
            text,
            "      rows that do not fit: {}",
            operation.rows_failing
        );
    }
    for sample in &operation.samples {
        let _ = writeln!(text, "        {sample}");
    }
    for duplicate in &operation.duplicates {
        let [first, second] = &duplicate.records;
        let values = duplicate.values.iter().flatten();
        let values: Vec<String> = values.map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "        {first} and {second} share {}",
            values.join(", ")
        );
    }
    if let Some(violations) = operation.violations.as_ref().filter(|it| it.rows > 0) {
        let rows = violations.rows;
        let _ = writeln!(text, "      rows that stay and do not keep it: {rows}");
        for sample in &violations.samples {
            let _ = writeln!(text, "        {sample}");
        }
    }
}

/// A report as people read it.
pub(super) fn told(report: &ChangeReport, by: &[Operation]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (at, operation) in report.operations.iter().enumerate() {
        let _ = writeln!(text, "  {}", operation.summary);
        if let Some(by) = by.get(at) {
            tell_changes(&mut text, by);
        }
        if operation.rows_affected > 0 {
            let _ = writeln!(text, "      rows that change: {}", operation.rows_affected);
        }
        tell_records(&mut text, operation);
        for lock in &operation.locks {
            let _ = writeln!(text, "      lock: {lock}");
        }
        if let Some(time) = &operation.expected_time {
            let (milliseconds, basis) = (time.milliseconds, &time.basis);
            let _ = writeln!(text, "      expected time: {milliseconds} ms ({basis})");
        }
        for job in &operation.jobs {
            let _ = writeln!(text, "      afterwards: a job, {}", job.kind);
        }
        if let Some(reverse) = &operation.reverse {
            for operation in &reverse.operations {
                let _ = writeln!(text, "      back: {operation}");
            }
            if let Some(note) = &reverse.note {
                let _ = writeln!(text, "      back: {note}");
            }
        }
        for dependant in &operation.dependants {
            let (kind, name, effect) = (dependant.kind, &dependant.name, dependant.effect);
            let _ = writeln!(text, "      {kind} {name:?} {effect}");
        }
    }
    for fault in &report.faults {
        let _ = writeln!(text, "  refused: {}: {}", fault.place.text(), fault.message);
    }
    for lock in &report.locks {
        let _ = writeln!(text, "  locked for all of it: {lock}");
    }
    let verb = if report.dry_run { "would make" } else { "made" };
    let count = report.operations.len();
    let noun = if count == 1 {
        "operation"
    } else {
        "operations"
    };
    let _ = writeln!(
        text,
        "{count} {noun} {verb} schema version {}.",
        report.version
    );
    text
}
