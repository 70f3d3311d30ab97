//! Trees as SQL: what lies above and below a record, by recursive statements of bounded depth.

use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, JoinType, LockType, Order, SelectStatement,
    UnionType, WithClause,
};
use uuid::Uuid;

use crate::{
    access::{Lineage, TreeWalk},
    catalog::{Catalog, Column, ObjectType, Subject},
    error::{Error, Result},
    field_type::{MAX_TREE_DEPTH, Operator},
    sql::{
        Reads, Statement, Why,
        condition::{Writer, compare},
        dialect::Dialect,
    },
    value::Storage,
};

/// The records of a walk.
const WALK: &str = "walk";
/// The alias of the records that a step of a walk leads to.
const ROW: &str = "t";

impl Writer<'_> {
    /// The row lies above or below a record, on a way that leads through records in sight alone.
    pub(super) fn lineage(&mut self, on: Subject, alias: &str, walk: &TreeWalk) -> Result<Expr> {
        let Subject::Object(object) = on else {
            return Err(gone());
        };
        let object = self.catalog.find_object(object).ok_or_else(gone)?;
        let field = object.fields.find_by_id(walk.field).ok_or_else(gone)?;
        let column = field.column();
        let (name, start, row) = (self.alias(), self.alias(), self.alias());
        let id = Expr::col((start.clone(), "id"));
        let is_start = compare(self.dialect, id, Storage::Uuid, Operator::Eq, &walk.of)?;
        let mut base = self.in_sight(object, &start, walk)?;
        base.expr(Expr::cust("0")).and_where(is_start);
        let mut step = self.in_sight(object, &row, walk)?;
        let from = |column: &str| Expr::col((name.clone(), column.to_owned()));
        step.expr(from("depth").add(Expr::cust("1")))
            .and_where(from("depth").lt(i64::from(MAX_TREE_DEPTH)));
        let visible = walk.visible.as_deref();
        let here = |column: &str| Expr::col((row.clone(), column.to_owned()));
        let mut columns = vec!["id", "depth"];
        let leads = match walk.lineage {
            Lineage::Descendants => {
                if let Some(visible) = visible {
                    step.and_where(self.condition(on, &row, visible)?);
                }
                here(&column.name).eq(from("id"))
            }
            Lineage::Ancestors => {
                base.expr(self.visible(on, &start, column, visible)?);
                step.expr(self.visible(on, &row, column, visible)?);
                columns.push("above");
                here("id").eq(from("above"))
            }
        };
        step.join(JoinType::InnerJoin, name.clone(), leads);
        let mut found = SelectStatement::new();
        found.column("id").from(name.clone());
        if !walk.or_self {
            found.and_where(Expr::col("depth").gt(Expr::cust("0")));
        }
        found.with_cte(recursive(&name, &columns, (base, step)));
        Ok(Expr::col((alias.to_owned(), "id")).in_subquery(found))
    }

    /// Selects the ids of the live records that a walk may lead through.
    fn in_sight(
        &mut self,
        object: &ObjectType,
        alias: &str,
        walk: &TreeWalk,
    ) -> Result<SelectStatement> {
        let mut select = SelectStatement::new();
        select
            .column((alias.to_owned(), "id"))
            .from_as(object.table.clone(), alias.to_owned())
            .and_where(Expr::col((alias.to_owned(), "deleted_at")).is_null());
        if !walk.scope.is_true() {
            let scope = self.condition(Subject::Object(object.id), alias, &walk.scope)?;
            select.and_where(scope);
        }
        Ok(select)
    }
}

/// A walk that begins with the rows of one select and goes on by another one.
fn recursive(
    name: &str,
    columns: &[&str],
    (mut base, step): (SelectStatement, SelectStatement),
) -> WithClause {
    let mut walk = CommonTableExpression::new();
    walk.table_name(name.to_owned())
        .columns(columns.iter().map(|column| (*column).to_owned()))
        .query(base.union(UnionType::All, step).to_owned());
    let mut clause = WithClause::new();
    clause.recursive(true).cte(walk);
    clause
}

