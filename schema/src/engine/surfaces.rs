//! Surfaces, kept: callers who may name the same things share one, as long as schema and policy stand.

use std::{collections::BTreeSet, sync::Arc};

use moka::sync::Cache;

use crate::{
    access::{Caller, Checker, Principal, Scopes, Surface},
    engine::state::State,
    id::RoleId,
};

/// The most surfaces that are kept: one per combination of roles and scopes in use.
const CAPACITY: u64 = 64;

/// Everything that decides what a caller may name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    schema_version: i64,
    policy_version: i64,
    /// Aliases end while the version of the schema stays.
    aliases: usize,
    roles: BTreeSet<RoleId>,
    scopes: Option<Scopes>,
    /// A rule whose variable is missing is void, so the kinds of variables count, not their values.
    kind: std::mem::Discriminant<Principal>,
    partner: bool,
}

/// The surfaces in use.
#[derive(Debug)]
pub(in crate::engine) struct Surfaces(Cache<Key, Arc<Surface>>);

impl Default for Surfaces {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl Surfaces {
    /// The surface of a caller.
    pub(in crate::engine) fn surface(&self, state: &State, caller: &Caller) -> Arc<Surface> {
        let key = Key {
            schema_version: state.catalog.version(),
            policy_version: state.policy.version,
            aliases: state.catalog.alias_count(),
            roles: caller.roles.clone(),
            scopes: caller.scopes.clone(),
            kind: std::mem::discriminant(&caller.principal),
            partner: caller.partner.is_some(),
        };
        let build = || Arc::new(Checker::new(&state.catalog, &state.policy, caller).surface());
        self.0.get_with(key, build)
    }
}
