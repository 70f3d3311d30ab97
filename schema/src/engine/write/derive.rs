//! What a write leaves to be computed: it is noted with each event, and done when the step is done, in
//! the same transaction. The caller has no part in it: no rule is asked, and nothing of it shows in its
//! answer but what its rules let it read.

use std::sync::{Arc, PoisonError};

use serde_json::{Map, Value as Json};

use super::{Done, Writing};
use crate::{
    catalog::{Direction, Field, Subject},
    error::Result,
    id::{FieldId, RelationTypeId},
    plan::derivation::Computation,
    sql::write::Lock,
    store::derive::{Cause, Deriving, Touched, empty},
    value::Value,
};

impl Writing<'_> {
    /// Keeps in mind what an event says, for [`Self::compute_dependants`].
    pub(super) fn note_change(&self, done: &Done, operation: &str, changes: &Map<String, Json>) {
        let touched = Touched::of_event(done.subject, done.id.uuid(), operation, changes);
        let mut list = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(touched);
    }

    /// Computes everything that depends on what the step has changed.
    pub(super) async fn compute_dependants(&self, done: &mut Done) -> Result<()> {
        let touched = {
            let mut list = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *list)
        };
        let caller = self.checker.caller();
        let deriving = self.deriving(Some(Cause {
            actor: (caller.actor_kind(), caller.actor()),
            transaction: self.transaction,
            at: self.now,
        }));
        let versions = deriving.propagate(&touched).await?;
        if let Some(version) = versions.get(&done.id.uuid()) {
            done.version = *version;
        }
        Ok(())
    }

    /// What computes in this transaction; without a cause versions and events stay as they are.
    pub(super) fn deriving(&self, cause: Option<Cause>) -> Deriving<'_> {
        Deriving {
            catalog: self.catalog,
            derivations: self.derivations,
            dialect: self.dialect(),
            connection: self.tx.connection(),
            now: self.now,
            cause,
        }
    }

    /// How the record is locked that a reference is set to. Where the server will write to it, at once as
    /// for that: two who held it together could not both go on to write.
    pub(super) fn lock_of_target(&self, subject: Subject, reference: FieldId) -> Lock {
        let field = self.catalog.find_reference(reference);
        let is_ordered = field.is_some_and(|(_, field)| field.position_column().is_some());
        if is_ordered || self.derivations.writes_to_target(subject, reference) {
            Lock::Change
        } else {
            Lock::Keep
        }
    }

    /// How the record is locked at which a walk along a relation in this direction begins.
    pub(super) fn lock_of_end(&self, relation: RelationTypeId, direction: Direction) -> Lock {
        if self.derivations.writes_to_end(relation, direction) {
            Lock::Change
        } else {
            Lock::Keep
        }
    }

    /// The rollups of a record that nothing points at yet.
    pub(super) fn empty_rollups(&self, owner: Subject) -> Vec<(Arc<Field>, Vec<Value>)> {
        let fields = self.derivations.of_owner(owner).iter();
        let rollups = fields.filter_map(|id| match &self.derivations.find(*id)?.computation {
            Computation::Rollup(rollup) => Some((Arc::clone(&rollup.field), empty(rollup))),
            Computation::Formula => None,
        });
        rollups.collect()
    }
}
