//! The engine: a value that holds a database, a catalog, a policy, a clock and ids. The only public
//! door to records. A process may hold several.

mod advice;
mod audit;
mod conversion;
mod currencies;
mod deleted;
mod describe;
mod document;
mod graph;
mod identity;
mod jobs;
mod package;
mod read;
mod reverse;
mod schema;
mod seal;
mod state;
mod surfaces;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    access::{Caller, Checker, Permission, Permit, Surface},
    error::Result,
    id::{Clock, IdGenerator},
    identity::Principals,
    store::Store,
};
use audit::Queue;
use deleted::Retention;
use jobs::Jobs;
use seal::Sealer;
use state::{CurrentState, State};
use surfaces::Surfaces;

pub use advice::{AdvisedIndex, AskingRule, CreateIndex, IndexAdvice};
pub use audit::Denied;
pub use currencies::{CurrencyTable, NewCurrencyTable, NewRate, NewRates, Rate, RateQuery};
pub use deleted::{DeletedDescription, DeletedMember};
pub use describe::{
    BackDescription, CollectionDescription, EndDescription, FieldDescription, FieldTypeDescription,
    IndexDescription, KeyDescription, Languages, ObjectDescription, OptionListDescription,
    OwnedFieldDescription, RelationDescription, RuleDescription, SchemaView, TargetDescription,
};
pub use identity::SigningSeed;
pub use jobs::{JobDescription, Verification};
pub use package::{InstalledPackage, Package, PackageReport, Seed};
pub use read::{ReadAnswer, Snapshot};
pub use schema::ChangesetEntry;
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
    /// How long what was deleted of the schema can come back.
    pub retention: time::Duration,
}

/// A database with its catalog and policy.
#[derive(Debug)]
pub struct Engine {
    store: Store,
    current: CurrentState,
    principals: Principals,
    surfaces: Surfaces,
    jobs: Jobs,
    audit: Queue,
    clock: Arc<dyn Clock>,
    ids: IdGenerator,
    cursor_key: Vec<u8>,
    sealer: Sealer,
    retention: Retention,
}

impl Engine {
    /// Connects and loads the catalog and the policy.
    pub async fn open(options: EngineOptions) -> Result<Self> {
        let store = Store::connect(&options.database_url, options.max_connections).await?;
        store.begin_role_versions(options.clock.now()).await?;
        let ids = IdGenerator::default();
        let state = State::load(&store).await?;
        let cursor_key = store
            .load_or_create_secret("cursor", options.clock.now())
            .await?;
        let sealing_key = store
            .load_or_create_secret("field", options.clock.now())
            .await?;
        Ok(Self {
            store,
            current: CurrentState::new(state, options.clock.now()),
            principals: Principals::default(),
            surfaces: Surfaces::default(),
            jobs: Jobs::new(ids.uuid(options.clock.now())),
            audit: Queue::default(),
            clock: options.clock,
            ids,
            cursor_key,
            sealer: Sealer::new(&sealing_key)?,
            retention: Retention::new(options.retention),
        })
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.store.ping().await
    }

    /// Lets the database look at its data anew. It does so by itself in time; after many records came at
    /// once, until then it plans as if there were none.
    pub async fn refresh_statistics(&self, caller: &Caller) -> Result<()> {
        self.permit(caller, Permission::ManageSchema)?;
        self.store.refresh_statistics().await
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
        self.surfaces.surface(&state, caller)
    }

    /// The proof of a permission beyond records, for faces that have costly work to do before they
    /// call the engine.
    pub fn permit(&self, caller: &Caller, permission: Permission) -> Result<Permit> {
        let state = self.state();
        Checker::new(&state.catalog, &state.policy, caller).permit(permission)
    }

    fn state(&self) -> State {
        let state = self.current.state();
        let now = self.clock.now();
        if !state.catalog.has_ended_aliases(now) {
            return state;
        }
        self.current.end_aliases(now);
        self.current.state()
    }
}
