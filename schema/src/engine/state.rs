//! What an engine answers by: catalog and policy, swapped together, and how they follow the database.
//!
//! A change made here is in force when its call returns. A change made elsewhere is noticed by
//! [`Engine::refresh`], which the server calls twice a second, and at the latest when a request finds
//! that nobody has looked for a second.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use time::OffsetDateTime;

use crate::{
    access::Policy,
    catalog::Catalog,
    engine::Engine,
    error::Result,
    identity::{AccessRows, Draft, is_young, resolve_policy},
    plan::derivation::Derivations,
    store::{
        Store, Transaction,
        identity::{AccessChange, Head},
    },
};

/// How often a load is repeated that a change has overtaken.
const ATTEMPTS: u32 = 5;

/// Catalog and policy, swapped together so that a request sees one pair.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The catalog.
    pub(super) catalog: Arc<Catalog>,
    /// What is computed of what in this catalog.
    pub(super) derivations: Arc<Derivations>,
    /// The policy, resolved against this catalog.
    pub(super) policy: Arc<Policy>,
    /// What the policy was resolved from.
    pub(super) access: Arc<AccessRows>,
}

impl State {
    /// Reads everything.
    pub(super) async fn load(store: &Store) -> Result<Self> {
        let catalog = Arc::new(load_catalog(store).await?);
        let access = Arc::new(load_access(store).await?);
        Ok(Self::of(catalog, access))
    }

    /// The versions that it was read at.
    pub(super) fn versions(&self) -> Head {
        Head {
            schema: self.catalog.version(),
            access: self.access.version,
            currencies: self.catalog.currencies().version(),
        }
    }

    fn of(catalog: Arc<Catalog>, access: Arc<AccessRows>) -> Self {
        let derivations = Arc::new(Derivations::of(&catalog));
        let policy = Arc::new(resolve_policy(&catalog, &derivations, &access));
        Self {
            catalog,
            derivations,
            policy,
            access,
        }
    }
}

/// The state and when it was last compared with the database.
#[derive(Debug)]
pub(super) struct CurrentState {
    state: RwLock<State>,
    compared_at: Mutex<OffsetDateTime>,
    /// One comparison at a time: a crowd that finds the state old asks the database once.
    comparing: tokio::sync::Mutex<()>,
}

