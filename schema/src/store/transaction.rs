//! Write transactions.

use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel,
    QueryFilter, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    error::{Error, Result},
    sql,
    store::{
        Connection, Store,
        identity::Head,
        rows::{failed, unreadable},
    },
};

/// A write transaction. Dropped without [`Self::commit`], it is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction(DatabaseTransaction);

impl Store {
    /// Begins a write transaction. On SQLite it waits its turn here, so that it never fails half-way.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        self.begin_write().await.map(Transaction)
    }

    /// The same for the modules that speak to the connection by entities.
    pub(super) async fn begin_write(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        begin(&self.writer, options).await
    }

    /// Begins a transaction that only reads, all of it as at one instant.
    pub(super) async fn begin_snapshot(&self) -> Result<DatabaseTransaction> {
        let is_postgres = self.reader.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
            ..TransactionOptions::default()
        };
        begin(&self.reader, options).await
    }
}

/// Begins in a task of its own, which a caller that goes away does not stop. sqlx counts a transaction
/// only when PostgreSQL has answered to BEGIN: one whose future is dropped before that goes back into
/// the pool open. Here it is whole in any case, and rolled back when nobody takes it.
async fn begin(
    pool: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction> {
    const CONTEXT: &str = "beginning a transaction";
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with_options(options).await });
    begun
        .await
        .map_err(|error| Error::internal(CONTEXT, error))?
        .map_err(|error| failed(error, CONTEXT))
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
    /// For the modules that speak to the connection by entities.
    pub(super) fn inner(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Where the statements of the transaction run.
    pub(crate) fn connection(&self) -> Connection<'_> {
        Connection::Transaction(&self.0)
    }

    /// The stored versions; they can't change before the transaction ends.
    pub(crate) async fn versions(&self, dialect: sql::dialect::Dialect) -> Result<Head> {
        let rows = self
            .connection()
            .fetch(sql::write::versions(dialect))
            .await?;
        let row = rows
            .first()
            .ok_or_else(|| unreadable("meta_head is empty"))?;
        Ok(Head {
            schema: row.integer(0)?.unwrap_or(0),
            access: row.integer(1)?.unwrap_or(0),
            currencies: row.integer(2)?.unwrap_or(0),
        })
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
