//! The questions that a change of the schema asks of the data, as SQL: how many live records there are,
//! lack a value, share one, or use an option, which these are, and how large the tables are.

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, JoinType, Order, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder, UpdateStatement,
};
use uuid::Uuid;

use crate::{
    change::{Ask, Question},
    field_type::Bound,
    sql::{Reads, Statement, Why, dialect::Dialect},
    value::{Storage, Value},
};

impl Dialect {
    /// Counts the records that the question is about.
    pub(crate) fn render_count(self, question: &Question) -> Statement {
        let table = question.table.clone();
        let select = match (&question.ask, shared_columns(&question.ask)) {
            (Ask::Lost { column }, _) => count_with_deleted(table, column.as_deref()),
            (Ask::Defaulted { .. }, _) => count_with_deleted(table, None),
            (_, Some(columns)) => shared(table, columns),
            (_, None) => self.about(question, Expr::from(Func::count(Expr::col("id")))),
        };
        self.statement(&select)
    }

    /// The ids of the first records that the question is about; nothing where it is about pairs.
    pub(crate) fn render_samples(self, question: &Question, limit: usize) -> Option<Statement> {
        if shared_columns(&question.ask).is_some() {
            return None;
        }
        let mut select = self.about(question, Expr::col("id"));
        select.order_by("id", Order::Asc).limit(limit as u64);
        Some(self.statement(&select))
    }

    /// Pairs of records with the same value, each with the values; nothing for the other questions.
    pub(crate) fn render_pairs(self, question: &Question, limit: usize) -> Option<Statement> {
        let columns = shared_columns(&question.ask)?;
        let table = question.table.clone();
        let apart = Expr::col(("a", "id"))
            .lt(Expr::col(("b", "id")))
            .and(Expr::col(("b", "deleted_at")).is_null());
        let same = columns.iter().fold(apart, |same, column| {
            let ours = Expr::col(("a", Alias::new(column.clone())));
            same.and(ours.eq(Expr::col(("b", Alias::new(column.clone())))))
        });
        let mut select = Query::select()
            .column(("a", "id"))
            .column(("b", "id"))
            .from_as(table.clone(), "a")
            .join_as(JoinType::InnerJoin, table, "b", same)
            .and_where(Expr::col(("a", "deleted_at")).is_null())
            .limit(limit as u64)
            .take();
        for column in columns {
            select.column(("a", Alias::new(column.clone())));
        }
        Some(self.statement(&select))
    }

    /// The ids and values of the records behind one that have a value in the column.
    pub(crate) fn render_values(
        self,
        (table, column): (&str, &str),
        (after, limit): (Option<Uuid>, usize),
    ) -> Statement {
        let mut select = live(table.to_owned(), Expr::col("id"));
        select
            .expr(Expr::col(column.to_owned()))
            .and_where(Expr::col(column.to_owned()).is_not_null())
            .order_by("id", Order::Asc)
            .limit(limit as u64);
        if let Some(after) = after {
            select.and_where(Expr::col("id").gt(after));
        }
        self.statement(&select)
    }

    /// How many rows a table has by the statistics of the database, where it keeps any.
    pub(crate) fn render_statistics(self, table: &str) -> Option<Statement> {
        let quoted = format!("\"{table}\"");
        let select = Query::select()
            .expr(Expr::cust("CAST(reltuples AS bigint)"))
            .from("pg_class")
            .and_where(Expr::cust_with_values("oid = to_regclass($1)", [quoted]))
            .take();
        self.has_row_locks().then(|| self.statement(&select))
    }

    /// Counts the rows of a table, and stops at a limit.
    pub(crate) fn render_bounded_count(self, table: &str, limit: u64) -> Statement {
        let some = Query::select()
            .expr(Expr::cust("1"))
            .from(table.to_owned())
            .limit(limit)
            .take();
        let select = Query::select()
            .expr(Expr::cust("count(*)"))
            .from_subquery(some, "bounded")
            .take();
        self.statement(&select)
    }

    /// What `shown` is of the live records that the question is about.
    fn about(self, question: &Question, shown: Expr) -> SelectStatement {
        let mut select = live(question.table.clone(), shown);
        let condition = match question.ask.inner() {
            Ask::Missing { column } => Expr::col(column.clone()).is_null(),
            Ask::Breaks {
                column,
                storage,
                bound,
            } => self.breaks(column, *storage, bound),
            Ask::Strange {
                column,
                storage,
                options,
            } => self.has_strange(column, *storage, options),
            Ask::Unconverted {
                column,
                storage,
                into,
                drops_blanks,
            } => {
                let left = Expr::col(column.clone())
                    .is_not_null()
                    .and(Expr::col(into.clone()).is_null());
                match self.is_blank(column, *storage).filter(|_| *drops_blanks) {
                    Some(blank) => left.and(blank.not()),
                    None => left,
                }
            }
            Ask::Uses {
                column,
                storage,
                option,
            }
            | Ask::Replaced {
                column,
                storage,
                option,
            } => self.uses_option(column, *storage, option),
            Ask::Circles { column } => super::tree::is_in_a_circle(&question.table, column),
            Ask::Rows { .. }
            | Ask::Defaulted { .. }
            | Ask::Singleton
            | Ask::Mismatches { .. }
            | Ask::Lost { .. }
            | Ask::Undone { .. }
            | Ask::Duplicates { .. }
            | Ask::SharedKey { .. } => return select,
        };
        select.and_where(condition).take()
    }

