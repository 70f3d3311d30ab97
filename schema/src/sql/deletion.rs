//! Deletions that take other records along, as SQL: what hangs on deleted records, many rows marked at
//! once, and which records come back with which.

use sea_orm::sea_query::{
    CaseStatement, Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, JoinType, LockType,
    Order, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder, UpdateStatement,
};
use time::Date;
use uuid::Uuid;

use crate::{
    access::Condition,
    catalog::{
        Catalog, Column, Direction, Field, ObjectType, RelationType, Subject, SystemField, Way,
    },
    error::{Error, Result},
    id::ObjectTypeId,
    sql::{
        Reads, Sight, Statement, Why,
        condition::Writer,
        dialect::Dialect,
        links,
        write::{Assignment, Lock, RowState},
    },
    value::{Storage, Value},
};

/// The alias of the rows that are looked at.
const ROW: &str = "t";
/// The alias of the links to them.
const LINK: &str = "l";
/// Which records were deleted because of which.
const CASCADED: &str = "cascaded_deletions";

/// Rows of one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// Their type.
    pub(crate) object: ObjectTypeId,
    /// Their table.
    pub(crate) table: &'a str,
    /// Their ids.
    pub(crate) ids: &'a [Uuid],
    /// Whether they are live; others are left out.
    pub(crate) state: RowState,
}

/// What must hold of the records that hang on others, and of the links to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Of the record.
    pub(crate) record: Sight<'a>,
    /// Of the link; true for references.
    pub(crate) link: &'a Condition,
}

/// Selects the live records that hang on these in this way, each with the one that it hangs on, in the
/// order of their ids. Links that are over by `today` do not count.
pub(crate) fn hanging(
    catalog: &Catalog,
    dialect: Dialect,
    (way, of, ids): (Way, ObjectTypeId, &[Uuid]),
    scope: Scope<'_>,
    (today, limit): (Date, u64),
) -> Result<Statement> {
    let mut writer = Writer::new(catalog, dialect);
    let mut select = SelectStatement::new();
    let (subject, on) = match way {
        Way::Reference(object, field) => {
            let object = catalog.find_object(object).ok_or_else(gone)?;
            let field = object.fields.find_by_id(field).ok_or_else(gone)?;
            select.from_as(object.table.clone(), ROW);
            if let Some(of_type) = pointed_type(field) {
                let of_type = Expr::col((ROW, of_type.name.clone()));
                select.and_where(of_type.eq(of.uuid()));
            }
            let on = Expr::col((ROW, field.column().name.clone()));
            (Subject::Object(object.id), on)
        }
        Way::Links(relation, direction, far) => {
            let relation = catalog.find_relation(relation).ok_or_else(gone)?;
            let far = catalog.find_object(far).ok_or_else(gone)?;
            let (near_column, far_column) = links::ends(direction);
            links::add_links(&mut select, relation, direction, LINK);
            select
                .distinct()
                .join_as(
                    JoinType::InnerJoin,
                    far.table.clone(),
                    ROW,
                    Expr::col((ROW, "id")).equals((LINK, far_column)),
                )
                .and_where(Expr::col((LINK, "deleted_at")).is_null());
            if let Some(until) = relation.fields.find_system(SystemField::ValidUntil) {
                let until = Expr::col((LINK, until.column().name.clone()));
                let today = dialect.bind(&Value::Date(today), Storage::Date);
                let open = Cond::any()
                    .add(until.clone().is_null())
                    .add(until.gt(today));
                select.cond_where(open);
            }
            for of_type in between((relation, direction), (of, far.id)) {
                select.and_where(of_type);
            }
            if !scope.link.is_true() {
                let subject = Subject::Relation(relation.id);
                select.and_where(writer.condition(subject, LINK, scope.link)?);
            }
            (Subject::Object(far.id), Expr::col((LINK, near_column)))
        }
    };
    select
        .expr(Expr::col((ROW, "id")))
        .expr(on.clone())
        .and_where(on.in_subquery(dialect.ids(ids)))
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), Order::Asc)
        .limit(limit);
    if let Some(record) = scope.record.condition() {
        select.and_where(writer.condition(subject, ROW, record)?);
    }
    Ok(dialect.render(&select, catalog.version(), scope.record.reads()))
}

