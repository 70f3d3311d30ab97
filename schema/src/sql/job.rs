//! What jobs ask of the database: indexes beside the requests, and the ids of a table chunk by chunk.

use sea_orm::sea_query::{
    Expr, ExprTrait, Func, Index, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder,
};

use crate::sql::{
    Reads, Statement, Why,
    ddl::{field_index, field_index_name, plain},
    dialect::Dialect,
};

/// The column of a field that has an index of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indexed<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The first column of the field.
    pub(crate) column: &'a str,
}

impl Dialect {
    /// Whether an index can be built beside writers, and then only outside a transaction.
    pub(crate) fn builds_indexes_beside_writers(self) -> bool {
        self == Self::Postgres
    }

    /// Builds the index of a field, beside writers where the database can.
    pub(crate) fn build_index(self, indexed: Indexed<'_>) -> Statement {
        let mut index = field_index(indexed.table, indexed.column);
        index.if_not_exists();
        plain(match self {
            Self::Sqlite => index.to_string(SqliteQueryBuilder),
            Self::Postgres => index.concurrently().to_string(PostgresQueryBuilder),
        })
    }

    /// Drops the index of a field, beside writers where the database can.
    pub(crate) fn drop_index(self, indexed: Indexed<'_>) -> Statement {
        let mut drop = Index::drop();
        drop.name(field_index_name(indexed.table, indexed.column));
        drop.if_exists();
        plain(match self {
            Self::Sqlite => drop.to_string(SqliteQueryBuilder),
            Self::Postgres => drop.concurrently().to_string(PostgresQueryBuilder),
        })
    }

    /// Selects 1 when the index of a field is there and whole, 0 when a build of it was cut off, and
    /// nothing when there is none.
    pub(crate) fn index_state(self, indexed: Indexed<'_>) -> Statement {
        let name = field_index_name(indexed.table, indexed.column);
        let mut select = SelectStatement::new();
        match self {
            Self::Sqlite => {
                select
                    .expr(Expr::val(1_i64))
                    .from("sqlite_schema")
                    .and_where(Expr::col("type").eq("index"))
                    .and_where(Expr::col("name").eq(name));
            }
            Self::Postgres => {
                select
                    .expr(Expr::cust(
                        "CASE WHEN indisvalid THEN 1::bigint ELSE 0::bigint END",
                    ))
                    .from("pg_index")
                    .and_where(Expr::cust_with_values(
                        "indexrelid = to_regclass(quote_ident($1))",
                        [name],
                    ));
            }
        }
        self.rendered(&select)
    }

    /// Counts the live records of a table.
    pub(crate) fn count_live(self, table: &str) -> Statement {
        let mut select = Query::select();
        select
            .expr(Func::count(Expr::col("id")))
            .from(table.to_owned())
            .and_where(Expr::col("deleted_at").is_null());
        self.rendered(&select)
    }

    fn rendered(self, select: &SelectStatement) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => select.build(SqliteQueryBuilder),
            Self::Postgres => select.build(PostgresQueryBuilder),
        };
        Statement::read(text, values, Reads::Engine(Why::Schema))
    }
}
