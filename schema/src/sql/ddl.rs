//! Changes of the schema as SQL: tables, columns and indexes of custom types, and the values that
//! a new field gives to old records. The physical types are those of the migrations, so that standard
//! and custom columns are read and written alike.

use sea_orm::sea_query::{
    ColumnDef, ColumnType, ConditionalStatement, Expr, ExprTrait, ForeignKey, Func, Index,
    IndexCreateStatement, PostgresQueryBuilder, Query, SqliteQueryBuilder, Table,
    TableCreateStatement, UpdateStatement, Values,
};
use sha2::{Digest, Sha256};

use crate::{
    catalog::type_column,
    change::{ColumnPlan, MOST_DEFAULTED, Replacement, Step},
    sql::{Statement, dialect::Dialect},
    value::{Storage, Value},
};

/// The setting that holds the value of a new column while the column is added.
const GIVEN: &str = "relata.given";
/// The most bytes of a value that PostgreSQL remembers for the rows of a new column: it stands in one row of
/// its catalog, which fits a page of 8 kB.
const MOST_REMEMBERED: usize = 2_000;

/// The most bytes of the readable part of an index name.
const INDEX_NAME_BYTES: usize = 54;

/// Renders a schema statement for a dialect. A macro, for the builders share no trait that is open.
macro_rules! text_of {
    ($dialect:expr, $statement:expr) => {
        match $dialect {
            Dialect::Sqlite => $statement.to_string(SqliteQueryBuilder),
            Dialect::Postgres => $statement.to_string(PostgresQueryBuilder),
        }
    };
}