/// The links between records of these types, where others can stand at the ends too.
fn between(
    (relation, direction): (&RelationType, Direction),
    (near, far): (ObjectTypeId, ObjectTypeId),
) -> impl Iterator<Item = Expr> {
    let ends = [
        (relation.near_pointer(direction), near),
        (relation.far_pointer(direction), far),
    ];
    ends.into_iter().filter_map(|(pointer, object)| {
        let of_type = pointed_type(pointer?)?;
        Some(Expr::col((LINK, of_type.name.clone())).eq(object.uuid()))
    })
}

/// The column with the type of the target, of a reference to several types.
fn pointed_type(field: &Field) -> Option<&Column> {
    field.columns.get(1).filter(|_| field.is_polymorphic())
}

/// Selects of each row its version, the columns, 1 or 0 whether the condition holds, and its id; in the
/// order of their ids.
pub(crate) fn rows(
    catalog: &Catalog,
    dialect: Dialect,
    rows: Rows<'_>,
    (columns, flag, lock): (&[&Column], &Condition, Lock),
) -> Result<Statement> {
    let subject = Subject::Object(rows.object);
    let holds = Writer::new(catalog, dialect).condition(subject, ROW, flag)?;
    let flag = CaseStatement::new()
        .case(holds, Expr::cust("1"))
        .finally(Expr::cust("0"));
    let mut select = SelectStatement::new();
    select.column((ROW, "version"));
    for column in columns {
        select.column((ROW, column.name.clone()));
    }
    let deleted = Expr::col((ROW, "deleted_at"));
    select
        .expr(flag)
        .column((ROW, "id"))
        .from_as(rows.table.to_owned(), ROW)
        .and_where(Expr::col((ROW, "id")).in_subquery(dialect.ids(rows.ids)))
        .and_where(match rows.state {
            RowState::Live => deleted.is_null(),
            RowState::Deleted => deleted.is_not_null(),
        })
        .order_by((ROW, "id"), Order::Asc);
    if dialect.has_row_locks() {
        match lock {
            Lock::Change => select.lock_with_tables(LockType::NoKeyUpdate, [ROW]),
            Lock::Keep => select.lock_with_tables(LockType::Share, [ROW]),
            Lock::None => &mut select,
        };
    }
    Ok(dialect.render(&select, catalog.version(), Reads::Engine(Why::Integrity)))
}

/// Gives all rows these values and raises their versions.
pub(crate) fn update_rows(
    catalog: &Catalog,
    dialect: Dialect,
    rows: Rows<'_>,
    assignments: &[Assignment<'_>],
) -> Statement {
    let mut update = UpdateStatement::new();
    update.table(rows.table.to_owned());
    update.value("version", Expr::col("version").add(Expr::cust("1")));
    for assignment in assignments {
        let value = dialect.assign(&assignment.value, assignment.storage);
        update.value(assignment.column.to_owned(), value);
    }
    update.and_where(Expr::col("id").in_subquery(dialect.ids(rows.ids)));
    let (text, values) = match dialect {
        Dialect::Sqlite => update.build(SqliteQueryBuilder),
        Dialect::Postgres => update.build(PostgresQueryBuilder),
    };
    Statement::write(text, values).versioned(catalog.version())
}

/// A record that went because of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fallen {
    /// Its type.
    pub(crate) object: ObjectTypeId,
    /// Its id.
    pub(crate) id: Uuid,
    /// The record because of which it went, and its type.
    pub(crate) cause: (ObjectTypeId, Uuid),
    /// Whether it is a part of that one.
    pub(crate) owned: bool,
}

