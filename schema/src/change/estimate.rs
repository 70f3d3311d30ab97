//! How long a step may take: a rough figure for each sort of work on a row, of the order that small
//! machines need. It is for people who choose an hour, not measured on theirs, and no promise.

use super::{
    impact::ExpectedTime,
    plan::{Replacement, Step, Task},
};
use crate::value::Value;

/// What every step takes, in microseconds.
const STEP: u64 = 1_000;

/// What is known of the size of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TableSize {
    /// It is made by the changeset.
    New,
    /// Counted by the database some time ago.
    Statistics(u64),
    /// Counted now.
    Counted(u64),
    /// There are more than that many rows.
    MoreThan(u64),
}

impl TableSize {
    fn rows(&self) -> u64 {
        match self {
            Self::New => 0,
            Self::Statistics(rows) | Self::Counted(rows) | Self::MoreThan(rows) => *rows,
        }
    }

    fn told(&self, table: &str) -> String {
        match self {
            Self::New => format!("{table} is new"),
            Self::Statistics(rows) => format!("about {rows} rows in {table} by its statistics"),
            Self::Counted(rows) => format!("{rows} rows in {table}"),
            Self::MoreThan(rows) => format!("more than {rows} rows in {table}"),
        }
    }
}

/// The tables that the steps of a changeset work on, but for those that it makes.
pub(crate) fn tables_of(tasks: &[Task]) -> Vec<String> {
    let made: Vec<&str> = tasks.iter().filter_map(|task| made(&task.step)).collect();
    let mut tables = Vec::new();
    for (table, _) in tasks.iter().filter_map(|task| work(&task.step)) {
        if !made.contains(&table) && !tables.iter().any(|known| known == table) {
            tables.push(table.to_owned());
        }
    }
    tables
}

/// How long the steps of one operation may take. `writes_default`: whether the database writes the rows to
/// which a new column gives this value.
pub(crate) fn expected_time(
    tasks: &[Task],
    (operation, writes_default): (usize, &dyn Fn(&Value) -> bool),
    size_of: impl Fn(&str) -> TableSize,
) -> ExpectedTime {
    let mut microseconds = STEP;
    let mut basis: Vec<String> = Vec::new();
    for task in tasks.iter().filter(|task| task.operation == operation) {
        microseconds = microseconds.saturating_add(STEP);
        let Some((table, per_row)) = work(&task.step) else {
            continue;
        };
        let is_remembered =
            matches!(&task.step, Step::AddColumn { value, .. } if !writes_default(value));
        let per_row = if is_remembered { 0 } else { per_row };
        let size = size_of(table);
        let nanoseconds = size.rows().saturating_mul(per_row);
        microseconds = microseconds.saturating_add(nanoseconds / 1_000);
        let told = size.told(table);
        if per_row > 0 && !basis.contains(&told) {
            basis.push(told);
        }
    }
    if basis.is_empty() {
        basis.push("no row is looked at".to_owned());
    }
    ExpectedTime {
        milliseconds: microseconds.div_ceil(1_000),
        basis: basis.join(", "),
    }
}

fn made(step: &Step) -> Option<&str> {
    if let Step::CreateTable { table, .. } = step {
        return Some(table);
    }
    None
}

/// The table that a step works on, and what a row of it takes, in nanoseconds.
fn work(step: &Step) -> Option<(&str, u64)> {
    let (table, per_row) = match step {
        Step::CreateTable { .. } => return None,
        Step::AddColumn { table, value, .. } if *value != Value::Null => (table, 3_000),
        Step::AddColumn { table, .. }
        | Step::DropUniqueIndex { table, .. }
        | Step::DropUniqueKey { table, .. } => (table, 0),
        Step::AddUniqueIndex { table, .. }
        | Step::AddUniqueKey { table, .. }
        | Step::AddReferenceIndex { table, .. } => (table, 3_000),
        Step::BackFill { table, .. } | Step::MakeOrdered { table, .. } => (table, 20_000),
        Step::Number(numbering) => (&numbering.table, 50_000),
        Step::ReplaceOption(Replacement { table, .. }) => (table, 100_000),
        Step::Ask(question) => (&question.table, 500),
    };
    Some((table, per_row))
}