    /// The column has a text of spaces only, or an empty list; nothing for forms without such a value.
    fn is_blank(self, column: &str, storage: Storage) -> Option<Expr> {
        let value = Expr::col(column.to_owned());
        match (storage, self) {
            (Storage::Text, _) => Some(Expr::from(Func::cust("trim").arg(value)).eq("")),
            (Storage::TextSet, Self::Sqlite) => Some(value.eq("[]")),
            (Storage::TextSet, Self::Postgres) => Some(value.eq(Expr::val("[]").cast_as("jsonb"))),
            _ => None,
        }
    }

    /// The row uses the option.
    pub(super) fn uses_option(self, column: &str, storage: Storage, option: &str) -> Expr {
        let column = Expr::col(column.to_owned());
        if storage == Storage::TextSet {
            self.has(column, option)
        } else {
            column.eq(option)
        }
    }

    /// The row has a value that the bound forbids.
    fn breaks(self, column: &str, storage: Storage, bound: &Bound) -> Expr {
        let value = Expr::col(column.to_owned());
        let length = || Func::char_length(value.clone());
        match bound {
            Bound::Below(least) => value.lt(self.bind(least, storage)),
            Bound::Above(most) => value.gt(self.bind(most, storage)),
            Bound::Shorter(least) => Expr::from(length()).lt(*least),
            Bound::Longer(most) => Expr::from(length()).gt(*most),
        }
    }

    /// The row has a value that is none of the options.
    fn has_strange(self, column: &str, storage: Storage, options: &[String]) -> Expr {
        let options: Vec<Value> = options.iter().cloned().map(Value::Text).collect();
        let column = Expr::col(column.to_owned());
        if storage != Storage::TextSet {
            let known = self.is_in(column.clone(), &options, Storage::Text);
            return column.is_not_null().and(known.not());
        }
        // Both name the column of their rows so, whatever the rows are called.
        let item = Expr::col(("item", "value"));
        let items = match self {
            Self::Sqlite => Func::cust("json_each"),
            Self::Postgres => Func::cust("jsonb_array_elements_text"),
        };
        let mut strange = SelectStatement::new();
        strange
            .expr(Expr::cust("1"))
            .from_function(items.arg(column), "item")
            .and_where(self.is_in(item, &options, Storage::Text).not());
        Expr::exists(strange)
    }

    pub(super) fn updating(self, update: &UpdateStatement) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => update.build(SqliteQueryBuilder),
            Self::Postgres => update.build(PostgresQueryBuilder),
        };
        Statement::write(text, values)
    }

    pub(super) fn statement(self, select: &SelectStatement) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => select.build(SqliteQueryBuilder),
            Self::Postgres => select.build(PostgresQueryBuilder),
        };
        Statement::read(text, values, Reads::Engine(Why::Schema))
    }
}

/// How many rows there are, or have a value in this column, deleted ones too.
fn count_with_deleted(table: String, column: Option<&str>) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Func::count(Expr::col("id"))).from(table);
    if let Some(column) = column {
        select.and_where(Expr::col(column.to_owned()).is_not_null());
    }
    select
}

/// How many live records share their values in these columns with another one.
fn shared(table: String, columns: &[String]) -> SelectStatement {
    let mut groups = Query::select();
    groups
        .expr_as(Func::count(Expr::col("id")), "records")
        .from(table)
        .and_where(Expr::col("deleted_at").is_null())
        .and_having(Func::count(Expr::col("id")).gt(1));
    for column in columns {
        groups
            .and_where(Expr::col(column.clone()).is_not_null())
            .group_by_col(column.clone());
    }
    Query::select()
        .expr(Expr::cust("CAST(COALESCE(SUM(records), 0) AS bigint)"))
        .from_subquery(groups.take(), "shared")
        .take()
}

fn live(table: String, shown: Expr) -> SelectStatement {
    Query::select()
        .expr(shown)
        .from(table)
        .and_where(Expr::col("deleted_at").is_null())
        .take()
}

/// The columns whose values two records must not share.
fn shared_columns(ask: &Ask) -> Option<&[String]> {
    match ask.inner() {
        Ask::Duplicates { column, .. } => Some(std::slice::from_ref(column)),
        Ask::SharedKey { columns, .. } => Some(columns),
        Ask::Rows { .. }
        | Ask::Defaulted { .. }
        | Ask::Missing { .. }
        | Ask::Uses { .. }
        | Ask::Replaced { .. }
        | Ask::Breaks { .. }
        | Ask::Mismatches { .. }
        | Ask::Unconverted { .. }
        | Ask::Strange { .. }
        | Ask::Undone { .. }
        | Ask::Lost { .. }
        | Ask::Circles { .. }
        | Ask::Singleton => None,
    }
}