impl Dialect {
    /// The statements of a step that changes the database; none for a question.
    pub(crate) fn render_step(self, step: &Step) -> Vec<Statement> {
        match step {
            Step::CreateTable {
                table,
                ends,
                columns,
            } => self.create_table(table, ends.as_ref(), columns),
            Step::AddColumn {
                table,
                column,
                value: Value::Null,
            } => vec![self.add_column(table, self.column(&column.name, column.storage))],
            Step::AddColumn {
                table,
                column,
                value,
            } => self.add_filled_column(table, column, value),
            Step::AddUniqueIndex { table, column } => {
                let mut index = live_index("ux", table, &[column]);
                vec![plain(text_of!(self, index.unique()))]
            }
            Step::DropUniqueIndex { table, column } => {
                let drops = unique_index_names(table, column).into_iter().map(|name| {
                    let mut drop = Index::drop();
                    drop.name(name).if_exists();
                    plain(text_of!(self, drop))
                });
                drops.collect()
            }
            Step::AddUniqueKey { table, columns } => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                let mut index = live_index("uk", table, &columns);
                vec![plain(text_of!(self, index.unique()))]
            }
            Step::DropUniqueKey { table, columns } => {
                let mut drop = Index::drop();
                drop.name(unique_key_name(table, columns)).if_exists();
                vec![plain(text_of!(self, drop))]
            }
            Step::AddReferenceIndex { table, column } => {
                vec![plain(text_of!(self, field_index(table, column)))]
            }
            Step::MakeOrdered {
                table,
                parent,
                position,
            } => self.make_ordered(table, parent, position),
            Step::BackFill { table, values } => vec![self.back_fill(table, values)],
            Step::Ask(_) | Step::Number(_) | Step::ReplaceOption(_) => Vec::new(),
        }
    }

    /// Whether the rows to which a new column gives a value of this size are written; otherwise the table
    /// remembers it.
    pub(crate) fn writes_default(self, bytes: usize) -> bool {
        self == Self::Sqlite || bytes > MOST_REMEMBERED
    }

    /// The most rows to which a new column gives such a value; nothing where their number does not matter.
    pub(crate) fn most_defaulted(self, bytes: usize) -> Option<u64> {
        self.writes_default(bytes).then_some(MOST_DEFAULTED)
    }

    /// What every change of the schema locks until it is committed.
    pub(crate) fn lock_of_change(self) -> &'static str {
        match self {
            Self::Sqlite => "the database, against other writers: SQLite has one at a time",
            Self::Postgres => "EXCLUSIVE on meta_head: writes wait until it is committed",
        }
    }

    /// The lock that a step takes on a table that has rows.
    pub(crate) fn lock_of(self, step: &Step) -> Option<String> {
        match (self, step) {
            (_, Step::Ask(_)) | (Self::Postgres, Step::CreateTable { ends: None, .. }) => None,
            (Self::Sqlite, _) => Some("the database, against other writers".to_owned()),
            (
                Self::Postgres,
                Step::CreateTable {
                    ends: Some(ends), ..
                },
            ) => {
                let named: Vec<&str> = ends.iter().flatten().map(String::as_str).collect();
                (!named.is_empty())
                    .then(|| format!("SHARE ROW EXCLUSIVE on {}", named.join(" and ")))
            }
            (
                Self::Postgres,
                Step::AddColumn { table, .. }
                | Step::DropUniqueIndex { table, .. }
                | Step::DropUniqueKey { table, .. },
            ) => Some(format!("ACCESS EXCLUSIVE on {table}, for an instant")),
            (
                Self::Postgres,
                Step::AddUniqueIndex { table, .. }
                | Step::AddUniqueKey { table, .. }
                | Step::AddReferenceIndex { table, .. },
            ) => Some(format!("SHARE on {table} while the index is built")),
            (Self::Postgres, Step::MakeOrdered { table, .. }) => Some(format!(
                "ACCESS EXCLUSIVE on {table} while its rows get their places"
            )),
            (Self::Postgres, Step::BackFill { table, .. }) => {
                Some(format!("the rows of {table} without a value"))
            }
            (Self::Postgres, Step::Number(numbering)) => {
                let table = &numbering.table;
                Some(format!(
                    "ACCESS EXCLUSIVE on {table} while its records are numbered"
                ))
            }
            (Self::Postgres, Step::ReplaceOption(replacement)) => {
                let Replacement { table, old, .. } = replacement;
                Some(format!("the rows of {table} with the option {old:?}"))
            }
        }
    }

    fn create_table(
        self,
        table: &str,
        ends: Option<&[Option<String>; 2]>,
        own: &[ColumnPlan],
    ) -> Vec<Statement> {
        let mut create = TableCreateStatement::new();
        create.table(table.to_owned());
        for (name, storage, required) in system_columns(ends.is_some()) {
            let mut column = self.column(name, storage);
            if required {
                column.not_null();
            }
            if name == "version" {
                column.default(1_i64);
            }
            create.col(column);
        }
        for column in own {
            create.col(self.column(&column.name, column.storage));
        }
        let columns = [("source_id", true), ("target_id", false)];
        for ((column, is_source), end) in columns.into_iter().zip(ends.into_iter().flatten()) {
            let Some(end) = end else {
                let mut of_type = self.column(type_column(is_source), Storage::Uuid);
                create.col(of_type.not_null());
                continue;
            };
            create.foreign_key(
                ForeignKey::create()
                    .name(index_name("fk", table, &[column]))
                    .from(table.to_owned(), column)
                    .to(end.clone(), "id"),
            );
        }
        let key = index_name("pk", table, &["id"]);
        create.primary_key(Index::create().name(key).col("id"));
        let mut statements = vec![plain(text_of!(self, create))];
        if ends.is_some() {
            for columns in [["source_id", "target_id"], ["target_id", "source_id"]] {
                let index = live_index("ix", table, &columns);
                statements.push(plain(text_of!(self, index)));
            }
        } else {
            statements.push(plain(text_of!(self, field_index(table, "owner_id"))));
        }
        statements
    }

    fn add_column(self, table: &str, column: ColumnDef) -> Statement {
        let mut alter = Table::alter();
        alter.table(table.to_owned());
        alter.add_column(column);
        plain(text_of!(self, alter))
    }

    /// A column in which all rows have a value, and new ones none.
    fn add_filled_column(self, table: &str, column: &ColumnPlan, value: &Value) -> Vec<Statement> {
        let mut definition = self.column(&column.name, column.storage);
        if self.writes_default(value.bytes()) {
            let values = [(column.clone(), value.clone())];
            return vec![
                self.add_column(table, definition),
                self.back_fill(table, &values),
            ];
        }
        let given = Func::cust("current_setting").arg(GIVEN);
        let given = Expr::from(given).cast_as(type_name(column.storage));
        let mut bare = ColumnDef::new(column.name.clone());
        // What has no default is what has the default NULL, which sea-query can say.
        bare.default(Expr::cust("NULL"));
        let mut alter = Table::alter();
        alter.table(table.to_owned());
        alter.modify_column(bare);
        vec![
            self.keep_given(value, column.storage),
            self.add_column(table, definition.default(given).to_owned()),
            plain(text_of!(self, alter)),
        ]
    }

    /// Keeps a value for the rest of the transaction: DDL has no parameters.
    fn keep_given(self, value: &Value, storage: Storage) -> Statement {
        let mut keep = Func::cust("set_config").arg(GIVEN);
        // With its type, which makes the statement another one for each: connections keep them by their text.
        let value = self.bind(value, storage).cast_as(type_name(storage));
        keep = keep.arg(value.cast_as("text"));
        let select = Query::select().expr(keep.arg(true)).take();
        self.statement(&select)
    }

    fn column(self, name: &str, storage: Storage) -> ColumnDef {
        ColumnDef::new_with_type(name.to_owned(), self.physical_type(storage))
    }

    fn physical_type(self, storage: Storage) -> ColumnType {
        match (self, storage) {
            // Byte order, as on SQLite: the same request sorts alike on both.
            (Self::Postgres, Storage::Text) => ColumnType::custom("text COLLATE \"C\""),
            (Self::Sqlite, Storage::Text | Storage::Date | Storage::TextSet | Storage::Json)
            | (_, Storage::Secret) => ColumnType::Text,
            (_, Storage::Float) => ColumnType::Double,
            (_, Storage::Integer | Storage::BigInteger | Storage::Time | Storage::Duration)
            | (Self::Sqlite, Storage::Decimal { .. } | Storage::Instant) => ColumnType::BigInteger,
            (Self::Postgres, Storage::Decimal { precision, scale }) => {
                ColumnType::Decimal(Some((u32::from(precision), u32::from(scale))))
            }
            (_, Storage::Boolean) => ColumnType::Boolean,
            (Self::Postgres, Storage::Date) => ColumnType::Date,
            (Self::Postgres, Storage::Instant) => ColumnType::TimestampWithTimeZone,
            (Self::Postgres, Storage::Uuid) => ColumnType::Uuid,
            (Self::Sqlite, Storage::Uuid) => ColumnType::Blob,
            // `json` keeps the text as it was sent; the sets are searched and so `jsonb`.
            (Self::Postgres, Storage::Json) => ColumnType::Json,
            (Self::Postgres, Storage::TextSet) => ColumnType::JsonBinary,
        }
    }

    /// A column of ranks, which are the ids at first, and an index that gives the rows of a record in order.
    fn make_ordered(self, table: &str, parent: &str, position: &str) -> Vec<Statement> {
        let mut alter = Table::alter();
        alter.table(table.to_owned());
        alter.add_column(self.column(position, Storage::Text));
        let mut update = UpdateStatement::new();
        update.table(table.to_owned());
        update.value(position.to_owned(), self.digits_of_id());
        let (text, values) = match self {
            Self::Sqlite => update.build(SqliteQueryBuilder),
            Self::Postgres => update.build(PostgresQueryBuilder),
        };
        let index = live_index("ix", table, &[parent, position, "id"]);
        vec![
            plain(text_of!(self, alter)),
            Statement::write(text, values),
            plain(text_of!(self, index)),
        ]
    }

    fn back_fill(self, table: &str, values: &[(ColumnPlan, Value)]) -> Statement {
        let mut update = UpdateStatement::new();
        update.table(table.to_owned());
        for (column, value) in values {
            update.value(column.name.clone(), self.assign(value, column.storage));
        }
        if let Some((first, _)) = values.first() {
            update.and_where(Expr::col(first.name.clone()).is_null());
        }
        let (text, values) = match self {
            Self::Sqlite => update.build(SqliteQueryBuilder),
            Self::Postgres => update.build(PostgresQueryBuilder),
        };
        Statement::write(text, values)
    }

    /// Holds off writers, who lock a row of the head, where one lock of the database does not do so.
    /// The lock is one on the table, for those wait in one queue: a row lock that many share for a
    /// moment each would never come free for one who wants it alone.
    pub(crate) fn lock_head(self) -> Option<Statement> {
        let text = "LOCK TABLE meta_head IN EXCLUSIVE MODE";
        self.has_row_locks().then(|| plain(text.to_owned()))
    }

    /// How long a statement of the transaction waits for a lock, where the database has such a limit.
    pub(crate) fn lock_timeout(self, milliseconds: u32) -> Option<Statement> {
        let set = Query::select()
            .expr(Expr::cust_with_values(
                "set_config('lock_timeout', $1, true)",
                [milliseconds.to_string()],
            ))
            .take();
        match self {
            Self::Sqlite => None,
            Self::Postgres => {
                let (text, values) = set.build(PostgresQueryBuilder);
                Some(Statement::write(text, values))
            }
        }
    }
}

