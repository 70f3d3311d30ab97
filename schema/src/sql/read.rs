//! Reads as SQL: one select per level.

use sea_orm::sea_query::{
    Condition as Cond, Expr, ExprTrait, IntoIden, JoinType, NullOrdering, Order, OverStatement,
    SelectStatement, WindowStatement,
};
use uuid::Uuid;

use crate::{
    access::Hop,
    catalog::{Catalog, Subject},
    error::{Error, Result},
    plan::read::{At, Level, ListLevel, OrderKey, Page, Source},
    request::{Count, LIMITS},
    sql::{Reads, Statement, condition::Writer, dialect::Dialect, links},
    value::Value,
};

/// The alias of the rows of a level.
const ROW: &str = "t";
/// The alias of the links of a level.
const LINK: &str = "l";
/// The alias of the parents of a level.
const PARENT: &str = "p";

/// The select of one record.
pub(crate) fn record(catalog: &Catalog, dialect: Dialect, level: &Level) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let mut select = base(&mut writer, level)?;
    columns(&mut writer, level, &mut select, None)?;
    Ok(dialect.render(&select, catalog.version(), Reads::Caller))
}

/// The select of the rows of a list: of all, or of the members of each parent. In the latter case the
/// first column is the id of the parent, and the slots begin after it.
pub(crate) fn rows(
    catalog: &Catalog,
    dialect: Dialect,
    list: &ListLevel,
    parents: Option<&[Uuid]>,
) -> Result<Statement> {
    let mut writer = writer_of(catalog, dialect, parents);
    let mut select = base(&mut writer, &list.level)?;
    let order = order(&mut writer, list)?;
    if let Some(seek) = &list.page.seek {
        select.cond_where(after(
            &list.page,
            &list.order,
            &order,
            dialect,
            (seek, &list.level),
        ));
    }
    let select = match parents {
        None => {
            columns(&mut writer, &list.level, &mut select, None)?;
            order_by(&mut select, list, &order);
            select.limit(u64::from(list.rows_read()));
            select
        }
        Some(parents) if dialect.has_lateral() => {
            lateral(&mut writer, list, select, &order, parents)?
        }
        Some(parents) => window(&mut writer, list, select, &order, parents)?,
    };
    Ok(dialect.render(&select, catalog.version(), Reads::Caller))
}

/// The select of the number of rows of a list; with parents, of one number for each that has any.
pub(crate) fn count(
    catalog: &Catalog,
    dialect: Dialect,
    list: &ListLevel,
    parents: Option<&[Uuid]>,
) -> Result<Statement> {
    let mut writer = writer_of(catalog, dialect, parents);
    // Without the joins: what they show of a row adds and takes no row.
    let mut select = SelectStatement::new();
    from(&mut writer, &list.level, &mut select)?;
    restrict(&mut writer, &list.level, &mut select)?;
    let number = Expr::cust("count(*)");
    let select = match (parents, list.count) {
        (Some(parents), _) => {
            let parent = parent_column(&writer, &list.level)?;
            select.and_where(parent.clone().in_subquery(dialect.ids(parents)));
            select
                .expr(parent.clone())
                .expr(number)
                .add_group_by([parent]);
            select
        }
        (None, Count::Bounded) => {
            select
                .expr(Expr::cust("1"))
                .limit(u64::from(LIMITS.bounded_count) + 1);
            SelectStatement::new()
                .expr(number)
                .from_subquery(select, "bounded")
                .to_owned()
        }
        (None, Count::Exact | Count::None) => {
            select.expr(number);
            select
        }
    };
    Ok(dialect.render(&select, catalog.version(), Reads::Caller))
}

/// Members are found by their parents, all other rows of a list by its conditions.
fn writer_of<'a>(catalog: &'a Catalog, dialect: Dialect, parents: Option<&[Uuid]>) -> Writer<'a> {
    if parents.is_some() {
        Writer::new(catalog, dialect)
    } else {
        Writer::of_search(catalog, dialect)
    }
}

/// FROM, joins and WHERE, without parents.
fn base(writer: &mut Writer<'_>, level: &Level) -> Result<SelectStatement> {
    let mut select = SelectStatement::new();
    from(writer, level, &mut select)?;
    for (at, join) in level.joins.iter().enumerate() {
        let (alias, from) = (alias_of(level, At::Join(at)), alias_of(level, join.from));
        let on = subject_of(level, join.from);
        let reference = writer.visible(on, &from, &join.column, join.visible.as_deref())?;
        let mut condition = Cond::all()
            .add(Expr::col((alias.clone(), "id")).eq(reference))
            .add(Expr::col((alias.clone(), "deleted_at")).is_null());
        if let Some(of_type) = &join.of_type {
            let object = writer
                .dialect
                .bind(&Value::Uuid(join.object.uuid()), of_type.part.storage);
            condition = condition.add(Expr::col((from, of_type.name.clone())).eq(object));
        }
        if !join.rows.is_true() {
            condition = condition.add(writer.condition(
                Subject::Object(join.object),
                &alias,
                &join.rows,
            )?);
        }
        select.join_as(JoinType::LeftJoin, join.table.clone(), alias, condition);
    }
    restrict(writer, level, &mut select)?;
    Ok(select)
}