/// Keeps which records went because of which.
pub(crate) fn keep_causes(
    catalog: &Catalog,
    dialect: Dialect,
    fallen: &[Fallen],
) -> Result<Statement> {
    let mut insert = InsertStatement::new();
    insert.into_table(CASCADED).columns([
        "object_id",
        "record_id",
        "cause_object_id",
        "cause_id",
        "owned",
    ]);
    for one in fallen {
        let values: Vec<Expr> = vec![
            one.object.uuid().into(),
            one.id.into(),
            one.cause.0.uuid().into(),
            one.cause.1.into(),
            i64::from(one.owned).into(),
        ];
        insert
            .values(values)
            .map_err(|error| Error::internal("writing SQL", error))?;
    }
    let (text, values) = match dialect {
        Dialect::Sqlite => insert.build(SqliteQueryBuilder),
        Dialect::Postgres => insert.build(PostgresQueryBuilder),
    };
    Ok(Statement::write(text, values).versioned(catalog.version()))
}

/// Selects type, id, cause and its type of the records that went because of these, and whether they are
/// parts of them.
pub(crate) fn caused_by(
    catalog: &Catalog,
    dialect: Dialect,
    causes: &[Uuid],
    limit: u64,
) -> Statement {
    let mut select = SelectStatement::new();
    select
        .columns([
            "object_id",
            "record_id",
            "cause_object_id",
            "cause_id",
            "owned",
        ])
        .from(CASCADED)
        .and_where(Expr::col("cause_id").in_subquery(dialect.ids(causes)))
        .order_by("record_id", Order::Asc)
        .limit(limit);
    dialect.render(&select, catalog.version(), Reads::Engine(Why::System))
}

/// Forgets because of which these records went: they are back.
pub(crate) fn forget_causes(
    catalog: &Catalog,
    dialect: Dialect,
    (object, ids): (ObjectTypeId, &[Uuid]),
) -> Statement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(CASCADED)
        .and_where(Expr::col("object_id").eq(object.uuid()))
        .and_where(Expr::col("record_id").in_subquery(dialect.ids(ids)));
    let (text, values) = match dialect {
        Dialect::Sqlite => delete.build(SqliteQueryBuilder),
        Dialect::Postgres => delete.build(PostgresQueryBuilder),
    };
    Statement::write(text, values).versioned(catalog.version())
}

/// Selects the ids of the live records of one type that these rows point at, and locks them.
pub(crate) fn pointed_at(
    catalog: &Catalog,
    dialect: Dialect,
    rows: Rows<'_>,
    (field, target): (&Field, &ObjectType),
    lock: Lock,
) -> Statement {
    let mut owned = SelectStatement::new();
    owned
        .column(field.column().name.clone())
        .from(rows.table.to_owned())
        .and_where(Expr::col("id").in_subquery(dialect.ids(rows.ids)));
    if let Some(of_type) = pointed_type(field) {
        owned.and_where(Expr::col(of_type.name.clone()).eq(target.id.uuid()));
    }
    let mut select = SelectStatement::new();
    select
        .column((ROW, "id"))
        .from_as(target.table.clone(), ROW)
        .and_where(Expr::col((ROW, "id")).in_subquery(owned))
        .and_where(Expr::col((ROW, "deleted_at")).is_null())
        .order_by((ROW, "id"), Order::Asc);
    match lock {
        Lock::Change if dialect.has_row_locks() => {
            select.lock_with_tables(LockType::NoKeyUpdate, [ROW]);
        }
        Lock::Keep if dialect.has_row_locks() => {
            select.lock_with_tables(LockType::Share, [ROW]);
        }
        Lock::Change | Lock::Keep | Lock::None => {}
    }
    dialect.render(&select, catalog.version(), Reads::Engine(Why::Lock))
}

fn gone() -> Error {
    Error::internal("writing SQL", "a bond is by something that does not exist")
}
