//! Computed fields as SQL: who depends on a change, what their values are now, the aggregates of
//! members, and the new values of many records in one statement.

use sea_orm::sea_query::{
    Expr, ExprTrait, Func, JoinType, LockType, Order, PostgresQueryBuilder, SelectStatement,
    SqliteQueryBuilder, TableRef, UnionType, UpdateStatement,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    access::Hop,
    catalog::{Catalog, Column, Direction, Subject},
    error::{Error, Result},
    field_type::RollupFunction,
    plan::{
        derivation::Step,
        rollup::{Members, Reads, Rollup},
    },
    sql::{self, Statement, Why, condition::Writer, dialect::Dialect, links},
    value::{Storage, Value},
};

/// The alias of the rows that are written.
const ROW: &str = "t";
/// The alias of the members of a rollup.
const MEMBER: &str = "m";
/// The alias of the links to them.
const LINK: &str = "l";
/// The alias of the new values.
const NEW: &str = "n";
/// Sums of more digits than 64 bits hold are added up in two halves on SQLite.
const HALF: i64 = 1_000_000_000;

/// Selects the records that one step leads to, in order, those behind `after`. Records on the way must
/// be there; that with which a way begins may have been deleted just now.
pub(crate) fn step(
    catalog: &Catalog,
    dialect: Dialect,
    (step, is_first): (Step, bool),
    ids: &[Uuid],
    (after, limit): (Option<Uuid>, u64),
) -> Result<Statement> {
    let leg = |table: &str, from: &str, to: &str, is_live| {
        leg((table, from, to), is_live, |from| {
            from.in_subquery(dialect.ids(ids))
        })
    };
    let legs = match step {
        Step::Target(field) => {
            let (object, field) = catalog.find_reference(field).ok_or_else(gone)?;
            vec![leg(&object.table, "id", &field.column().name, !is_first)]
        }
        Step::Referrers(field) => {
            let (table, field) = catalog.find_pointing(field).ok_or_else(gone)?;
            vec![leg(table, &field.column().name, "id", true)]
        }
        Step::End(relation, direction) => {
            let relation = catalog.find_relation(relation).ok_or_else(gone)?;
            let ends = near_and_far(direction).iter();
            ends.map(|(near, _)| leg(&relation.table, "id", near, !is_first))
                .collect()
        }
        Step::Linked(relation, direction) => {
            let relation = catalog.find_relation(relation).ok_or_else(gone)?;
            let ends = near_and_far(direction).iter();
            ends.map(|(near, far)| leg(&relation.table, far, near, true))
                .collect()
        }
    };
    paged(catalog, dialect, legs, (after, limit))
}

/// The tables in which the records are that a step leads to.
pub(crate) fn tables_behind(catalog: &Catalog, step: Step) -> Result<Vec<&str>> {
    let tables = match step {
        Step::Target(field) => {
            let (_, field) = catalog.find_reference(field).ok_or_else(gone)?;
            let targets = catalog.targets(field).into_iter();
            targets.map(|object| object.table.as_str()).collect()
        }
        Step::Referrers(field) => vec![catalog.find_pointing(field).ok_or_else(gone)?.0],
        Step::End(relation, direction) | Step::Linked(relation, direction) => {
            let relation = catalog.find_relation(relation).ok_or_else(gone)?;
            let types = relation.far(direction.reversed()).types();
            let objects = types.filter_map(|of_type| catalog.find_object(of_type));
            objects.map(|object| object.table.as_str()).collect()
        }
    };
    Ok(tables)
}

/// The columns of the near and the far end, once for each end from which links are walked.
pub(super) fn near_and_far(direction: Direction) -> &'static [(&'static str, &'static str)] {
    match direction {
        Direction::Forward => &[("source_id", "target_id")],
        Direction::Reverse => &[("target_id", "source_id")],
        Direction::Either => &[("source_id", "target_id"), ("target_id", "source_id")],
    }
}

/// Selects one column of the rows of which another one fits.
pub(super) fn leg(
    (table, from, to): (&str, &str, &str),
    is_live: bool,
    fits: impl FnOnce(Expr) -> Expr,
) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .distinct()
        .expr_as(Expr::col((ROW, to.to_owned())), "id")
        .from_as(table.to_owned(), ROW)
        .and_where(fits(Expr::col((ROW, from.to_owned()))))
        .and_where(Expr::col((ROW, to.to_owned())).is_not_null());
    if is_live {
        select.and_where(Expr::col((ROW, "deleted_at")).is_null());
    }
    select
}

/// The ids that several selects give, each once and in order, those behind `after`.
pub(super) fn paged(
    catalog: &Catalog,
    dialect: Dialect,
    legs: Vec<SelectStatement>,
    (after, limit): (Option<Uuid>, u64),
) -> Result<Statement> {
    let mut legs = legs.into_iter();
    let mut all = legs.next().ok_or_else(gone)?;
    for leg in legs {
        all.union(UnionType::Distinct, leg);
    }
    let mut select = SelectStatement::new();
    select
        .column((NEW, "id"))
        .from_subquery(all, NEW)
        .order_by((NEW, "id"), Order::Asc)
        .limit(limit);
    if let Some(after) = after {
        select.and_where(Expr::col((NEW, "id")).gt(after));
    }
    Ok(dialect.render(
        &select,
        catalog.version(),
        sql::Reads::Engine(Why::Computing),
    ))
}

