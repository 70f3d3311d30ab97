//! Write transactions.

use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    error::Result,
    sql,
    store::{
        Connection, Store,
        rows::{failed, unreadable},
    },
};

/// A write transaction. Dropped without [`Self::commit`], it is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction(DatabaseTransaction);

impl Store {
    /// Begins a write transaction. On SQLite it waits its turn here, so that it never fails half-way.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self.writer.begin_with_options(options).await;
        begun
            .map(Transaction)
            .map_err(|error| failed(error, "beginning a transaction"))
    }
}

impl Store {
    /// Whether there is an active user with this id.
    pub(crate) async fn user_exists(&self, tx: &Transaction, id: Uuid) -> Result<bool> {
        use entity::user::{Column, Entity};
        let found = Entity::find_by_id(id)
            .filter(Column::Active.eq(true))
            .one(&tx.0)
            .await;
        Ok(found
            .map_err(|error| failed(error, "looking for a user"))?
            .is_some())
    }
}

impl Transaction {
    /// Where the statements of the transaction run.
    pub(crate) fn connection(&self) -> Connection<'_> {
        Connection::Transaction(&self.0)
    }

    /// The stored versions of schema and access; they can't change before the transaction ends.
    pub(crate) async fn versions(&self, dialect: sql::dialect::Dialect) -> Result<(i64, i64)> {
        let rows = self
            .connection()
            .fetch(sql::write::versions(dialect))
            .await?;
        let row = rows
            .first()
            .ok_or_else(|| unreadable("meta_head is empty"))?;
        Ok((row.integer(0)?.unwrap_or(0), row.integer(1)?.unwrap_or(0)))
    }

    /// The catalog at this version, one of those that [`Self::versions`] answered.
    pub(crate) async fn load_catalog(&self, version: i64) -> Result<Catalog> {
        Catalog::load(&super::catalog::metadata_rows(&self.0, version).await?)
    }

    /// A transaction inside this one, which can be undone by itself.
    pub(crate) async fn savepoint(&self) -> Result<Self> {
        self.0
            .begin()
            .await
            .map(Self)
            .map_err(|error| failed(error, "setting a savepoint"))
    }

    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<()> {
        self.0
            .commit()
            .await
            .map_err(|error| failed(error, "committing"))
    }

    /// Undoes it.
    pub(crate) async fn rollback(self) -> Result<()> {
        self.0
            .rollback()
            .await
            .map_err(|error| failed(error, "rolling back"))
    }
}
