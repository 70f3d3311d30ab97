//! The links of a relation type as rows of a statement, from whichever end they are walked.

use sea_orm::sea_query::{
    CaseStatement, Condition as Cond, Expr, ExprTrait, IntoIden, SelectStatement, UnionType,
};
use time::Date;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Direction, Field, RelationType, SystemField},
    id::ObjectTypeId,
    sql::{Reads, Statement, Why, dialect::Dialect},
    value::{Storage, Value},
};

/// The most links that one search of a write looks at.
const MOST_LINKS: u64 = 100;

/// The columns of the near and the far end; those of a walk from either end are made by
/// [`add_links`].
pub(super) fn ends(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Forward => ("source_id", "target_id"),
        Direction::Reverse => ("target_id", "source_id"),
        Direction::Either => ("near_id", "far_id"),
    }
}

/// Adds the links to a FROM under this alias. Those of a symmetric type are there once from each end.
pub(super) fn add_links(
    select: &mut SelectStatement,
    relation: &RelationType,
    direction: Direction,
    alias: &str,
) {
    match direction {
        Direction::Forward | Direction::Reverse => {
            select.from_as(relation.table.clone(), alias.to_owned());
        }
        Direction::Either => {
            let mut links = seen_from(relation, "source_id", "target_id");
            let mut turned = seen_from(relation, "target_id", "source_id");
            turned.and_where(Expr::col("source_id").ne(Expr::col("target_id")));
            select.from_subquery(
                links.union(UnionType::All, turned).to_owned(),
                alias.to_owned(),
            );
        }
    }
}

/// Adds the links of records to a FROM under this alias. Those of a symmetric type are looked up at each
/// end, so that the indexes of the ends serve.
pub(super) fn add_links_of(
    select: &mut SelectStatement,
    relation: &RelationType,
    direction: Direction,
    (alias, ids): (&str, &SelectStatement),
) {
    if direction != Direction::Either {
        return add_links(select, relation, direction, alias);
    }
    let side = |near: &'static str, far: &'static str| {
        let mut side = seen_from(relation, near, far);
        side.and_where(Expr::col(near).in_subquery(ids.clone()));
        side
    };
    let mut links = side("source_id", "target_id");
    let mut turned = side("target_id", "source_id");
    turned.and_where(Expr::col("source_id").ne(Expr::col("target_id")));
    select.from_subquery(
        links.union(UnionType::All, turned).to_owned(),
        alias.to_owned(),
    );
}

fn seen_from(relation: &RelationType, near: &'static str, far: &'static str) -> SelectStatement {
    let (near_name, far_name) = ends(Direction::Either);
    let mut select = SelectStatement::new();
    select
        .expr_as(Expr::col(near), near_name)
        .expr_as(Expr::col(far), far_name)
        .column("deleted_at");
    for column in relation.fields.iter().flat_map(|field| &field.columns) {
        select.column(column.name.clone().into_iden());
    }
    select.from(relation.table.clone());
    select
}

/// Which links a write looks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// From which end.
    pub(crate) direction: Direction,
    /// The record at that end, with its type.
    pub(crate) near: (ObjectTypeId, Uuid),
    /// The record at the other one with its type, if it matters.
    pub(crate) far: Option<(ObjectTypeId, Uuid)>,
    /// The period that the links share a day with; of a temporal type.
    pub(crate) period: Option<Period>,
    /// A link that does not count.
    pub(crate) except: Option<Uuid>,
}

/// The days from the first one to before the last one; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Period {
    /// The first day.
    pub(crate) from: Option<Date>,
    /// The day after the last one.
    pub(crate) until: Option<Date>,
}

/// Selects the ids of live links and of the records at their far ends, and at a far end of several types
/// the types of these.
pub(crate) fn find_links(
    catalog: &Catalog,
    dialect: Dialect,
    relation: &RelationType,
    search: Search,
) -> Statement {
    let source = || Expr::col("source_id");
    let target = || Expr::col("target_id");
    let (near_type, near) = search.near;
    let (stands, far) = match search.direction {
        Direction::Forward => (Cond::all().add(source().eq(near)), target()),
        Direction::Reverse => (Cond::all().add(target().eq(near)), source()),
        Direction::Either => {
            let turned = CaseStatement::new()
                .case(source().eq(near), target())
                .finally(source());
            let stands = Cond::any().add(source().eq(near)).add(target().eq(near));
            (stands, turned.into())
        }
    };
    let mut select = SelectStatement::new();
    select
        .column("id")
        .expr(far.clone())
        .from(relation.table.clone())
        .cond_where(stands)
        .and_where(Expr::col("deleted_at").is_null())
        .limit(MOST_LINKS);
    let of_type = |pointer: &Field| {
        let column = pointer.columns.get(1).map(|column| column.name.clone());
        Expr::col(column.unwrap_or_default().into_iden())
    };
    if let Some(pointer) = relation.near_pointer(search.direction) {
        select.and_where(of_type(pointer).eq(near_type.uuid()));
    }
    if let Some(pointer) = relation.far_pointer(search.direction) {
        select.expr(of_type(pointer));
        if let Some((far_type, _)) = search.far {
            select.and_where(of_type(pointer).eq(far_type.uuid()));
        }
    }
    if let Some((_, id)) = search.far {
        select.and_where(far.eq(id));
    }
    if let Some(id) = search.except {
        select.and_where(Expr::col("id").ne(id));
    }
    if let Some(period) = search.period {
        let column = |name: &str| Expr::col(name.to_owned().into_iden());
        overlap((dialect, &column), relation, period, &mut select);
    }
    dialect.render(&select, catalog.version(), Reads::Engine(Why::Integrity))
}

/// Two half-open periods share a day when each begins before the other one ends.
pub(super) fn overlap(
    (dialect, written): (Dialect, &dyn Fn(&str) -> Expr),
    relation: &RelationType,
    period: Period,
    select: &mut SelectStatement,
) {
    let column = |system: SystemField| {
        let field = relation.fields.find_system(system)?;
        Some(written(&field.column().name))
    };
    let bound = |day: Date| dialect.bind(&Value::Date(day), Storage::Date);
    if let (Some(until), Some(begins)) = (period.until, column(SystemField::ValidFrom)) {
        let open = begins.clone().is_null();
        select.cond_where(Cond::any().add(open).add(begins.lt(bound(until))));
    }
    if let (Some(from), Some(ends)) = (period.from, column(SystemField::ValidUntil)) {
        let open = ends.clone().is_null();
        select.cond_where(Cond::any().add(open).add(ends.gt(bound(from))));
    }
}
