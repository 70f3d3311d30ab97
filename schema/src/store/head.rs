//! The one row that says at which versions schema and access are, and how a change gets it for itself.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    error::Result,
    store::{Connection, Store, rows::failed},
};

/// How often a change is tried when others hold the locks that it needs.
const ATTEMPTS: u32 = 20;
/// How long one try waits for a lock. Everybody who comes later queues behind it, so: not long.
const LOCK_TIMEOUT_MILLISECONDS: u32 = 100;

impl Store {
    /// Begins a transaction that no write runs beside. Every write shares a lock on the row of the head,
    /// so this one queues with theirs, and is given up soon, for those who come later wait
    /// behind it.
    pub(super) async fn begin_alone(&self) -> Result<DatabaseTransaction> {
        let tx = self.begin_write().await?;
        self.limit_locks(&tx, LOCK_TIMEOUT_MILLISECONDS).await?;
        if let Some(lock) = self.dialect().lock_head() {
            let locked = tx.execute_unprepared(&lock.text).await;
            locked.map_err(|error| failed(error, "locking the head"))?;
        }
        Ok(tx)
    }

    /// Sets how long each statement of the transaction waits for a lock from here on.
    pub(super) async fn limit_locks(
        &self,
        tx: &DatabaseTransaction,
        milliseconds: u32,
    ) -> Result<()> {
        if let Some(limit) = self.dialect().lock_timeout(milliseconds) {
            Connection::Transaction(tx).fetch(limit).await?;
        }
        Ok(())
    }
}

/// Whether a change that found the database busy should be tried again; then the pause before it is over.
pub(super) async fn may_try_again(attempt: u32) -> bool {
    if attempt >= ATTEMPTS {
        return false;
    }
    let spread: u8 = rand::random();
    let pause = 10 * u64::from(attempt) + u64::from(spread) / 8;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    true
}
