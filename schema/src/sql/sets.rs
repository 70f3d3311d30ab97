//! What writes of several records at once look at: their locks, the links of a collection, the records at
//! their far ends.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, IntoIden, LockType, SelectStatement};
use uuid::Uuid;

use super::{
    Reads, Sight, Statement, Why,
    condition::Writer,
    dialect::Dialect,
    links::{Period, add_links, ends, overlap},
    write::Lock,
};
use crate::{
    access::Condition,
    catalog::{Catalog, Column, Direction, Field, RelationType, Subject},
    error::Result,
    id::ObjectTypeId,
};

/// The alias of the rows.
const ROW: &str = "t";

/// Rows of one table by their ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// Their type.
    pub(crate) subject: Subject,
    /// Their table.
    pub(crate) table: &'a str,
    /// Their ids.
    pub(crate) ids: &'a [Uuid],
    /// Those that are in sight.
    pub(crate) visible: Sight<'a>,
}

impl Rows<'_> {
    fn select(self, writer: &mut Writer<'_>) -> Result<SelectStatement> {
        let mut select = SelectStatement::new();
        select
            .from_as(self.table.to_owned(), ROW)
            .and_where(Expr::col((ROW, "id")).in_subquery(writer.dialect.ids(self.ids)))
            .order_by((ROW, "id"), sea_orm::sea_query::Order::Asc);
        if let Some(visible) = self.visible.condition() {
            select.and_where(writer.condition(self.subject, ROW, visible)?);
        }
        Ok(select)
    }
}

/// Locks rows in the order of their ids, live and deleted ones.
pub(crate) fn lock_rows(
    catalog: &Catalog,
    dialect: Dialect,
    rows: Rows<'_>,
    lock: Lock,
) -> Result<Statement> {
    let mut select = rows.select(&mut Writer::new(catalog, dialect))?;
    select.column((ROW, "id"));
    match lock {
        Lock::Change => select.lock_with_tables(LockType::NoKeyUpdate, [ROW]),
        Lock::Keep => select.lock_with_tables(LockType::Share, [ROW]),
        Lock::None => &mut select,
    };
    Ok(dialect.render(&select, catalog.version(), Reads::Engine(Why::Lock)))
}

/// Selects the ids of the live rows among these, then the columns.
pub(crate) fn live_rows(
    catalog: &Catalog,
    dialect: Dialect,
    rows: Rows<'_>,
    columns: &[&Column],
) -> Result<Statement> {
    let mut select = rows.select(&mut Writer::new(catalog, dialect))?;
    select.column((ROW, "id"));
    for column in columns {
        select.column((ROW, column.name.clone()));
    }
    select.and_where(Expr::col((ROW, "deleted_at")).is_null());
    Ok(dialect.render(&select, catalog.version(), rows.visible.reads()))
}

/// The links of a collection that a write looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linked<'a> {
    /// The relation type.
    pub(crate) relation: &'a RelationType,
    /// The end from which they are seen.
    pub(crate) direction: Direction,
    /// The record at that end, with its type.
    pub(crate) near: (ObjectTypeId, Uuid),
    /// The record at the other one with its type; any when absent.
    pub(crate) far: Option<(ObjectTypeId, Uuid)>,
    /// The period that they share a day with; of a temporal type.
    pub(crate) period: Option<Period>,
    /// Those that are in sight.
    pub(crate) visible: &'a Condition,
    /// What is asked of each.
    pub(crate) flag: &'a Condition,
}

/// Selects the ids of live links, the records at their far ends, 1 or 0 for the flag, and at a far end of
/// several types the types of the records, in the order of the ids.
pub(crate) fn linked(
    catalog: &Catalog,
    dialect: Dialect,
    of: Linked<'_>,
    (after, limit): (Option<Uuid>, u64),
) -> Result<Statement> {
    const LINK: &str = "l";
    let mut writer = Writer::new(catalog, dialect);
    let (near, far) = ends(of.direction);
    let subject = Subject::Relation(of.relation.id);
    let holds = writer.condition(subject, LINK, of.flag)?;
    let flag = CaseStatement::new()
        .case(holds, Expr::cust("1"))
        .finally(Expr::cust("0"));
    let mut select = SelectStatement::new();
    select
        .column((LINK, "id"))
        .column((LINK, far))
        .expr(flag)
        .and_where(Expr::col((LINK, near)).eq(of.near.1))
        .and_where(Expr::col((LINK, "deleted_at")).is_null())
        .order_by((LINK, "id"), sea_orm::sea_query::Order::Asc)
        .limit(limit);
    add_links(&mut select, of.relation, of.direction, LINK);
    if let Some((_, far_id)) = of.far {
        select.and_where(Expr::col((LINK, far)).eq(far_id));
    }
    let of_type = |pointer: &Field| {
        let column = pointer.columns.get(1).map(|column| column.name.clone());
        Expr::col((LINK, column.unwrap_or_default().into_iden()))
    };
    if let Some(pointer) = of.relation.near_pointer(of.direction) {
        select.and_where(of_type(pointer).eq(of.near.0.uuid()));
    }
    if let Some(pointer) = of.relation.far_pointer(of.direction) {
        select.expr(of_type(pointer));
        if let Some((far_type, _)) = of.far {
            select.and_where(of_type(pointer).eq(far_type.uuid()));
        }
    }
    if let Some(after) = after {
        select.and_where(Expr::col((LINK, "id")).gt(after));
    }
    if let Some(period) = of.period {
        let column = |name: &str| Expr::col((LINK.into_iden(), name.to_owned().into_iden()));
        overlap((dialect, &column), of.relation, period, &mut select);
    }
    if !of.visible.is_true() {
        select.and_where(writer.condition(subject, LINK, of.visible)?);
    }
    Ok(dialect.render(&select, catalog.version(), Reads::Caller))
}

/// The columns of the ends of links, as columns of the catalog.
pub(crate) fn end_column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        part: crate::field_type::Part::id(),
        nullable: false,
    }
}

/// Selects the live records whose reference points at a record, in the order of their ids.
pub(crate) fn referring(
    catalog: &Catalog,
    dialect: Dialect,
    (rows, column, target): (Rows<'_>, &Column, Uuid),
    limit: u64,
) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let mut select = SelectStatement::new();
    select
        .column((ROW, "id"))
        .from_as(rows.table.to_owned(), ROW)
        .and_where(Expr::col((ROW, column.name.clone())).eq(target))
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), sea_orm::sea_query::Order::Asc)
        .limit(limit);
    if let Some(visible) = rows.visible.condition() {
        select.and_where(writer.condition(rows.subject, ROW, visible)?);
    }
    Ok(dialect.render(&select, catalog.version(), rows.visible.reads()))
}
