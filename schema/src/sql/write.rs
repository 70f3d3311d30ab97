//! Writes as SQL.

use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, InsertStatement, LockType, PostgresQueryBuilder,
    SelectStatement, SqliteQueryBuilder, UpdateStatement,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::Condition,
    catalog::{Catalog, Column, Subject},
    error::Result,
    sql::{Reads, Sight, Statement, Why, condition::Writer, dialect::Dialect},
    value::{Storage, Value},
};

/// The alias of the row.
const ROW: &str = "t";

/// A row that a write looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) subject: Subject,
    pub(crate) table: &'a str,
    pub(crate) id: Uuid,
    pub(crate) state: RowState,
}

/// Whether a row must be live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowState {
    Live,
    Deleted,
}

/// How a select locks its row on PostgreSQL; on SQLite there is one writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// For a change of the row.
    Change,
    /// So that the row stays as it is until the transaction ends.
    Keep,
    /// Not at all.
    None,
}

/// Selects the version of a row, then the columns, then 1 or 0 for each flag. `visible` must hold.
pub(crate) fn inspect(
    catalog: &Catalog,
    dialect: Dialect,
    target: Target<'_>,
    visible: Sight<'_>,
    (columns, flags, lock): (&[&Column], &[&Condition], Lock),
) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let mut select = SelectStatement::new();
    select.column((ROW, "version"));
    for column in columns {
        select.column((ROW, column.name.clone()));
    }
    for flag in flags {
        let holds = writer.condition(target.subject, ROW, flag)?;
        let flag = CaseStatement::new()
            .case(holds, Expr::cust("1"))
            .finally(Expr::cust("0"));
        select.expr(flag);
    }
    select
        .from_as(target.table.to_owned(), ROW)
        .and_where(Expr::col((ROW, "id")).eq(target.id));
    let deleted = Expr::col((ROW, "deleted_at"));
    select.and_where(match target.state {
        RowState::Live => deleted.is_null(),
        RowState::Deleted => deleted.is_not_null(),
    });
    if let Some(visible) = visible.condition() {
        select.and_where(writer.condition(target.subject, ROW, visible)?);
    }
    let reads = match visible {
        Sight::Of(_) => Reads::Writer,
        Sight::Engine(why) => Reads::Engine(why),
    };
    if dialect.has_row_locks() {
        match lock {
            Lock::Change => select.lock_with_tables(LockType::NoKeyUpdate, [ROW]),
            Lock::Keep => select.lock_with_tables(LockType::Share, [ROW]),
            Lock::None => &mut select,
        };
    }
    Ok(dialect.render(&select, catalog.version(), reads))
}

/// A value for a column by its name.
#[derive(Debug)]
pub(crate) struct Assignment<'a> {
    pub(crate) column: &'a str,
    pub(crate) storage: Storage,
    pub(crate) value: Value,
}

impl<'a> Assignment<'a> {
    pub(crate) fn new(column: &'a str, storage: Storage, value: Value) -> Self {
        Self {
            column,
            storage,
            value,
        }
    }
}

/// Inserts a row.
pub(crate) fn insert(
    catalog: &Catalog,
    dialect: Dialect,
    table: &str,
    assignments: &[Assignment<'_>],
) -> Result<Statement> {
    let mut insert = InsertStatement::new();
    insert.into_table(table.to_owned()).columns(
        assignments
            .iter()
            .map(|assignment| assignment.column.to_owned()),
    );
    let values = assignments
        .iter()
        .map(|assignment| dialect.assign(&assignment.value, assignment.storage));
    insert
        .values(values)
        .map_err(|error| crate::error::Error::internal("writing SQL", error))?;
    let (text, values) = match dialect {
        Dialect::Sqlite => insert.build(SqliteQueryBuilder),
        Dialect::Postgres => insert.build(PostgresQueryBuilder),
    };
    Ok(Statement::write(text, values).versioned(catalog.version()))
}

/// Updates a row and raises its version.
pub(crate) fn update(
    catalog: &Catalog,
    dialect: Dialect,
    (table, id): (&str, Uuid),
    assignments: &[Assignment<'_>],
) -> Statement {
    let mut update = UpdateStatement::new();
    update.table(table.to_owned());
    update.value("version", Expr::col("version").add(Expr::cust("1")));
    for assignment in assignments {
        update.value(
            assignment.column.to_owned(),
            dialect.assign(&assignment.value, assignment.storage),
        );
    }
    update.and_where(Expr::col("id").eq(id));
    let (text, values) = match dialect {
        Dialect::Sqlite => update.build(SqliteQueryBuilder),
        Dialect::Postgres => update.build(PostgresQueryBuilder),
    };
    Statement::write(text, values).versioned(catalog.version())
}

/// An event: one committed change of one record or link.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) subject: Subject,
    pub(crate) record: Uuid,
    pub(crate) operation: &'a str,
    pub(crate) version: i64,
    pub(crate) actor: (&'a str, Option<Uuid>),
    pub(crate) transaction: Uuid,
    pub(crate) at: OffsetDateTime,
    pub(crate) changes: serde_json::Value,
}

/// Inserts an event.
pub(crate) fn event(catalog: &Catalog, dialect: Dialect, event: Event<'_>) -> Result<Statement> {
    events(catalog, dialect, vec![event])
}

/// Inserts several events at once.
pub(crate) fn events(
    catalog: &Catalog,
    dialect: Dialect,
    events: Vec<Event<'_>>,
) -> Result<Statement> {
    let mut insert = InsertStatement::new();
    insert.into_table("events").columns([
        "object_id",
        "record_id",
        "operation",
        "version",
        "actor_kind",
        "actor_id",
        "transaction_id",
        "at",
        "changes",
    ]);
    for event in events {
        let values: Vec<Expr> = vec![
            event.subject.uuid().into(),
            event.record.into(),
            event.operation.into(),
            event.version.into(),
            event.actor.0.into(),
            event.actor.1.into(),
            event.transaction.into(),
            event.at.into(),
            event.changes.to_string().into(),
        ];
        insert
            .values(values)
            .map_err(|error| crate::error::Error::internal("writing SQL", error))?;
    }
    let (text, values) = match dialect {
        Dialect::Sqlite => insert.build(SqliteQueryBuilder),
        Dialect::Postgres => insert.build(PostgresQueryBuilder),
    };
    Ok(Statement::write(text, values).versioned(catalog.version()))
}

/// Selects the versions of schema, access and rates and, on PostgreSQL, holds off a change of any of them
/// until the transaction ends.
pub(crate) fn versions(dialect: Dialect) -> Statement {
    let mut select = SelectStatement::new();
    select
        .columns(["version", "access_version", "currency_version"])
        .from("meta_head");
    if dialect.has_row_locks() {
        select.lock(LockType::Share);
    }
    let (text, values) = match dialect {
        Dialect::Sqlite => select.build(SqliteQueryBuilder),
        Dialect::Postgres => select.build(PostgresQueryBuilder),
    };
    Statement::read(text, values, Reads::Engine(Why::System))
}