/// The columns that the engine keeps in every table, as the migrations make them.
fn system_columns(is_link: bool) -> Vec<(&'static str, Storage, bool)> {
    let mut columns = vec![
        ("id", Storage::Uuid, true),
        ("version", Storage::BigInteger, true),
        ("created_at", Storage::Instant, true),
        ("created_by", Storage::Uuid, false),
        ("updated_at", Storage::Instant, true),
        ("updated_by", Storage::Uuid, false),
    ];
    if is_link {
        columns.push(("source_id", Storage::Uuid, true));
        columns.push(("target_id", Storage::Uuid, true));
    } else {
        columns.push(("owner_id", Storage::Uuid, false));
    }
    columns.push(("deleted_at", Storage::Instant, false));
    columns
}

/// The type of PostgreSQL that a text is cast to for a column of this form.
fn type_name(storage: Storage) -> &'static str {
    match storage {
        Storage::Text | Storage::Secret => "text",
        Storage::Integer | Storage::BigInteger | Storage::Time | Storage::Duration => "bigint",
        Storage::Decimal { .. } => "numeric",
        Storage::Float => "float8",
        Storage::Boolean => "boolean",
        Storage::Date => "date",
        Storage::Instant => "timestamptz",
        Storage::Uuid => "uuid",
        Storage::TextSet => "jsonb",
        Storage::Json => "json",
    }
}

