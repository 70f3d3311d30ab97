//! A change of the schema as one transaction: the head is locked, the rows are read afresh, the change
//! is validated against them, the database does its steps, and the metadata, the log of changesets and
//! the event follow. A fault anywhere leaves nothing, on both databases.

mod alone;
mod fill;
mod switch;

use std::{collections::HashSet, sync::Arc};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, NotSet, QueryFilter, QuerySelect, Set, SqlErr,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use alone::{Ended, JobEnd};
pub(crate) use switch::Switched;

use crate::{
    access::{Caller, Permit},
    catalog::{Catalog, MetadataRows, Predecessor},
    change::{
        AskedJob, ChangeReport, ChangedRows, Changeset, Ground, PlannedConversion, PlannedJob,
        Step, Validated, may_follow_a_fault, validate,
    },
    error::{Error, Fault, Result},
    expression::Moment,
    id::{IdGenerator, JobId},
    sql::Statement,
    store::{
        Computing, Connection, Store, WriteFailure, deletions,
        head::may_try_again,
        jobs::{self, NewJobs},
        rows::failed,
        schema_impact,
    },
};

/// The most rows of one insert.
const CHUNK: usize = 500;

/// The object that events of the schema itself speak of.
const SCHEMA: Uuid = Uuid::nil();

/// A changeset, by whom and when.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// What to change.
    pub(crate) changeset: &'a Changeset,
    /// Who changes it.
    pub(crate) caller: &'a Caller,
    /// The instant of the change.
    pub(crate) now: OffsetDateTime,
    /// Makes ids.
    pub(crate) ids: &'a IdGenerator,
    /// What the log says in place of the operations.
    pub(crate) log: Option<Json>,
    /// Of a dry run the tables and columns whose values the caller may read on every record.
    pub(crate) reads: Option<&'a HashSet<(String, String)>>,
    /// The catalog in force here, which may not be the latest.
    pub(crate) known: Arc<Catalog>,
}

/// What a changeset did.
#[derive(Debug)]
pub(crate) struct Changed {
    /// The answer.
    pub(crate) report: ChangeReport,
    /// The catalog after it; nothing after a dry run.
    pub(crate) catalog: Option<Catalog>,
    /// The fields that get another type.
    pub(crate) conversions: Vec<PlannedConversion>,
    /// Of a dry run the metadata before it, and as each operation would leave it.
    pub(crate) states: Option<(MetadataRows, Vec<MetadataRows>)>,
    /// The metadata after it.
    rows: MetadataRows,
}

