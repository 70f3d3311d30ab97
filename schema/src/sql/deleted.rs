//! What is left in the database of deleted things: how much it is, and how it is taken out.

use sea_orm::sea_query::{
    DeleteStatement, Expr, ExprTrait, Func, Index, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder, Table,
};

use crate::{
    id::FieldId,
    sql::{Statement, ddl::plain, dialect::Dialect},
};

/// A table with columns of deleted fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The columns.
    pub(crate) columns: &'a [String],
}

impl Dialect {
    /// Counts the rows of a table, and those that have a value in each column.
    pub(crate) fn count_held(self, holding: Holding<'_>) -> Statement {
        let mut select = Query::select();
        select
            .expr(Func::count(Expr::col("id")))
            .from(holding.table.to_owned());
        for column in holding.columns {
            select.expr(Func::count(Expr::col(column.clone())));
        }
        self.statement(&select)
    }

    /// Selects the names of the columns that a table has; nothing when there is no such table.
    pub(crate) fn columns_of(self, table: &str) -> Statement {
        let mut select = SelectStatement::new();
        match self {
            Self::Sqlite => {
                select
                    .column("name")
                    .from_function(Func::cust("pragma_table_info").arg(table), "columns");
            }
            Self::Postgres => {
                select
                    .expr(Expr::col("attname").cast_as("text"))
                    .from("pg_attribute")
                    .and_where(Expr::cust_with_values(
                        "attrelid = to_regclass(quote_ident($1))",
                        [table],
                    ))
                    .and_where(Expr::col("attnum").gt(0))
                    .and_where(Expr::col("attisdropped").not());
            }
        }
        self.statement(&select)
    }

    /// Selects the names of the indexes that have a column in them, where the column can't go before
    /// they do.
    pub(crate) fn indexes_in_the_way(self, table: &str, column: &str) -> Option<Statement> {
        if self == Self::Postgres {
            return None;
        }
        let parts = Func::cust("pragma_index_info").arg(Expr::col(("indexes", "name")));
        let select = Query::select()
            .column(("indexes", "name"))
            .from_function(Func::cust("pragma_index_list").arg(table), "indexes")
            .from_function(parts, "parts")
            .and_where(Expr::col(("parts", "name")).eq(column))
            .take();
        Some(self.statement(&select))
    }

    /// Drops an index by its name.
    pub(crate) fn drop_index_named(self, name: &str) -> Statement {
        let mut drop = Index::drop();
        drop.name(name).if_exists();
        plain(match self {
            Self::Sqlite => drop.to_string(SqliteQueryBuilder),
            Self::Postgres => drop.to_string(PostgresQueryBuilder),
        })
    }

    /// Drops a column. On SQLite that writes the table anew.
    pub(crate) fn drop_column(self, table: &str, column: &str) -> Statement {
        let mut alter = Table::alter();
        alter.table(table.to_owned()).drop_column(column.to_owned());
        plain(match self {
            Self::Sqlite => alter.to_string(SqliteQueryBuilder),
            Self::Postgres => alter.to_string(PostgresQueryBuilder),
        })
    }

    /// Drops a table, with the foreign keys of others that lead to it where the database can do that.
    pub(crate) fn drop_table(self, table: &str) -> Statement {
        let mut drop = Table::drop();
        drop.table(table.to_owned()).if_exists();
        plain(match self {
            Self::Sqlite => drop.to_string(SqliteQueryBuilder),
            Self::Postgres => drop.cascade().to_string(PostgresQueryBuilder),
        })
    }

    /// Forgets the counters of an auto number.
    pub(crate) fn drop_counters(self, field: FieldId) -> Statement {
        let mut delete = DeleteStatement::new();
        delete
            .from_table("counters")
            .and_where(Expr::col("field_id").eq(field.uuid()));
        let (text, values) = match self {
            Self::Sqlite => delete.build(SqliteQueryBuilder),
            Self::Postgres => delete.build(PostgresQueryBuilder),
        };
        Statement::write(text, values)
    }
}
