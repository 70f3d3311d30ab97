//! Rows: running a statement, and reading the cells of what comes back.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqlErr,
    sqlx::{self, Row as _, ValueRef as _},
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    catalog::Field,
    error::{Error, Result},
    sql::{
        Statement,
        ddl::{unique_index_names, unique_key_name},
        dialect::Dialect,
    },
    store::cell,
    value::{Storage, Value},
};

/// Where a statement runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Connection<'a> {
    /// On any connection of a pool.
    Pool(&'a DatabaseConnection),
    /// In a transaction.
    Transaction(&'a DatabaseTransaction),
}

impl Connection<'_> {
    /// Runs a select.
    pub(crate) async fn fetch(&self, statement: Statement) -> Result<Vec<Row>> {
        if !statement.is_cleared() {
            return Err(Error::internal(
                "running a statement",
                "a statement of a caller runs past Statement::in_sight_of",
            ));
        }
        let rows = match self {
            Self::Pool(pool) => {
                pool.query_all_raw(raw(pool.get_database_backend(), statement))
                    .await
            }
            Self::Transaction(tx) => {
                tx.query_all_raw(raw(tx.get_database_backend(), statement))
                    .await
            }
        };
        Ok(rows
            .map_err(|error| failed(error, "reading rows"))?
            .into_iter()
            .map(Row)
            .collect())
    }

    /// Runs a statement without values that comes only once, so that it is not prepared.
    pub(crate) async fn run_once(&self, statement: Statement) -> Result<()> {
        let done = match self {
            Self::Pool(pool) => pool.execute_unprepared(&statement.text).await,
            Self::Transaction(tx) => tx.execute_unprepared(&statement.text).await,
        };
        done.map(|_| ())
            .map_err(|error| failed(error, "changing the schema"))
    }

    /// Runs a statement that answers no rows.
    pub(crate) async fn execute(&self, statement: Statement) -> Result<u64, WriteFailure> {
        let done = match self {
            Self::Pool(pool) => {
                pool.execute_raw(raw(pool.get_database_backend(), statement))
                    .await
            }
            Self::Transaction(tx) => {
                tx.execute_raw(raw(tx.get_database_backend(), statement))
                    .await
            }
        };
        done.map(|done: ExecResult| done.rows_affected())
            .map_err(|error| match Taken::of(&error) {
                Some(taken) => WriteFailure::Unique(taken),
                None => WriteFailure::Other(failed(error, "writing rows")),
            })
    }
}

/// Why a row could not be written.
#[derive(Debug)]
pub(crate) enum WriteFailure {
    /// Another row has the value of a unique field.
    Unique(Taken),
    /// Anything else.
    Other(Error),
}

/// What the database says of a value that another row has. It is for us alone.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The index that refused it.
    Index {
        /// The table of the index.
        table: String,
        /// Its name.
        name: String,
    },
    /// The columns that refused it.
    Columns {
        /// Their table.
        table: String,
        /// Their names.
        names: Vec<String>,
    },
}

impl Taken {
    fn of(error: &DbErr) -> Option<Self> {
        let SqlErr::UniqueConstraintViolation(text) = error.sql_err()? else {
            return None;
        };
        let violated = database_error(error)?;
        Some(match (violated.table(), violated.constraint()) {
            (Some(table), Some(name)) => Self::Index {
                table: table.to_owned(),
                name: name.to_owned(),
            },
            _ => Self::columns(&text),
        })
    }

    /// From "UNIQUE constraint failed: products.sku, products.x": SQLite names columns in its message
    /// only.
    pub(super) fn columns(text: &str) -> Self {
        let named = text.rsplit(": ").next().unwrap_or_default().split(", ");
        let mut table = String::new();
        let names = named.map(|name| match name.rsplit_once('.') {
            Some((of, column)) => {
                of.clone_into(&mut table);
                column.to_owned()
            }
            None => name.to_owned(),
        });
        let names = names.collect();
        Self::Columns { table, names }
    }