impl CurrentState {
    pub(super) fn new(state: State, now: OffsetDateTime) -> Self {
        Self {
            state: RwLock::new(state),
            compared_at: Mutex::new(now),
            comparing: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> State {
        self.state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a newer catalog in force, with the policy resolved against it. An older one is dropped: a
    /// load that began earlier may end later.
    pub(super) fn put_catalog(&self, catalog: &Arc<Catalog>) {
        loop {
            let seen = self.state();
            if !seen.versions().is_of(catalog) {
                return;
            }
            // What follows from a catalog takes its time, in which requests go on.
            let next = State::of(Arc::clone(catalog), Arc::clone(&seen.access));
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            let is_as_seen = Arc::ptr_eq(&state.catalog, &seen.catalog)
                && Arc::ptr_eq(&state.access, &seen.access);
            if is_as_seen {
                *state = next;
                return;
            }
        }
    }

    /// Takes the aliases away that have ended by now.
    pub(super) fn end_aliases(&self, now: OffsetDateTime) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.catalog.has_ended_aliases(now) {
            let catalog = Catalog::clone(&state.catalog).without_ended_aliases(now);
            *state = State::of(Arc::new(catalog), Arc::clone(&state.access));
        }
    }

    /// Puts newer roles and rules in force.
    pub(super) fn put_access(&self, access: Arc<AccessRows>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if access.version >= state.access.version {
            state.policy = Arc::new(resolve_policy(&state.catalog, &state.derivations, &access));
            state.access = access;
        }
    }

    fn was_compared_lately(&self, now: OffsetDateTime) -> bool {
        let compared_at = self.compared_at.lock();
        is_young(*compared_at.unwrap_or_else(PoisonError::into_inner), now)
    }

    fn note_comparison(&self, at: OffsetDateTime) {
        *self
            .compared_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Engine {
    /// Compares with the database, loads what is newer there, and writes what waits to be written.
    /// The server calls this twice a second.
    pub async fn refresh(&self) -> Result<()> {
        let comparing = self.current.comparing.lock().await;
        self.compare().await?;
        drop(comparing);
        self.write_last_uses().await?;
        self.write_audit().await
    }

    /// Makes sure that the state was compared with the database within the last second.
    pub(super) async fn refresh_if_old(&self) -> Result<()> {
        if self.current.was_compared_lately(self.clock.now()) {
            return Ok(());
        }
        let _comparing = self.current.comparing.lock().await;
        // Somebody else may have done it while this one waited.
        if self.current.was_compared_lately(self.clock.now()) {
            return Ok(());
        }
        self.compare().await
    }

    /// Loads the catalog anew, because the stored schema is newer than ours.
    pub(super) async fn reload(&self) -> Result<()> {
        let catalog = load_catalog(&self.store).await?;
        let catalog = catalog.sharing(&self.state().catalog);
        self.current.put_catalog(&Arc::new(catalog));
        Ok(())
    }

    /// Loads the catalog in a transaction that holds the schema at this version: however often the
    /// schema changes, the write that found ours old goes on.
    pub(super) async fn reload_in(&self, tx: &Transaction, version: i64) -> Result<()> {
        let catalog = tx.load_catalog(version).await?;
        let catalog = catalog.sharing(&self.state().catalog);
        self.current.put_catalog(&Arc::new(catalog));
        Ok(())
    }

    /// Puts a catalog in force that a transaction of our own has made.
    pub(super) fn put(&self, catalog: Option<Box<Catalog>>) {
        if let Some(catalog) = catalog {
            let catalog = catalog.sharing(&self.state().catalog);
            self.current.put_catalog(&Arc::new(catalog));
        }
    }

    /// Loads roles and rules again and forgets what is known of principals: access has changed here.
    pub(super) async fn reload_access(&self) -> Result<()> {
        self.principals.forget();
        let access = load_access(&self.store).await?;
        self.current.put_access(Arc::new(access));
        Ok(())
    }

    /// Commits a change of access together with its entry in the audit log. The change stands whatever
    /// happens afterwards: when it can't be read back, the next request has to.
    pub(super) async fn commit_access(&self, change: AccessChange, entry: Draft) -> Result<()> {
        self.commit_all_access(change, vec![entry]).await.map(drop)
    }

    /// The same with several entries, for what changes several things. Answers the version of access, which
    /// each entry tells: so the log says which rule set was in force when.
    pub(super) async fn commit_all_access(
        &self,
        change: AccessChange,
        entries: Vec<Draft>,
    ) -> Result<i64> {
        let (version, at) = (change.version().await?, self.clock.now());
        let entries = entries.into_iter().map(|entry| {
            let entry = Draft { at, ..entry };
            entry.with("accessVersion", version.into())
        });
        let entries: Vec<Draft> = entries.collect();
        change.commit(&entries).await?;
        for entry in &entries {
            let (what, object) = (entry.kind.text(), entry.object.map(|(_, id)| id));
            tracing::info!(what, object = ?object, by = ?entry.principal, "access changed");
        }
        self.load_changed_access().await;
        Ok(version)
    }

    async fn load_changed_access(&self) {
        if let Err(error) = self.reload_access().await {
            tracing::error!(error = %error, "roles and rules could not be read after a change");
            self.current.note_comparison(OffsetDateTime::UNIX_EPOCH);
        }
    }

    async fn compare(&self) -> Result<()> {
        let asked_at = self.clock.now();
        let head = self.store.load_head().await?;
        let state = self.state();
        if !head.is_of(&state.catalog) {
            self.reload().await?;
        }
        if head.access > state.access.version {
            self.reload_access().await?;
        }
        self.current.note_comparison(asked_at);
        Ok(())
    }
}

/// The catalog as it is at one version: several tables are read one after the other, so the load
/// counts only if the version is the same before and after.
async fn load_catalog(store: &Store) -> Result<Catalog> {
    for _ in 1..ATTEMPTS {
        let catalog = store.load_catalog().await?;
        if store.load_head().await?.schema == catalog.version() {
            return Ok(catalog);
        }
    }
    store.load_catalog().await
}

async fn load_access(store: &Store) -> Result<AccessRows> {
    for _ in 1..ATTEMPTS {
        let access = store.load_access().await?;
        if store.load_head().await?.access == access.version {
            return Ok(access);
        }
    }
    store.load_access().await
}
