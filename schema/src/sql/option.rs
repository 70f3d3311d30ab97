//! An option that takes the place of another one, as SQL: the rows that use it, and each one's update.

use sea_orm::sea_query::{Expr, ExprTrait, Query, UpdateStatement};
use uuid::Uuid;

use crate::{
    change::Replacement,
    sql::{Statement, dialect::Dialect},
    value::Value,
};

impl Dialect {
    /// Selects id, version and value of every row that uses the option, deleted ones too: they may come
    /// back.
    pub(crate) fn users_of_option(self, replacement: &Replacement) -> Statement {
        let Replacement {
            table,
            column,
            storage,
            old,
            ..
        } = replacement;
        let select = Query::select()
            .columns(["id", "version", column.as_str()].map(str::to_owned))
            .from(table.clone())
            .and_where(self.uses_option(column, *storage, old))
            .order_by("id", sea_orm::sea_query::Order::Asc)
            .take();
        self.statement(&select)
    }

    /// Sets the value of one row and raises its version.
    pub(crate) fn set_option(
        self,
        replacement: &Replacement,
        id: Uuid,
        value: &Value,
    ) -> Statement {
        let mut update = UpdateStatement::new();
        update
            .table(replacement.table.clone())
            .value("version", Expr::col("version").add(Expr::cust("1")))
            .value(
                replacement.column.clone(),
                self.assign(value, replacement.storage),
            )
            .and_where(Expr::col("id").eq(id));
        self.updating(&update)
    }
}
