//! What expressions read, as SQL: one select for the inputs of any number of expressions of one type,
//! with system rights, and the update that stores what was computed.

use std::collections::HashMap;

use sea_orm::sea_query::{
    Condition as Cond, Expr, ExprTrait, JoinType, Order, PostgresQueryBuilder, SelectStatement,
    SqliteQueryBuilder, UpdateStatement,
};
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Column, Field, Subject},
    error::{Error, Result},
    expression::Path,
    id::FieldId,
    sql::{Reads, Statement, Why, dialect::Dialect, write::Assignment},
};

/// The alias of the row.
const ROW: &str = "t";

/// Selects of each of the rows its id, then for each path the columns of its field. What is behind a
/// reference to a deleted record is missing. Gives also the fields, in the order of the paths.
pub(crate) fn inputs(
    catalog: &Catalog,
    dialect: Dialect,
    (subject, paths): (Subject, &[Path]),
    ids: &[Uuid],
) -> Result<(Statement, Vec<std::sync::Arc<Field>>)> {
    let mut select = SelectStatement::new();
    select.column((ROW, "id"));
    let mut joins = Joins {
        catalog,
        select: &mut select,
        aliases: HashMap::new(),
    };
    let mut fields = Vec::with_capacity(paths.len());
    for path in paths {
        let (alias, owner) = joins.follow(subject, &path.references)?;
        let field = field(catalog, owner, path.field)?;
        for column in &field.columns {
            joins.select.column((alias.clone(), column.name.clone()));
        }
        fields.push(std::sync::Arc::clone(field));
    }
    select
        .from_as(table(catalog, subject)?, ROW)
        .and_where(Expr::col((ROW, "id")).in_subquery(dialect.ids(ids)))
        .order_by((ROW, "id"), Order::Asc);
    Ok((
        dialect.render(&select, catalog.version(), Reads::Engine(Why::Computing)),
        fields,
    ))
}

struct Joins<'a> {
    catalog: &'a Catalog,
    select: &'a mut SelectStatement,
    aliases: HashMap<Vec<FieldId>, (String, Subject)>,
}

impl Joins<'_> {
    /// The alias of the record at the end of references, and its type.
    fn follow(&mut self, subject: Subject, references: &[FieldId]) -> Result<(String, Subject)> {
        let Some((last, before)) = references.split_last() else {
            return Ok((ROW.to_owned(), subject));
        };
        if let Some(known) = self.aliases.get(references) {
            return Ok(known.clone());
        }
        let (from, owner) = self.follow(subject, before)?;
        let reference = field(self.catalog, owner, *last)?;
        let target = Subject::Object(reference.target().ok_or_else(gone)?);
        let alias = format!("r{}", self.aliases.len());
        let condition = Cond::all()
            .add(Expr::col((alias.clone(), "id")).equals((from, reference.column().name.clone())))
            .add(Expr::col((alias.clone(), "deleted_at")).is_null());
        let table = table(self.catalog, target)?;
        self.select
            .join_as(JoinType::LeftJoin, table, alias.clone(), condition);
        self.aliases
            .insert(references.to_vec(), (alias.clone(), target));
        Ok((alias, target))
    }
}

/// Sets columns of a row whose version a write has raised.
pub(crate) fn set(
    catalog: &Catalog,
    dialect: Dialect,
    (subject, id): (Subject, Uuid),
    assignments: &[Assignment<'_>],
) -> Result<Statement> {
    let mut update = UpdateStatement::new();
    update.table(table(catalog, subject)?);
    for assignment in assignments {
        update.value(
            assignment.column.to_owned(),
            dialect.assign(&assignment.value, assignment.storage),
        );
    }
    update.and_where(Expr::col("id").eq(id));
    let (text, values) = match dialect {
        Dialect::Sqlite => update.build(SqliteQueryBuilder),
        Dialect::Postgres => update.build(PostgresQueryBuilder),
    };
    Ok(Statement::write(text, values).versioned(catalog.version()))
}

/// Selects the ids of the next live rows of a type.
pub(crate) fn live_after(
    catalog: &Catalog,
    dialect: Dialect,
    subject: Subject,
    (after, limit): (Option<Uuid>, u64),
) -> Result<Statement> {
    let mut select = SelectStatement::new();
    select
        .column((ROW, "id"))
        .from_as(table(catalog, subject)?, ROW)
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), Order::Asc)
        .limit(limit);
    if let Some(after) = after {
        select.and_where(Expr::col((ROW, "id")).gt(after));
    }
    Ok(dialect.render(&select, catalog.version(), Reads::Engine(Why::Computing)))
}

/// The assignments of a field's columns.
pub(crate) fn assign<'f>(
    field: &'f Field,
    values: &'f [crate::value::Value],
) -> impl Iterator<Item = Assignment<'f>> {
    let cell = |(column, value): (&'f Column, &crate::value::Value)| {
        Assignment::new(&column.name, column.part.storage, value.clone())
    };
    field.columns.iter().zip(values).map(cell)
}

/// The table of a type.
pub(crate) fn table(catalog: &Catalog, subject: Subject) -> Result<String> {
    match subject {
        Subject::Object(id) => catalog.find_object(id).map(|object| object.table.clone()),
        Subject::Relation(id) => catalog.find_relation(id).map(|it| it.table.clone()),
    }
    .ok_or_else(gone)
}

fn field(catalog: &Catalog, owner: Subject, id: FieldId) -> Result<&std::sync::Arc<Field>> {
    let fields = catalog.subject_fields(owner).ok_or_else(gone)?;
    fields.find_by_id(id).ok_or_else(gone)
}

fn gone() -> Error {
    Error::internal("writing SQL", "an expression reads what does not exist")
}
