//! The turn of a day as SQL: the records that have links whose period begins or ends on some days.

use sea_orm::sea_query::{Condition as Cond, Expr, ExprTrait};
use time::Date;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Direction, RelationType},
    error::{Error, Result},
    sql::{
        Statement,
        derive::{leg, near_and_far, paged},
        dialect::Dialect,
    },
    value::{Storage, Value},
};

/// Selects in order the records at the near ends of links that begin or end after the first of two days
/// and not after the second.
pub(crate) fn turned(
    catalog: &Catalog,
    dialect: Dialect,
    (relation, direction): (&RelationType, Direction),
    (first, last): (Date, Date),
    page: (Option<Uuid>, u64),
) -> Result<Statement> {
    let period = relation.period().ok_or_else(|| {
        Error::internal(
            "writing SQL",
            "the links of a rollup of the day have no period",
        )
    })?;
    let bound = |day: Date| dialect.bind(&Value::Date(day), Storage::Date);
    let turns = |column: &str| {
        let column = Expr::col(("t", column.to_owned()));
        column.clone().gt(bound(first)).and(column.lte(bound(last)))
    };
    let [from, until] = period.map(|field| field.column().name.as_str());
    let ends = near_and_far(direction).iter();
    let legs = ends.flat_map(|(near, _)| {
        let of = |column: &str| {
            let mut leg = leg((&relation.table, near, near), true, ExprTrait::is_not_null);
            leg.cond_where(Cond::all().add(turns(column)));
            leg
        };
        [of(from), of(until)]
    });
    paged(catalog, dialect, legs.collect(), page)
}
