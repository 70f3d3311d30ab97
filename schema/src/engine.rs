//! The engine: a value that holds a database, a catalog, a policy, a clock and ids. The only public
//! door to records. A process may hold several.

mod read;
mod write;

#[cfg(test)]
mod tests;

use std::sync::{Arc, RwLock};

use crate::{
    access::{Caller, Checker, Policy, Surface},
    catalog::Catalog,
    error::Result,
    id::{Clock, IdGenerator},
    store::Store,
};

pub use read::ReadAnswer;
pub use write::WriteAnswer;

/// How an engine is opened.
#[derive(Debug)]
pub struct EngineOptions {
    /// `sqlite://path` or `postgres://…`. The database is migrated already.
    pub database_url: String,
    /// The most connections to PostgreSQL.
    pub max_connections: u32,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A database with its catalog and policy.
#[derive(Debug)]
pub struct Engine {
    store: Store,
    state: RwLock<State>,
    clock: Arc<dyn Clock>,
    ids: IdGenerator,
    cursor_key: Vec<u8>,
}

/// Catalog and policy, swapped together so that a request sees one pair.
#[derive(Debug, Clone)]
struct State {
    catalog: Arc<Catalog>,
    policy: Arc<Policy>,
}

impl Engine {
    /// Connects and loads the catalog and the policy.
    pub async fn open(options: EngineOptions) -> Result<Self> {
        let store = Store::connect(&options.database_url, options.max_connections).await?;
        let ids = IdGenerator::default();
        let catalog = Arc::new(store.load_catalog().await?);
        let policy = Arc::new(Policy::default());
        let cursor_key = store
            .load_or_create_secret("cursor", options.clock.now())
            .await?;
        Ok(Self {
            store,
            state: RwLock::new(State { catalog, policy }),
            clock: options.clock,
            ids,
            cursor_key,
        })
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.store.ping().await
    }

    /// The current schema version.
    pub fn schema_version(&self) -> i64 {
        self.state().catalog.version()
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What the caller may name.
    pub fn surface(&self, caller: &Caller) -> Arc<Surface> {
        let state = self.state();
        Arc::new(Checker::new(&state.catalog, &state.policy, caller).surface())
    }

    /// Loads the catalog anew, because the stored schema is newer than ours.
    pub(in crate::engine) async fn reload(&self) -> Result<()> {
        let loaded = self.store.load_catalog().await?;
        let mut state = self
            .state
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if loaded.version() > state.catalog.version() {
            state.catalog = Arc::new(loaded.sharing(&state.catalog));
        }
        Ok(())
    }

    fn state(&self) -> State {
        self.state
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
