//! The rows of a table whose values go over into other columns.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockType, Order, Query};
use uuid::Uuid;

use crate::{
    catalog::Column,
    sql::{Reads, Statement, Why, dialect::Dialect},
};

/// The alias of the rows.
const ROW: &str = "t";

/// Selects id, 1 for a live record and 0 for a deleted one, and the columns, of the next rows in the order of
/// their ids that have a value in the first column. With `lock` nobody else writes them until the
/// transaction ends.
pub(crate) fn values_after(
    dialect: Dialect,
    (table, columns): (&str, &[&Column]),
    (after, limit): (Option<Uuid>, u64),
    (lock, version): (bool, i64),
) -> Statement {
    let is_live = CaseStatement::new()
        .case(
            Expr::col((ROW, "deleted_at")).is_null(),
            Expr::cust("CAST(1 AS bigint)"),
        )
        .finally(Expr::cust("CAST(0 AS bigint)"));
    let mut select = Query::select();
    select
        .column((ROW, "id"))
        .expr(is_live)
        .from_as(table.to_owned(), ROW)
        .order_by((ROW, "id"), Order::Asc)
        .limit(limit);
    for column in columns {
        select.column((ROW, column.name.clone()));
    }
    if let Some(first) = columns.first() {
        select.and_where(Expr::col((ROW, first.name.clone())).is_not_null());
    }
    if let Some(after) = after {
        select.and_where(Expr::col((ROW, "id")).gt(after));
    }
    if lock && dialect.has_row_locks() {
        select.lock_with_tables(LockType::NoKeyUpdate, [ROW]);
    }
    dialect.render(&select, version, Reads::Engine(Why::Schema))
}
