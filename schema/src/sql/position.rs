//! The ranks of the members of ordered collections.

use sea_orm::sea_query::{Condition as Cond, Expr, ExprTrait, Order, SelectStatement};
use uuid::Uuid;

use crate::sql::{Reads, Statement, Why, dialect::Dialect};

/// The members of one ordered collection of one record: links, or records that refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Siblings {
    /// Their table.
    pub(crate) table: String,
    /// The column that holds the record.
    pub(crate) parent: String,
    /// The record.
    pub(crate) of: Uuid,
    /// The column of the ranks.
    pub(crate) position: String,
}

impl Siblings {
    fn select(&self) -> SelectStatement {
        let mut select = SelectStatement::new();
        select
            .column("id")
            .column(self.position.clone())
            .from(self.table.clone())
            .and_where(Expr::col(self.parent.clone()).eq(self.of))
            .and_where(Expr::col("deleted_at").is_null());
        select
    }

    fn ordered(&self, select: &mut SelectStatement, order: Order) {
        select
            .order_by(self.position.clone(), order.clone())
            .order_by("id", order);
    }

    /// The next one in this direction from a rank and its id, or from the beginning; `except` does not count.
    pub(crate) fn next(
        &self,
        (dialect, version): (Dialect, i64),
        from: Option<(&str, Uuid)>,
        (backwards, except): (bool, Uuid),
    ) -> Statement {
        let mut select = self.select();
        let position = || Expr::col(self.position.clone());
        if let Some((rank, id)) = from {
            let (further, tied) = if backwards {
                (position().lt(rank), Expr::col("id").lt(id))
            } else {
                (position().gt(rank), Expr::col("id").gt(id))
            };
            let tie = Cond::all().add(position().eq(rank)).add(tied);
            select.cond_where(Cond::any().add(further).add(tie));
        }
        select.and_where(Expr::col("id").ne(except)).limit(1);
        let order = if backwards { Order::Desc } else { Order::Asc };
        self.ordered(&mut select, order);
        dialect.render(&select, version, Reads::Engine(Why::Integrity))
    }

    /// Some of them, or all, in order.
    pub(crate) fn in_order(
        &self,
        (dialect, version): (Dialect, i64),
        ids: Option<&[Uuid]>,
    ) -> Statement {
        let mut select = self.select();
        if let Some(ids) = ids {
            select.and_where(Expr::col("id").in_subquery(dialect.ids(ids)));
        }
        self.ordered(&mut select, Order::Asc);
        dialect.render(&select, version, Reads::Engine(Why::Integrity))
    }
}
