//! How many records a condition holds of, when policies are compared.

use sea_orm::sea_query::{Expr, ExprTrait, Order, SelectStatement};

use crate::{
    access::Condition,
    catalog::{Catalog, Subject},
    error::Result,
    sql::{Reads, Statement, Why, condition::Writer, dialect::Dialect},
};

/// The alias of the row.
const ROW: &str = "t";
/// What other callers may read is asked by the engine.
const READS: Reads = Reads::Engine(Why::Explanation);

/// The select of the number of live records (or links) of a table of which the condition holds.
pub(crate) fn count(
    catalog: &Catalog,
    dialect: Dialect,
    of: (Subject, &str),
    condition: &Condition,
) -> Result<Statement> {
    let mut select = live(catalog, dialect, of, condition)?;
    select.expr(Expr::cust("count(*)"));
    Ok(dialect.render(&select, catalog.version(), READS))
}

/// The select of the ids of the oldest of them.
pub(crate) fn ids(
    catalog: &Catalog,
    dialect: Dialect,
    of: (Subject, &str),
    (condition, most): (&Condition, u64),
) -> Result<Statement> {
    let mut select = live(catalog, dialect, of, condition)?;
    select
        .column((ROW, "id"))
        .order_by((ROW, "id"), Order::Asc)
        .limit(most);
    Ok(dialect.render(&select, catalog.version(), READS))
}

fn live(
    catalog: &Catalog,
    dialect: Dialect,
    (subject, table): (Subject, &str),
    condition: &Condition,
) -> Result<SelectStatement> {
    let mut writer = Writer::of_search(catalog, dialect);
    let mut select = SelectStatement::new();
    select
        .from_as(table.to_owned(), ROW)
        .and_where(Expr::col((ROW, "deleted_at")).is_null());
    if !condition.is_true() {
        select.and_where(writer.condition(subject, ROW, condition)?);
    }
    Ok(select)
}