/// WHERE, without parents. No condition looks at a join.
fn restrict(writer: &mut Writer<'_>, level: &Level, select: &mut SelectStatement) -> Result<()> {
    select.and_where(Expr::col((ROW, "deleted_at")).is_null());
    if let Source::Record(id) = level.source {
        select.and_where(Expr::col((ROW, "id")).eq(id.uuid()));
    }
    for condition in [&level.rows, &level.filter] {
        if !condition.is_true() {
            select.and_where(writer.condition(level.subject, ROW, condition)?);
        }
    }
    Ok(())
}

fn from(writer: &mut Writer<'_>, level: &Level, select: &mut SelectStatement) -> Result<()> {
    let Source::Members {
        hop: Hop::Relation(id, direction),
        links,
    } = &level.source
    else {
        select.from_as(level.table.clone(), ROW);
        return Ok(());
    };
    let relation = writer.catalog.find_relation(*id).ok_or_else(|| {
        Error::internal("writing SQL", "a collection walks an unknown relation type")
    })?;
    let (_, far) = links::ends(*direction);
    let link = link_of(level);
    links::add_links(select, relation, *direction, link);
    if link == LINK {
        select.join_as(
            JoinType::InnerJoin,
            level.table.clone(),
            ROW,
            Expr::col((ROW, "id")).equals((LINK, far)),
        );
        select.and_where(Expr::col((LINK, "deleted_at")).is_null());
    }
    if !links.is_true() {
        select.and_where(writer.condition(Subject::Relation(*id), link, links)?);
    }
    Ok(())
}

/// The column that holds the id of the parent.
fn parent_column(writer: &Writer<'_>, level: &Level) -> Result<Expr> {
    match &level.source {
        Source::Members {
            hop: Hop::Inverse(field),
            ..
        } => {
            let (_, column) = writer.inverse(*field)?;
            Ok(Expr::col((ROW, column.into_iden())))
        }
        Source::Members {
            hop: Hop::Relation(_, direction),
            ..
        } => Ok(Expr::col((link_of(level), links::ends(*direction).0))),
        Source::Table | Source::Record(_) => Err(Error::internal(
            "writing SQL",
            "a list without parents has none",
        )),
    }
}

/// One column of the select, named by its slot where a name is needed.
fn columns(
    writer: &mut Writer<'_>,
    level: &Level,
    select: &mut SelectStatement,
    named: Option<&str>,
) -> Result<()> {
    for (slot, selected) in level.columns.iter().enumerate() {
        let expression = selected_column(writer, level, slot, selected.at)?;
        match named {
            None => select.expr(expression),
            Some(prefix) => select.expr_as(expression, format!("{prefix}{slot}")),
        };
    }
    Ok(())
}

fn selected_column(writer: &mut Writer<'_>, level: &Level, slot: usize, at: At) -> Result<Expr> {
    let selected = &level.columns[slot];
    writer.visible(
        subject_of(level, at),
        &alias_of(level, at),
        &selected.column,
        selected.visible.as_deref(),
    )
}

/// The alias of the links: that of the rows where the members are of several types, for then the level
/// reads the links themselves.
fn link_of(level: &Level) -> &'static str {
    match level.subject {
        Subject::Relation(_) => ROW,
        Subject::Object(_) => LINK,
    }
}

fn alias_of(level: &Level, at: At) -> String {
    match at {
        At::Row => ROW.to_owned(),
        At::Link => link_of(level).to_owned(),
        At::Join(join) => format!("j{join}"),
    }
}

fn subject_of(level: &Level, at: At) -> Subject {
    match (at, &level.source) {
        (At::Join(join), _) => Subject::Object(level.joins[join].object),
        (
            At::Link,
            Source::Members {
                hop: Hop::Relation(id, _),
                ..
            },
        ) => Subject::Relation(*id),
        (At::Row | At::Link, _) => level.subject,
    }
}

/// The expressions of the order keys.
fn order(writer: &mut Writer<'_>, list: &ListLevel) -> Result<Vec<Expr>> {
    list.order
        .iter()
        .map(|key| {
            selected_column(
                writer,
                &list.level,
                key.slot,
                list.level.columns[key.slot].at,
            )
        })
        .collect()
}

fn direction(page: &Page, key: OrderKey) -> Order {
    if key.descending == page.backwards {
        Order::Asc
    } else {
        Order::Desc
    }
}