impl Store {
    /// Carries a changeset out, or says why it can't be.
    pub(crate) async fn change_schema(&self, _: &Permit, change: &Change<'_>) -> Result<Changed> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_change(change).await {
                Err(Error::Busy | Error::Aborted) if may_try_again(attempt).await => {}
                result => return result,
            }
        }
    }

    async fn try_change(&self, change: &Change<'_>) -> Result<Changed> {
        let tx = self.begin_alone().await?;
        let result = self.change_in(&tx, change).await;
        match result {
            Ok(mut changed) if changed.catalog.is_some() => {
                tx.commit().await.map_err(changing)?;
                self.recent_rows.keep(std::mem::take(&mut changed.rows));
                Ok(changed)
            }
            other => {
                tx.rollback().await.map_err(changing)?;
                other
            }
        }
    }

    async fn change_in(&self, tx: &DatabaseTransaction, change: &Change<'_>) -> Result<Changed> {
        let changeset = change.changeset;
        let rows = self.locked_rows(tx).await?;
        if let Some(expected) = changeset.expected_version.filter(|it| *it != rows.version) {
            return Err(Error::SchemaVersionMismatch {
                expected,
                current: rows.version,
            });
        }
        let catalog = catalog_of(&change.known, &rows)?.without_ended_aliases(change.now);
        let ground = Ground {
            rows: &rows,
            catalog: &catalog,
            now: change.now,
            new_id: &mut || change.ids.uuid(change.now),
        };
        let validated = validate(changeset, ground)?;
        self.carry_out(tx, (rows, &catalog), validated, change)
            .await
    }

    /// Carries a validated change out, in the transaction that it was validated in.
    async fn carry_out(
        &self,
        tx: &DatabaseTransaction,
        (mut rows, catalog): (MetadataRows, &Catalog),
        mut validated: Validated,
        change: &Change<'_>,
    ) -> Result<Changed> {
        let changeset = change.changeset;
        let conversions = std::mem::take(&mut validated.conversions);
        let mut faults = self
            .run_steps(tx, &mut validated, (change, catalog))
            .await?;
        faults.extend(schema_impact::rules_that_break(tx, catalog, &conversions).await?);
        if !faults.is_empty() && !changeset.dry_run {
            return Err(Error::Invalid(faults));
        }
        self.add_impact(tx, changeset, &mut validated).await?;
        let jobs = name_jobs(change, &mut validated)?;
        let mut report = ChangeReport {
            version: rows.version + 1,
            dry_run: changeset.dry_run,
            operations: validated.impacts,
            faults,
            locks: vec![self.dialect().lock_of_change().to_owned()],
            reverse: None,
        };
        let states = std::mem::take(&mut validated.states);
        let before = rows.clone();
        if !report.faults.is_empty() {
            return Ok(Changed {
                report,
                catalog: None,
                conversions,
                states: changeset.dry_run.then_some((before, states)),
                rows,
            });
        }
        write_all(tx, change, (&validated.changed, report.version)).await?;
        let new = NewJobs {
            jobs: jobs.iter().map(|(id, job)| (*id, &job.input)).collect(),
            schema_version: report.version,
            now: change.now,
        };
        jobs::insert(tx, new).await?;
        rows.version = report.version;
        validated.changed.put_into(&mut rows);
        let known = Predecessor {
            rows: &before,
            catalog,
        };
        let new = (&mut rows, known, validated.computed.as_slice());
        let catalog = self.fill(tx, new, change, &mut report).await?;
        if changeset.dry_run {
            let computing = self.computing(tx, &catalog, change.now);
            schema_impact::add_violations(&mut report, &computing, &validated.checked).await?;
        }
        Ok(Changed {
            report,
            catalog: (!changeset.dry_run).then_some(catalog),
            conversions,
            states: changeset.dry_run.then_some((before, states)),
            rows,
        })
    }

    /// Adds to the impacts what the database knows of them.
    async fn add_impact(
        &self,
        tx: &DatabaseTransaction,
        changeset: &Changeset,
        validated: &mut Validated,
    ) -> Result<()> {
        schema_impact::add_holders(tx, validated).await?;
        if changeset.dry_run {
            self.add_expected_times(tx, validated).await?;
        }
        Ok(())
    }

    /// Locks the head for this transaction and reads the metadata.
    async fn locked_rows(&self, tx: &DatabaseTransaction) -> Result<MetadataRows> {
        let head = entity::meta_head::Entity::find().lock_exclusive();
        let head = head.one(tx).await.map_err(changing)?;
        let head =
            head.ok_or_else(|| Error::internal("changing the schema", "meta_head is empty"))?;
        self.recent_rows.read(tx, head.version).await
    }

    fn computing<'a>(
        &self,
        tx: &'a DatabaseTransaction,
        catalog: &'a Catalog,
        now: OffsetDateTime,
    ) -> Computing<'a> {
        Computing {
            catalog,
            dialect: self.dialect(),
            connection: Connection::Transaction(tx),
            moment: Moment { now, user: None },
        }
    }

    /// Takes the steps in order. After the first fault only those questions are asked that can still
    /// be answered, so that all faults are found.
    async fn run_steps(
        &self,
        tx: &DatabaseTransaction,
        validated: &mut Validated,
        (change, catalog): (&Change<'_>, &Catalog),
    ) -> Result<Vec<Fault>> {
        let dialect = self.dialect();
        let mut faults = Vec::new();
        for task in &validated.tasks {
            if !faults.is_empty() && !may_follow_a_fault(&task.step) {
                continue;
            }
            let impact = &mut validated.impacts[task.operation];
            if let Step::Ask(question) = &task.step {
                let asked = (question, change.reads);
                faults.extend(self.ask(tx, asked, impact).await?);
                continue;
            }
            if let Step::Number(numbering) = &task.step {
                impact.rows_affected += self.number_rows(tx, numbering).await?;
            }
            if let Step::ReplaceOption(replacement) = &task.step {
                let by = (change, catalog);
                impact.rows_affected += self.replace_option(tx, replacement, by).await?;
            }
            for statement in dialect.render_step(&task.step) {
                let written = run(tx, statement).await?;
                if matches!(task.step, Step::BackFill { .. }) {
                    impact.rows_affected += written;
                }
            }
            if let Some(lock) = dialect.lock_of(&task.step)
                && !impact.locks.contains(&lock)
            {
                impact.locks.push(lock);
            }
        }
        Ok(faults)
    }

    /// The latest changesets, newest first, older than `before`.
    pub(crate) async fn list_changesets(
        &self,
        _: &Permit,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<entity::meta_changeset::Model>> {
        use entity::meta_changeset::{Column, Entity};
        use sea_orm::QueryOrder;
        let mut find = Entity::find().order_by_desc(Column::Version).limit(limit);
        if let Some(before) = before {
            find = find.filter(Column::Version.lt(before));
        }
        find.all(&self.writer)
            .await
            .map_err(|error| failed(error, "reading the log of changesets"))
    }
}

/// The catalog of the rows: the known one, if it is theirs.
fn catalog_of(known: &Catalog, rows: &MetadataRows) -> Result<Catalog> {
    let versions = (known.version(), known.currencies().version());
    if versions == (rows.version, rows.currencies.version) {
        return Ok(known.clone());
    }
    Catalog::load(rows)
}

/// Runs a statement; those without values are not prepared, for they come only once.
pub(super) async fn run(tx: &DatabaseTransaction, statement: Statement) -> Result<u64> {
    if statement.values.0.is_empty() {
        let done = tx.execute_unprepared(&statement.text).await;
        return done.map(|done| done.rows_affected()).map_err(changing);
    }
    let done = Connection::Transaction(tx).execute(statement).await;
    done.map_err(|failure| match failure {
        WriteFailure::Unique(_) => Error::Busy,
        WriteFailure::Other(error) => error,
    })
}

/// The rows, the book of deletions and the head.
async fn write_all(
    tx: &DatabaseTransaction,
    change: &Change<'_>,
    (changed, version): (&ChangedRows, i64),
) -> Result<()> {
    write_rows(tx, changed).await?;
    deletions::write(tx, change, &changed.deletions).await?;
    write_head(tx, change, version).await
}

async fn write_rows(tx: &DatabaseTransaction, changed: &ChangedRows) -> Result<()> {
    macro_rules! upsert {
        ($module:ident, $rows:expr, $columns:expr) => {
            for chunk in $rows.chunks(CHUNK) {
                use entity::$module::{Column, Entity};
                let models = chunk
                    .iter()
                    .map(|row| row.clone().into_active_model().reset_all());
                Entity::insert_many(models)
                    .on_conflict(
                        OnConflict::column(Column::Id)
                            .update_columns($columns)
                            .to_owned(),
                    )
                    .exec_without_returning(tx)
                    .await
                    .map_err(changing)?;
            }
        };
    }
    upsert!(
        meta_object_type,
        changed.objects,
        [Column::Name, Column::Definition, Column::DeletedAt]
    );
    upsert!(
        meta_field,
        changed.fields,
        [Column::Name, Column::Definition, Column::DeletedAt]
    );
    upsert!(
        meta_relation_type,
        changed.relations,
        [Column::Name, Column::Definition, Column::DeletedAt]
    );
    upsert!(
        meta_option_list,
        changed.option_lists,
        [Column::Name, Column::Definition, Column::DeletedAt]
    );
    Ok(())
}

/// The new version, the log of changesets and the event.
async fn write_head(tx: &DatabaseTransaction, change: &Change<'_>, version: i64) -> Result<()> {
    use entity::{event, meta_changeset, meta_head};
    let operations = serde_json::to_value(&change.changeset.operations)
        .map_err(|error| Error::internal("changing the schema", error))?;
    let operations = change.log.clone().unwrap_or(operations);
    meta_head::Entity::update_many()
        .col_expr(meta_head::Column::Version, Expr::val(version))
        .exec(tx)
        .await
        .map_err(changing)?;
    let (actor_kind, actor_id) = (change.caller.actor_kind().to_owned(), change.caller.actor());
    let changeset = meta_changeset::ActiveModel {
        version: Set(version),
        applied_at: Set(change.now),
        actor_kind: Set(actor_kind.clone()),
        actor_id: Set(actor_id),
        operations: Set(operations.into()),
    };
    meta_changeset::Entity::insert(changeset)
        .exec_without_returning(tx)
        .await
        .map_err(changing)?;
    let event = event::ActiveModel {
        seq: NotSet,
        at: Set(change.now),
        object_id: Set(SCHEMA),
        record_id: Set(SCHEMA),
        operation: Set("changeSchema".to_owned()),
        version: Set(version),
        actor_kind: Set(actor_kind),
        actor_id: Set(actor_id),
        transaction_id: Set(change.ids.uuid(change.now)),
        changes: Set(json!({"schemaVersion": {"before": version - 1, "after": version}}).into()),
    };
    event::Entity::insert(event)
        .exec_without_returning(tx)
        .await
        .map_err(changing)?;
    Ok(())
}

/// Gives the jobs of a changeset their ids and adds them to the impacts.
fn name_jobs(change: &Change<'_>, validated: &mut Validated) -> Result<Vec<(JobId, PlannedJob)>> {
    let mut jobs = Vec::with_capacity(validated.jobs.len());
    for job in std::mem::take(&mut validated.jobs) {
        let id = job.id;
        let id = id.unwrap_or_else(|| JobId::new(change.ids.uuid(change.now)));
        validated.impacts[job.operation].jobs.push(AskedJob {
            id: (!change.changeset.dry_run).then_some(id),
            kind: job.input.to_columns()?.0,
        });
        jobs.push((id, job));
    }
    Ok(jobs)
}

/// An error of the database during a change. A record that broke a new unique index between the
/// question and the index is found by the next try.
pub(super) fn changing(error: DbErr) -> Error {
    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        return Error::Busy;
    }
    failed(error, "changing the schema")
}