    /// The table of the row.
    pub(crate) fn table(&self) -> &str {
        match self {
            Self::Index { table, .. } | Self::Columns { table, .. } => table,
        }
    }

    /// Whether it is about the unique key over these columns of its table.
    pub(crate) fn is_about_key(&self, columns: &[String]) -> bool {
        match self {
            Self::Index { table, name } => unique_key_name(table, columns) == *name,
            Self::Columns { names, .. } => names.as_slice() == columns,
        }
    }

    /// Whether it is about this column.
    pub(crate) fn is_about(&self, column: &str) -> bool {
        match self {
            Self::Index { table, name } => unique_index_names(table, column).contains(name),
            Self::Columns { names, .. } => names.iter().any(|named| named == column),
        }
    }
}

/// What the database itself said.
fn database_error(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()
}

fn raw(backend: DbBackend, statement: Statement) -> sea_orm::Statement {
    sea_orm::Statement::from_sql_and_values(backend, statement.text, statement.values)
}

/// What a caller is told whose write would leave a reference to nothing. Those that it sends itself are
/// checked one by one; this is about presets, and about records that go at the same instant.
const POINTS_AT_NOTHING: &str = "the write points at a record that does not exist, by a value of its own or by a preset of a rule";

/// A database error as an error of the engine. What a caller can mend by trying again is
/// [`Error::Busy`]: a lock, a database that is away for a moment. What we can mend by doing the same
/// again is [`Error::Aborted`]: a deadlock.
pub(crate) fn failed(error: DbErr, context: &'static str) -> Error {
    if let Some(SqlErr::ForeignKeyConstraintViolation(_)) = error.sql_err() {
        tracing::debug!(error = %error, "a record that is pointed at is missing while {context}");
        return Error::Conflict(POINTS_AT_NOTHING.to_owned());
    }
    match trouble_of(&error) {
        Trouble::Aborted => {
            tracing::debug!(error = %error, "the database gave a transaction up while {context}");
            Error::Aborted
        }
        Trouble::Passing => {
            tracing::warn!(error = %error, "the database is busy while {context}");
            Error::Busy
        }
        Trouble::Lasting => Error::internal(context, error),
    }
}

/// What a failure of the database means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The transaction was ended, all of it, and can be begun anew.
    Aborted,
    /// It goes by.
    Passing,
    /// It stays until somebody mends something.
    Lasting,
}

fn trouble_of(error: &DbErr) -> Trouble {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return Trouble::Passing;
    }
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return Trouble::Lasting;
    };
    if matches!(
        &**error,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed
    ) {
        return Trouble::Passing;
    }
    let Some(said) = error.as_database_error() else {
        return Trouble::Lasting;
    };
    let code = said.code().unwrap_or_default();
    let of_sqlite = said.try_downcast_ref::<sqlx::sqlite::SqliteError>();
    if of_sqlite.is_some() {
        trouble_on_sqlite(&code)
    } else {
        trouble_on_postgres(&code)
    }
}

/// By the SQLSTATE. The texts of PostgreSQL come in the language of the server.
pub(super) fn trouble_on_postgres(code: &str) -> Trouble {
    match code {
        // A failed serialization, a deadlock.
        "40001" | "40P01" => Trouble::Aborted,
        // A lock not had in time, a server that stops or starts, too many connections.
        "55P03" | "57P01" | "57P02" | "57P03" | "53300" => Trouble::Passing,
        // A connection that broke.
        _ if code.starts_with("08") => Trouble::Passing,
        _ => Trouble::Lasting,
    }
}

/// By the result code, whose lowest byte says what it is and the rest where it came from.
pub(super) fn trouble_on_sqlite(code: &str) -> Trouble {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    match code.parse::<i32>().map(|code| code & 0xff) {
        Ok(BUSY | LOCKED) => Trouble::Passing,
        Ok(_) | Err(_) => Trouble::Lasting,
    }
}

/// One row of an answer.
#[derive(Debug)]
pub(crate) struct Row(QueryResult);