/// Nulls come last, so first when the page is read from its end.
fn order_by(select: &mut SelectStatement, list: &ListLevel, order: &[Expr]) {
    for (key, expression) in list.order.iter().zip(order) {
        let direction = direction(&list.page, *key);
        if key.nullable {
            let nulls = if list.page.backwards {
                NullOrdering::First
            } else {
                NullOrdering::Last
            };
            select.order_by_expr_with_nulls(expression.clone(), direction, nulls);
        } else {
            select.order_by_expr(expression.clone(), direction);
        }
    }
}

/// The rows behind the record that a page continues at.
fn after(
    page: &Page,
    keys: &[OrderKey],
    order: &[Expr],
    dialect: Dialect,
    (seek, level): (&[Value], &Level),
) -> Cond {
    let bound =
        |at: usize| dialect.bind(&seek[at], level.columns[keys[at].slot].column.part.storage);
    let ascending = |at: usize| keys[at].descending == page.backwards;
    let uniform = keys
        .iter()
        .enumerate()
        .all(|(at, key)| !key.nullable && ascending(at) == ascending(0));
    if uniform && keys.len() > 1 {
        // A comparison of rows lets one index serve filter and order.
        let left = Expr::tuple(order.iter().cloned());
        let right = Expr::tuple((0..keys.len()).map(bound));
        return Cond::all().add(if ascending(0) {
            left.gt(right)
        } else {
            left.lt(right)
        });
    }
    let mut any = Cond::any();
    for at in 0..keys.len() {
        let Some(behind) = behind(
            &order[at],
            bound(at),
            (&seek[at], keys[at], ascending(at), page.backwards),
        ) else {
            continue;
        };
        let mut all = Cond::all();
        for before in 0..at {
            all = all.add(if seek[before].is_null() {
                order[before].clone().is_null()
            } else {
                order[before].clone().eq(bound(before))
            });
        }
        any = any.add(all.add(behind));
    }
    any
}

/// What is strictly behind one value of one key; `None` when nothing is.
fn behind(
    expression: &Expr,
    bound: Expr,
    (value, key, ascending, backwards): (&Value, OrderKey, bool, bool),
) -> Option<Cond> {
    if value.is_null() {
        // Nulls are last: nothing is behind them forwards, every value is behind them backwards.
        return backwards.then(|| Cond::all().add(expression.clone().is_not_null()));
    }
    let further = if ascending {
        expression.clone().gt(bound)
    } else {
        expression.clone().lt(bound)
    };
    let mut any = Cond::any().add(further);
    if key.nullable && !backwards {
        any = any.add(expression.clone().is_null());
    }
    Some(any)
}

/// PostgreSQL: for each parent a lateral select, cut by itself.
fn lateral(
    writer: &mut Writer<'_>,
    list: &ListLevel,
    mut select: SelectStatement,
    order: &[Expr],
    parents: &[Uuid],
) -> Result<SelectStatement> {
    select.and_where(parent_column(writer, &list.level)?.equals((PARENT, "id")));
    columns(writer, &list.level, &mut select, Some("c"))?;
    order_by(&mut select, list, order);
    select.limit(u64::from(list.rows_read()));
    let mut outer = SelectStatement::new();
    outer.column((PARENT, "id"));
    for slot in 0..list.level.columns.len() {
        outer.column(("m", format!("c{slot}").into_iden()));
    }
    outer
        .from_subquery(writer.dialect.ids(parents), PARENT)
        .join_lateral(JoinType::InnerJoin, select, "m", Expr::cust("TRUE"));
    Ok(outer)
}

/// SQLite: the rows of all parents, numbered for each parent, and cut by the number.
fn window(
    writer: &mut Writer<'_>,
    list: &ListLevel,
    mut select: SelectStatement,
    order: &[Expr],
    parents: &[Uuid],
) -> Result<SelectStatement> {
    let parent = parent_column(writer, &list.level)?;
    select.and_where(parent.clone().in_subquery(writer.dialect.ids(parents)));
    select.expr_as(parent.clone(), "p");
    columns(writer, &list.level, &mut select, Some("c"))?;
    let mut number = WindowStatement::new();
    number.add_partition_by(parent);
    for (key, expression) in list.order.iter().zip(order) {
        let direction = direction(&list.page, *key);
        let nulls = if list.page.backwards {
            NullOrdering::First
        } else {
            NullOrdering::Last
        };
        number.order_by_expr_with_nulls(expression.clone(), direction, nulls);
    }
    select.expr_window_as(Expr::cust("row_number()"), number, "n");
    let mut outer = SelectStatement::new();
    outer.column("p");
    for slot in 0..list.level.columns.len() {
        outer.column(format!("c{slot}").into_iden());
    }
    outer
        .from_subquery(select, "m")
        .and_where(Expr::col("n").lte(i64::from(list.rows_read())))
        .order_by("n", Order::Asc);
    Ok(outer)
}
