//! Changes of the schema: one transaction in the database, then the new catalog in place of the old
//! one. A request that runs keeps the catalog with which it began.

use std::{collections::HashSet, sync::Arc};

use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    access::{Caller, Checker, Grant, Permission, Read, RowFilter, Visibility},
    change::{ChangeReport, Changeset},
    engine::{Engine, reverse::Way},
    error::Result,
    store::Change,
    value::instant_text,
};

/// A committed changeset as the log keeps it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangesetEntry {
    /// The schema version that it made.
    pub version: i64,
    /// When it was committed.
    pub applied_at: String,
    /// What sort of principal made it.
    pub actor_kind: String,
    /// Who made it.
    pub actor_id: Option<String>,
    /// Its operations, as they were sent.
    pub operations: Json,
}

impl Engine {
    /// Carries a changeset out: all of it or nothing. The next request sees it.
    pub async fn apply(&self, caller: &Caller, changeset: &Changeset) -> Result<ChangeReport> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let reads = changeset.dry_run.then(|| self.readable_columns(caller));
        let change = Change {
            changeset,
            caller,
            now: self.clock.now(),
            ids: &self.ids,
            log: None,
            reads: reads.as_ref(),
            known: self.state().catalog,
        };
        let mut changed = self.store.change_schema(&permit, &change).await?;
        if changeset.dry_run {
            let conversions = std::mem::take(&mut changed.conversions);
            self.try_conversions(caller, &conversions, &mut changed.report)
                .await?;
        }
        if let Some((before, states)) = changed.states.take() {
            let way = Way {
                changeset,
                before,
                states,
            };
            self.add_reverse(&change, &way, &mut changed.report)?;
        }
        if let Some(catalog) = changed.catalog {
            let catalog = catalog.sharing(&self.state().catalog);
            self.current.put_catalog(&Arc::new(catalog));
            self.jobs.wake();
        }
        Ok(changed.report)
    }

    /// The tables and columns whose values the caller may read on every record: a report tells no others.
    fn readable_columns(&self, caller: &Caller) -> HashSet<(String, String)> {
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let objects = state.catalog.objects().into_iter();
        let objects = objects.filter_map(|object| checker.grant_read(object.id));
        let relations = state.catalog.relations().into_iter();
        let relations = relations.filter_map(|relation| checker.grant_relation(relation));
        let whole = |grant: &Grant<Read>| matches!(grant.rows(), RowFilter::All);
        let mut columns = HashSet::new();
        for grant in objects.chain(relations).filter(whole) {
            for readable in grant.fields() {
                if matches!(readable.visibility, Visibility::Always) && !readable.field.is_virtual()
                {
                    let own = readable.field.columns.iter();
                    columns.extend(own.map(|it| (grant.table().to_owned(), it.name.clone())));
                }
            }
        }
        columns
    }

    /// The latest changesets, newest first, older than the version `before`.
    pub async fn list_changesets(
        &self,
        caller: &Caller,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<ChangesetEntry>> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let rows = self.store.list_changesets(&permit, before, limit).await?;
        let entries = rows.into_iter().map(|row| ChangesetEntry {
            version: row.version,
            applied_at: instant_text(row.applied_at),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id.map(|id| id.to_string()),
            operations: row.operations.into_json(),
        });
        Ok(entries.collect())
    }
}