/// A statement without values.
pub(super) fn plain(text: String) -> Statement {
    Statement::write(text, Values(Vec::new()))
}

/// An index over live rows, so that a deleted record never holds a value.
fn live_index(kind: &str, table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(index_name(kind, table, columns));
    index.table(table.to_owned());
    for column in columns {
        index.col((*column).to_owned());
    }
    index.and_where(Expr::col("deleted_at").is_null());
    index
}

/// The index of the first column of a field: of a reference, and of a field that asks for one.
pub(super) fn field_index(table: &str, column: &str) -> IndexCreateStatement {
    live_index("ix", table, &[column, "id"])
}

/// The name of that index.
pub(super) fn field_index_name(table: &str, column: &str) -> String {
    index_name("ix", table, &[column, "id"])
}

/// The name of the index of a unique key.
pub(crate) fn unique_key_name(table: &str, columns: &[String]) -> String {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    index_name("uk", table, &columns)
}

/// The names that the unique index of a column may have: as made here, and as made by the migrations,
/// which have names of their own for the indexes of standard fields.
pub(crate) fn unique_index_names(table: &str, column: &str) -> [String; 2] {
    let shipped = format!("{table}_{column}_idx");
    [index_name("ux", table, &[column]), shipped]
}

/// A name that no other index, table or key has: readable as far as there is room, told apart by a
/// hash.
fn index_name(kind: &str, table: &str, columns: &[&str]) -> String {
    let readable = format!("{kind}_{}_{table}", columns.join("_"));
    let mut sha = Sha256::new();
    for part in std::iter::once(&table).chain(columns) {
        sha.update(part.as_bytes());
        sha.update([0]);
    }
    let hash = u64::from_be_bytes(sha.finalize()[..8].try_into().unwrap_or_default());
    let mut name = readable;
    name.truncate(INDEX_NAME_BYTES);
    format!("{name}_{:08x}", hash >> 32)
}
