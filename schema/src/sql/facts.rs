//! The questions that a change of the schema asks of the data, as SQL: how many live records there are,
//! lack a value, share one, or use an option.

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, JoinType, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder, UpdateStatement,
};

use crate::{
    change::{Ask, Question},
    field_type::Bound,
    sql::{Statement, dialect::Dialect},
    value::{Storage, Value},
};

impl Dialect {
    /// Counts the records that the question is about.
    pub(crate) fn render_count(self, question: &Question) -> Statement {
        let table = question.table.clone();
        let select = match &question.ask {
            Ask::Undone { ask, .. } => return self.render_count(&alone(question, ask)),
            Ask::Lost { column } => lost_count(table, column.as_deref()),
            Ask::Strange {
                column,
                storage,
                options,
            } => live_count(table)
                .and_where(self.has_strange(column, *storage, options))
                .take(),
            Ask::Rows { .. } | Ask::Singleton => live_count(table),
            Ask::Missing { column } => live_count(table)
                .and_where(Expr::col(column.clone()).is_null())
                .take(),
            Ask::Breaks {
                column,
                storage,
                bound,
            } => live_count(table)
                .and_where(self.breaks(column, *storage, bound))
                .take(),
            Ask::Unconverted {
                column,
                storage,
                into,
                drops_blanks,
            } => {
                let value = Expr::col(column.clone());
                let mut count = live_count(table);
                count
                    .and_where(value.is_not_null())
                    .and_where(Expr::col(into.clone()).is_null());
                if let Some(blank) = self.is_blank(column, *storage).filter(|_| *drops_blanks) {
                    count.and_where(blank.not());
                }
                count
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
            } => live_count(table)
                .and_where(self.uses_option(column, *storage, option))
                .take(),
            Ask::Duplicates { column } => shared(table, std::slice::from_ref(column)),
            Ask::SharedKey { columns } => shared(table, columns),
        };
        self.statement(&select)
    }

    /// Two records with the same value, for the message; nothing for the other questions.
    pub(crate) fn render_example(self, question: &Question) -> Option<Statement> {
        let columns = match &question.ask {
            Ask::Undone { ask, .. } => return self.render_example(&alone(question, ask)),
            Ask::Duplicates { column } => std::slice::from_ref(column),
            Ask::SharedKey { columns } => columns.as_slice(),
            Ask::Rows { .. }
            | Ask::Missing { .. }
            | Ask::Uses { .. }
            | Ask::Replaced { .. }
            | Ask::Breaks { .. }
            | Ask::Unconverted { .. }
            | Ask::Strange { .. }
            | Ask::Lost { .. }
            | Ask::Singleton => {
                return None;
            }
        };
        let table = question.table.clone();
        let apart = Expr::col(("a", "id"))
            .lt(Expr::col(("b", "id")))
            .and(Expr::col(("b", "deleted_at")).is_null());
        let same = columns.iter().fold(apart, |same, column| {
            let ours = Expr::col(("a", Alias::new(column.clone())));
            same.and(ours.eq(Expr::col(("b", Alias::new(column.clone())))))
        });
        let select = Query::select()
            .column(("a", "id"))
            .column(("b", "id"))
            .from_as(table.clone(), "a")
            .join_as(JoinType::InnerJoin, table, "b", same)
            .and_where(Expr::col(("a", "deleted_at")).is_null())
            .limit(1)
            .take();
        Some(self.statement(&select))
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
        Statement { text, values }
    }

    pub(super) fn statement(self, select: &SelectStatement) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => select.build(SqliteQueryBuilder),
            Self::Postgres => select.build(PostgresQueryBuilder),
        };
        Statement { text, values }
    }
}

/// The question without what it stands in.
fn alone(question: &Question, ask: &Ask) -> Question {
    Question {
        ask: ask.clone(),
        ..question.clone()
    }
}

/// How many rows there are, or have a value in this column, deleted ones too.
fn lost_count(table: String, column: Option<&str>) -> SelectStatement {
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

fn live_count(table: String) -> SelectStatement {
    Query::select()
        .expr(Func::count(Expr::col("id")))
        .from(table)
        .and_where(Expr::col("deleted_at").is_null())
        .take()
}