/// Selects id, version and columns of live records in the order of their ids. With `lock` nobody else
/// writes them, nor computes anything for them, until the transaction ends.
pub(crate) fn stored(
    catalog: &Catalog,
    dialect: Dialect,
    table: &str,
    ids: &[Uuid],
    (columns, lock): (&[&Column], bool),
) -> Statement {
    let mut select = SelectStatement::new();
    select.columns([(ROW, "id"), (ROW, "version")]);
    for column in columns {
        select.column((ROW, column.name.clone()));
    }
    select
        .from_as(table.to_owned(), ROW)
        .and_where(Expr::col((ROW, "id")).in_subquery(dialect.ids(ids)))
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), Order::Asc);
    if lock && dialect.has_row_locks() {
        select.lock_with_tables(LockType::NoKeyUpdate, [ROW]);
    }
    dialect.render(
        &select,
        catalog.version(),
        sql::Reads::Engine(Why::Computing),
    )
}

/// Selects the ids of the next live records of a type that were created at an instant or later.
pub(crate) fn live_since(
    catalog: &Catalog,
    dialect: Dialect,
    subject: Subject,
    ((after, limit), since): ((Option<Uuid>, u64), Option<OffsetDateTime>),
) -> Result<Statement> {
    let mut select = SelectStatement::new();
    select
        .column((ROW, "id"))
        .from_as(sql::expression::table(catalog, subject)?, ROW)
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), Order::Asc)
        .limit(limit);
    if let Some(after) = after {
        select.and_where(Expr::col((ROW, "id")).gt(after));
    }
    if let Some(since) = since {
        let since = dialect.bind(&Value::Instant(since), Storage::Instant);
        select.and_where(Expr::col((ROW, "created_at")).gte(since));
    }
    Ok(dialect.render(
        &select,
        catalog.version(),
        sql::Reads::Engine(Why::Computing),
    ))
}

/// How the cells of one rollup follow each other in a row of [`aggregates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// The number of members.
    Count,
    /// The number of values, then their sum.
    Sum,
    /// The least or the greatest value.
    Extreme,
}

impl Cells {
    /// The cells of a function.
    pub(crate) fn of(function: RollupFunction) -> Self {
        match function {
            RollupFunction::Count => Self::Count,
            RollupFunction::Sum | RollupFunction::Avg => Self::Sum,
            RollupFunction::Min | RollupFunction::Max => Self::Extreme,
        }
    }
}

/// Selects for each of the records that has members at all its id, then for each of the rollups, all of
/// which look at the same members, its cells. Of money the least and the greatest currency follow, then the
/// cells of the amounts in the base currency, and how many amounts have none.
pub(crate) fn aggregates(
    catalog: &Catalog,
    dialect: Dialect,
    (members, rollups): (&Members, &[&Rollup]),
    (ids, today): (&[Uuid], Date),
) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let table = catalog.subject_table(members.target).ok_or_else(gone)?;
    let mut select = SelectStatement::new();
    // Members of several types are looked at through the link.
    let link = match members.target {
        Subject::Object(_) => LINK,
        Subject::Relation(_) => MEMBER,
    };
    let near = match members.hop {
        Hop::Inverse(field) => {
            let (_, column) = writer.inverse(field)?;
            select.from_as(table.to_owned(), MEMBER);
            Expr::col((MEMBER, column))
        }
        Hop::Relation(id, direction) => {
            let relation = catalog.find_relation(id).ok_or_else(gone)?;
            let (near, far) = links::ends(direction);
            links::add_links_of(&mut select, relation, direction, (link, &dialect.ids(ids)));
            if link == LINK {
                select.join_as(
                    JoinType::InnerJoin,
                    table.to_owned(),
                    MEMBER,
                    Expr::col((MEMBER, "id")).equals((LINK, far)),
                );
                select.and_where(Expr::col((LINK, "deleted_at")).is_null());
            }
            let of_link = members.links_on(today);
            if !of_link.is_true() {
                select.and_where(writer.condition(Subject::Relation(id), link, &of_link)?);
            }
            Expr::col((link, near))
        }
    };
    select
        .expr(near.clone())
        .and_where(near.clone().in_subquery(dialect.ids(ids)))
        .and_where(Expr::col((MEMBER, "deleted_at")).is_null())
        .add_group_by([near]);
    if !members.inner.is_true() {
        select.and_where(writer.condition(members.target, MEMBER, &members.inner)?);
    }
    for rollup in rollups {
        for cell in cells(dialect, rollup, link) {
            select.expr(cell);
        }
    }
    Ok(dialect.render(
        &select,
        catalog.version(),
        sql::Reads::Engine(Why::Computing),
    ))
}