/// Selects the live records above these: the one that the walk began at, the one that was found, and how
/// far up it is, 1 for the one that is pointed at. A walk in a circle ends one step beyond the greatest
/// depth.
pub(crate) fn above(
    catalog: &Catalog,
    dialect: Dialect,
    (object, column): (&ObjectType, &Column),
    ids: &[Uuid],
) -> Statement {
    let row = |name: &str| Expr::col((ROW, name.to_owned()));
    let walk = |name: &'static str| Expr::col((WALK, name));
    let mut base = SelectStatement::new();
    base.expr_as(row("id"), "start")
        .expr(row("id"))
        .expr(Expr::cust("0"))
        .expr(row(&column.name))
        .from_as(object.table.clone(), ROW)
        .and_where(row("id").in_subquery(dialect.ids(ids)));
    let mut step = SelectStatement::new();
    step.expr(walk("start"))
        .expr(row("id"))
        .expr(walk("depth").add(Expr::cust("1")))
        .expr(row(&column.name))
        .from_as(object.table.clone(), ROW)
        .join(JoinType::InnerJoin, WALK, row("id").eq(walk("above")))
        .and_where(row("deleted_at").is_null())
        .and_where(walk("depth").lte(i64::from(MAX_TREE_DEPTH)));
    let mut select = SelectStatement::new();
    let columns = ["start", "id", "depth", "above"];
    select
        .columns(["start", "id"])
        .expr(Expr::col("depth").cast_as("bigint"))
        .from(WALK)
        .and_where(Expr::col("depth").gt(Expr::cust("0")))
        .with_cte(recursive(WALK, &columns, (base, step)));
    dialect.render(&select, catalog.version(), Reads::Engine(Why::Integrity))
}

/// Selects how far down the live records below one reach; 0 when there is none.
pub(crate) fn height(
    catalog: &Catalog,
    dialect: Dialect,
    (object, column): (&ObjectType, &Column),
    id: Uuid,
) -> Statement {
    let row = |name: &str| Expr::col((ROW, name.to_owned()));
    let walk = |name: &'static str| Expr::col((WALK, name));
    let mut base = SelectStatement::new();
    base.expr(row("id"))
        .expr(Expr::cust("0"))
        .from_as(object.table.clone(), ROW)
        .and_where(row("id").eq(id));
    let mut step = SelectStatement::new();
    step.expr(row("id"))
        .expr(walk("depth").add(Expr::cust("1")))
        .from_as(object.table.clone(), ROW)
        .join(JoinType::InnerJoin, WALK, row(&column.name).eq(walk("id")))
        .and_where(row("deleted_at").is_null())
        .and_where(walk("depth").lte(i64::from(MAX_TREE_DEPTH)));
    let mut select = SelectStatement::new();
    let most = Expr::from(Func::max(Expr::col("depth")));
    select
        .expr(most.cast_as("bigint"))
        .from(WALK)
        .with_cte(recursive(WALK, &["id", "depth"], (base, step)));
    dialect.render(&select, catalog.version(), Reads::Engine(Why::Integrity))
}

/// Locks records for a change, in the order of their ids.
pub(crate) fn hold(
    catalog: &Catalog,
    dialect: Dialect,
    object: &ObjectType,
    ids: &[Uuid],
) -> Statement {
    let mut select = SelectStatement::new();
    select
        .column((ROW, "id"))
        .from_as(object.table.clone(), ROW)
        .and_where(Expr::col((ROW, "id")).in_subquery(dialect.ids(ids)))
        .order_by((ROW, "id"), Order::Asc);
    if dialect.has_row_locks() {
        select.lock_with_tables(LockType::NoKeyUpdate, [ROW]);
    }
    dialect.render(&select, catalog.version(), Reads::Engine(Why::Lock))
}

/// The live row lies in a circle or below one, by the column that points upwards: no walk down from the
/// top finds it.
pub(super) fn is_in_a_circle(table: &str, column: &str) -> Expr {
    let row = |name: &str| Expr::col((ROW, name.to_owned()));
    let up = Expr::col(("u", "id"))
        .eq(row(column))
        .and(Expr::col(("u", "deleted_at")).is_null());
    let mut base = SelectStatement::new();
    base.expr(row("id"))
        .from_as(table.to_owned(), ROW)
        .join_as(JoinType::LeftJoin, table.to_owned(), "u", up)
        .and_where(row("deleted_at").is_null())
        .and_where(Expr::col(("u", "id")).is_null());
    let mut step = SelectStatement::new();
    step.expr(row("id"))
        .from_as(table.to_owned(), ROW)
        .join(
            JoinType::InnerJoin,
            WALK,
            row(column).eq(Expr::col((WALK, "id"))),
        )
        .and_where(row("deleted_at").is_null());
    let mut found = SelectStatement::new();
    found
        .column("id")
        .from(WALK)
        .with_cte(recursive(WALK, &["id"], (base, step)));
    Expr::col("id").not_in_subquery(found)
}

fn gone() -> Error {
    Error::internal("writing SQL", "a tree is of something that does not exist")
}
