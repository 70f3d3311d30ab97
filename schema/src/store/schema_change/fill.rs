//! Computed fields that are new or computed in another way: of small tables they are filled within the
//! changeset, so that they are right at once; the rest is left to a job, and the fields say so.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseTransaction;

use super::{Change, write_rows};
use crate::{
    catalog::{Catalog, FieldWork, MetadataRows, Predecessor, Subject, WorkState},
    change::{
        AskedJob, ChangeReport, ChangedRows, Computed, FillJob, FillStage, JobInput, set_work,
    },
    error::Result,
    id::{FieldId, JobId},
    plan::derivation::Derivations,
    store::{
        Connection, Store,
        derive::Cause,
        jobs::{self, NewJobs},
    },
};

/// The most records of a table whose fields a changeset computes itself.
const AT_ONCE: u64 = 1_000;

/// Which fields are filled at once, and which by a job.
#[derive(Debug, Default)]
struct Plan {
    at_once: Vec<Computed>,
    later: Vec<Computed>,
    /// The stages of the job.
    stages: Vec<FillStage>,
    /// How many records each type has.
    records: BTreeMap<Subject, u64>,
}

impl Store {
    /// Computes what is new or computed in another way, or asks for a job that does, and reports of how
    /// many records. Gives the catalog of the rows, made of what is known of those before.
    pub(super) async fn fill(
        &self,
        tx: &DatabaseTransaction,
        (rows, known, computed): (&mut MetadataRows, Predecessor<'_>, &[Computed]),
        change: &Change<'_>,
        report: &mut ChangeReport,
    ) -> Result<Catalog> {
        let catalog = Catalog::load_after(rows, known)?;
        if computed.is_empty() {
            return Ok(catalog);
        }
        let plan = self.plan_fill(tx, &catalog, computed).await?;
        let cause = Cause {
            actor: (change.caller.actor_kind(), change.caller.actor()),
            transaction: change.ids.uuid(change.now),
            at: change.now,
        };
        let connection = Connection::Transaction(tx);
        let filled = self.fill_computed(connection, &catalog, &plan.at_once, cause);
        for (operation, records) in filled.await? {
            if let Some(impact) = report.operations.get_mut(operation) {
                impact.rows_affected += records;
            }
        }
        let job = JobId::new(change.ids.uuid(change.now));
        let marked = mark(rows, &plan, job)?;
        if !plan.later.is_empty() {
            self.ask_for_fill(tx, (&plan, job), change, report).await?;
        }
        if marked.fields.is_empty() {
            return Ok(catalog);
        }
        write_rows(tx, &marked).await?;
        let before = rows.clone();
        marked.put_into(rows);
        let known = Predecessor {
            rows: &before,
            catalog: &catalog,
        };
        Catalog::load_after(rows, known)
    }

    async fn plan_fill(
        &self,
        tx: &DatabaseTransaction,
        catalog: &Catalog,
        computed: &[Computed],
    ) -> Result<Plan> {
        let mut plan = Plan::default();
        for one in computed {
            if plan.records.contains_key(&one.owner) {
                continue;
            }
            if let Some(table) = catalog.subject_table(one.owner) {
                let count = self.dialect().count_live(table);
                let rows = Connection::Transaction(tx).fetch(count).await?;
                let count = rows.first().map(|row| row.integer(0)).transpose()?;
                let count = u64::try_from(count.flatten().unwrap_or(0)).unwrap_or(0);
                plan.records.insert(one.owner, count);
            }
        }
        let derivations = Derivations::of(catalog);
        let late = deferred(&derivations, computed, &plan.records);
        for one in computed {
            let list = if late.contains(&one.field) {
                &mut plan.later
            } else {
                &mut plan.at_once
            };
            list.push(one.clone());
        }
        plan.stages = stages(&derivations, &plan.later);
        Ok(plan)
    }

    async fn ask_for_fill(
        &self,
        tx: &DatabaseTransaction,
        (plan, id): (&Plan, JobId),
        change: &Change<'_>,
        report: &mut ChangeReport,
    ) -> Result<()> {
        let input = JobInput::Fill(FillJob {
            stages: plan.stages.clone(),
            actor_kind: change.caller.actor_kind().to_owned(),
            actor: change.caller.actor(),
        });
        let asked = AskedJob {
            id: (!change.changeset.dry_run).then_some(id),
            kind: input.to_columns()?.0,
        };
        for one in &plan.later {
            let Some(impact) = report.operations.get_mut(one.operation) else {
                continue;
            };
            impact.rows_affected += plan.records.get(&one.owner).copied().unwrap_or(0);
            if !impact.jobs.contains(&asked) {
                impact.jobs.push(asked.clone());
            }
        }
        let new = NewJobs {
            jobs: vec![(id, &input)],
            schema_version: report.version,
            now: change.now,
        };
        jobs::insert(tx, new).await
    }
}

/// The fields of large tables, and those that are computed of such: before these they could not be right.
fn deferred(
    derivations: &Derivations,
    computed: &[Computed],
    records: &BTreeMap<Subject, u64>,
) -> BTreeSet<FieldId> {
    let is_large = |one: &&Computed| records.get(&one.owner).is_some_and(|it| *it > AT_ONCE);
    let large = computed.iter().filter(is_large).map(|one| one.field);
    let mut late: BTreeSet<FieldId> = large.collect();
    loop {
        let waits = |one: &&Computed| {
            !late.contains(&one.field) && late.iter().any(|it| derivations.reads(one.field, *it))
        };
        let more: Vec<FieldId> = computed.iter().filter(waits).map(|it| it.field).collect();
        if more.is_empty() {
            return late;
        }
        late.extend(more);
    }
}

/// The fields by layer and type, in the order in which they are computed.
fn stages(derivations: &Derivations, later: &[Computed]) -> Vec<FillStage> {
    let mut groups: BTreeMap<(usize, Subject, bool), Vec<FieldId>> = BTreeMap::new();
    for one in later {
        if let Some(derived) = derivations.find(one.field) {
            let group = groups.entry((derived.layer, one.owner, one.is_new));
            group.or_default().push(one.field);
        }
    }
    let stage = |((_, owner, is_new), fields): ((usize, Subject, bool), Vec<FieldId>)| FillStage {
        owner: owner.uuid(),
        fields,
        is_new,
    };
    groups.into_iter().map(stage).collect()
}

/// The rows of the fields, where what they say of work on them changes: what was filled at once needs no
/// earlier job any more.
fn mark(rows: &MetadataRows, plan: &Plan, job: JobId) -> Result<ChangedRows> {
    let mut marked = ChangedRows::default();
    let work = FieldWork {
        state: WorkState::Computing,
        job,
        conversion: None,
    };
    let at_once = plan.at_once.iter().map(|one| (one.field, None));
    let later = plan.later.iter().map(|one| (one.field, Some(&work)));
    for (field, work) in at_once.chain(later) {
        marked.fields.extend(set_work(rows, field, work)?);
    }
    Ok(marked)
}