impl Row {
    /// Writes a cell as JSON.
    pub(crate) fn write(&self, at: usize, storage: Storage, out: &mut Vec<u8>) -> Result<()> {
        if let Some(row) = self.0.try_as_pg_row() {
            let value = row.try_get_raw(at).map_err(unreadable)?;
            if value.is_null() {
                out.extend_from_slice(b"null");
                return Ok(());
            }
            return cell::write_postgres(value.as_bytes().map_err(unreadable)?, storage, out);
        }
        let row = self
            .0
            .try_as_sqlite_row()
            .ok_or_else(|| unreadable("a row of no database"))?;
        let value = row.try_get_raw(at).map_err(unreadable)?;
        if value.is_null() {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        cell::write_sqlite(value, storage, out)
    }

    /// The whole value of a field as JSON; its columns begin at `at`.
    pub(crate) fn field(&self, field: &Field, at: usize) -> Result<Json> {
        let mut parts = Map::new();
        for (offset, column) in field.columns.iter().enumerate() {
            let json = self.json(at + offset, column.part.storage)?;
            let Some(key) = column.part.key else {
                if field.is_composite() {
                    continue;
                }
                return Ok(json);
            };
            if offset == 0 && json.is_null() {
                return Ok(Json::Null);
            }
            parts.insert(key.to_owned(), json);
        }
        Ok(Json::Object(parts))
    }

    /// A cell as JSON.
    pub(crate) fn json(&self, at: usize, storage: Storage) -> Result<Json> {
        let mut text = Vec::new();
        self.write(at, storage, &mut text)?;
        serde_json::from_slice(&text).map_err(|error| Error::internal("reading a value", error))
    }

    /// A cell as a value.
    pub(crate) fn value(&self, at: usize, storage: Storage) -> Result<Value> {
        Value::from_json(&self.json(at, storage)?, storage)
            .ok_or_else(|| Error::internal("reading a value", "a cell of another form"))
    }

    /// The sum of a column with this many digits after the point, in units of its last digit; nothing
    /// when nothing was added up. Gives also how many cells it took.
    pub(crate) fn sum(&self, at: usize, scale: u8) -> Result<(Option<i128>, usize)> {
        if let Some(row) = self.0.try_as_pg_row() {
            let value = row.try_get_raw(at).map_err(unreadable)?;
            if value.is_null() {
                return Ok((None, 1));
            }
            let bytes = value.as_bytes().map_err(unreadable)?;
            return Ok((Some(cell::numeric(bytes, scale)?), 1));
        }
        let halves = (self.integer(at)?, self.integer(at + 1)?);
        let sum = match halves {
            (Some(high), Some(low)) => Some(Dialect::whole_sum(high, low)),
            (Some(_), None) | (None, _) => None,
        };
        Ok((sum, 2))
    }

    /// Whether a cell has no value.
    pub(crate) fn is_null(&self, at: usize) -> Result<bool> {
        if let Some(row) = self.0.try_as_pg_row() {
            return Ok(row.try_get_raw(at).map_err(unreadable)?.is_null());
        }
        let row = self
            .0
            .try_as_sqlite_row()
            .ok_or_else(|| unreadable("a row of no database"))?;
        Ok(row.try_get_raw(at).map_err(unreadable)?.is_null())
    }

    /// A cell that holds a UUID.
    pub(crate) fn uuid(&self, at: usize) -> Result<Option<Uuid>> {
        self.get(at)
    }

    /// A cell that holds an integer.
    pub(crate) fn integer(&self, at: usize) -> Result<Option<i64>> {
        self.get(at)
    }

    fn get<T>(&self, at: usize) -> Result<Option<T>>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        if let Some(row) = self.0.try_as_pg_row() {
            return row.try_get_unchecked(at).map_err(unreadable);
        }
        let row = self
            .0
            .try_as_sqlite_row()
            .ok_or_else(|| unreadable("a row of no database"))?;
        row.try_get_unchecked(at).map_err(unreadable)
    }
}

pub(super) fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("reading a cell", error)
}
