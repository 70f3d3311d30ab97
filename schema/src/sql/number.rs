//! Auto numbers as SQL: the counters, and the numbers of rows that were there before the field.

use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, InsertStatement, OnConflict, Order, PostgresQueryBuilder,
    Query, SqliteQueryBuilder, UpdateStatement,
};
use uuid::Uuid;

use crate::{
    change::Numbering,
    error::{Error, Result},
    id::FieldId,
    sql::{Statement, dialect::Dialect},
    value::{Storage, Value},
};

const TABLE: &str = "counters";

impl Dialect {
    /// Draws the next number of a counter. The row is locked until the transaction ends.
    pub(crate) fn draw(self, field: FieldId, period: &str) -> Result<Statement> {
        let next = Expr::col((TABLE, "value")).add(1_i64);
        let conflict = OnConflict::columns(["field_id", "period"])
            .value("value", next)
            .to_owned();
        let mut insert = counter(field, period, 1)?;
        insert.on_conflict(conflict).returning_col("value");
        Ok(self.inserting(&insert))
    }

    /// Sets a counter.
    pub(crate) fn set_counter(self, field: FieldId, period: &str, value: i64) -> Result<Statement> {
        let conflict = OnConflict::columns(["field_id", "period"])
            .update_column("value")
            .to_owned();
        let mut insert = counter(field, period, value)?;
        insert.on_conflict(conflict);
        Ok(self.inserting(&insert))
    }

    /// Selects the counters of a field as they stand.
    pub(crate) fn counters(self, field: FieldId) -> Statement {
        let select = Query::select()
            .columns(["period", "value"])
            .from(TABLE)
            .and_where(Expr::col("field_id").eq(field.uuid()))
            .take();
        self.statement(&select)
    }

    /// Selects id and instant of creation of the next rows, in the order of their ids.
    pub(crate) fn rows_to_number(
        self,
        numbering: &Numbering,
        after: Option<Uuid>,
        limit: u64,
    ) -> Statement {
        let mut select = Query::select()
            .columns(["id", "created_at"])
            .from(numbering.table.clone())
            .order_by("id", Order::Asc)
            .limit(limit)
            .take();
        if let Some(after) = after {
            select.and_where(Expr::col("id").gt(after));
        }
        if numbering.only_missing {
            select.and_where(Expr::col(numbering.column.clone()).is_null());
        }
        self.statement(&select)
    }

    /// Gives several rows their numbers.
    pub(crate) fn set_numbers(
        self,
        numbering: &Numbering,
        numbers: &[(Uuid, String)],
    ) -> Statement {
        let mut case = CaseStatement::new();
        for (id, number) in numbers {
            let number = self.bind(&Value::Text(number.clone()), Storage::Text);
            case = case.case(Expr::col("id").eq(*id), number);
        }
        let ids = numbers.iter().map(|(id, _)| *id);
        let mut update = UpdateStatement::new();
        update
            .table(numbering.table.clone())
            .value(numbering.column.clone(), case)
            .and_where(Expr::col("id").is_in(ids));
        self.updating(&update)
    }

    fn inserting(self, insert: &InsertStatement) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => insert.build(SqliteQueryBuilder),
            Self::Postgres => insert.build(PostgresQueryBuilder),
        };
        Statement::write(text, values)
    }
}

fn counter(field: FieldId, period: &str, value: i64) -> Result<InsertStatement> {
    let mut insert = InsertStatement::new();
    insert
        .into_table(TABLE)
        .columns(["field_id", "period", "value"]);
    let values: [Expr; 3] = [field.uuid().into(), period.into(), value.into()];
    insert
        .values(values)
        .map_err(|error| Error::internal("writing SQL", error))?;
    Ok(insert)
}