fn cells(dialect: Dialect, rollup: &Rollup, link: &'static str) -> Vec<Expr> {
    let Some((field, is_of_link)) = &rollup.operand else {
        return vec![Expr::cust("count(*)")];
    };
    let alias = if *is_of_link { link } else { MEMBER };
    let column = |at: usize| {
        let name = field.columns.get(at).map(|column| column.name.clone());
        Expr::col((alias, name.unwrap_or_default()))
    };
    let own = |at| dialect.cells_of(rollup.function, column(at));
    let mut cells = match rollup.reads {
        Reads::Value | Reads::Money(_) => own(0),
        Reads::BaseAmount(base) => own(base),
    };
    if let Reads::Money(base) = rollup.reads {
        cells.push(Func::min(column(1)).into());
        cells.push(Func::max(column(1)).into());
        cells.extend(own(base));
    }
    if let Reads::Money(base) | Reads::BaseAmount(base) = rollup.reads {
        let amounts: Expr = Func::count(column(0)).into();
        cells.push(amounts.sub(Func::count(column(base))));
    }
    cells
}

impl Dialect {
    /// Takes all values of a column away.
    pub(crate) fn clear(self, table: &str, column: &str) -> Statement {
        let mut update = UpdateStatement::new();
        update
            .table(table.to_owned())
            .value(column.to_owned(), Expr::cust("NULL"))
            .and_where(Expr::col(column.to_owned()).is_not_null());
        let (text, values) = match self {
            Self::Sqlite => update.build(SqliteQueryBuilder),
            Self::Postgres => update.build(PostgresQueryBuilder),
        };
        Statement::write(text, values)
    }

    /// The cells of a function over a column.
    fn cells_of(self, function: RollupFunction, value: Expr) -> Vec<Expr> {
        match function {
            RollupFunction::Count => vec![Expr::cust("count(*)")],
            RollupFunction::Sum | RollupFunction::Avg => {
                let mut cells = vec![Func::count(value.clone()).into()];
                cells.extend(self.sum(value));
                cells
            }
            RollupFunction::Min => vec![Func::min(value).into()],
            RollupFunction::Max => vec![Func::max(value).into()],
        }
    }

    /// The exact sum of a column in the cells that `Row::sum` reads.
    fn sum(self, value: Expr) -> Vec<Expr> {
        match self {
            // Of integers that PostgreSQL adds up a numeric comes in any case.
            Self::Postgres => vec![Func::sum(value.cast_as("numeric")).into()],
            Self::Sqlite => vec![
                Func::sum(value.clone().div(HALF)).into(),
                Func::sum(value.modulo(HALF)).into(),
            ],
        }
    }

    /// The sum of the halves in which [`Self::sum`] adds up on SQLite.
    pub(crate) fn whole_sum(high: i64, low: i64) -> i128 {
        i128::from(high) * i128::from(HALF) + i128::from(low)
    }
}

/// The new values of one record, in the order of the columns.
#[derive(Debug)]
pub(crate) struct NewValues {
    pub(crate) id: Uuid,
    pub(crate) values: Vec<Value>,
}

/// Stores new values of several records and, where it is `raised`, a new version of each.
pub(crate) fn store(
    catalog: &Catalog,
    dialect: Dialect,
    (table, columns): (&str, &[&Column]),
    records: &[NewValues],
    raised: bool,
) -> Option<Statement> {
    let row = |record: &NewValues| {
        let mut select = SelectStatement::new();
        select.expr_as(dialect.bind(&Value::Uuid(record.id), Storage::Uuid), "id");
        for (at, (column, value)) in columns.iter().zip(&record.values).enumerate() {
            select.expr_as(dialect.assign(value, column.part.storage), format!("c{at}"));
        }
        select
    };
    let mut rows = records.iter().map(row);
    let mut new = rows.next()?;
    for row in rows {
        new.union(UnionType::All, row);
    }
    let mut update = UpdateStatement::new();
    update.table(table.to_owned());
    for (at, column) in columns.iter().enumerate() {
        update.value(column.name.clone(), Expr::col((NEW, format!("c{at}"))));
    }
    if raised {
        let version = Expr::col((table.to_owned(), "version"));
        update.value("version", version.add(Expr::cust("1")));
    }
    update
        .from(TableRef::SubQuery(Box::new(new), NEW.into()))
        .and_where(Expr::col((table.to_owned(), "id")).equals((NEW, "id")));
    Some(built(dialect, &update, catalog))
}

/// Raises the versions of records.
pub(crate) fn raise(catalog: &Catalog, dialect: Dialect, table: &str, ids: &[Uuid]) -> Statement {
    let mut update = UpdateStatement::new();
    update
        .table(table.to_owned())
        .value("version", Expr::col("version").add(Expr::cust("1")))
        .and_where(Expr::col("id").in_subquery(dialect.ids(ids)));
    built(dialect, &update, catalog)
}

fn built(dialect: Dialect, update: &UpdateStatement, catalog: &Catalog) -> Statement {
    let (text, values) = match dialect {
        Dialect::Sqlite => update.build(SqliteQueryBuilder),
        Dialect::Postgres => update.build(PostgresQueryBuilder),
    };
    Statement::write(text, values).versioned(catalog.version())
}

fn gone() -> Error {
    Error::internal("writing SQL", "a computed field walks what does not exist")
}
