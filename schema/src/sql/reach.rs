//! How many records a condition holds of, when policies are compared.

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use crate::{
    access::Condition,
    catalog::{Catalog, Subject},
    error::Result,
    sql::{Reads, Statement, Why, condition::Writer, dialect::Dialect},
};

/// The alias of the row.
const ROW: &str = "t";

/// The select of the number of live records (or links) of a table of which the condition holds.
pub(crate) fn count(
    catalog: &Catalog,
    dialect: Dialect,
    (subject, table): (Subject, &str),
    condition: &Condition,
) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let mut select = SelectStatement::new();
    select
        .expr(Expr::cust("count(*)"))
        .from_as(table.to_owned(), ROW)
        .and_where(Expr::col((ROW, "deleted_at")).is_null());
    if !condition.is_true() {
        select.and_where(writer.condition(subject, ROW, condition)?);
    }
    let reads = Reads::Engine(Why::Explanation);
    Ok(dialect.render(&select, catalog.version(), reads))
}
