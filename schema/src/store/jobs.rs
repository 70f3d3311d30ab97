//! The table of jobs: who does which. A claim is one conditional update, so that of two processes that
//! want the same job one gets it. Claim and attempt together name the claim: whatever a process writes
//! about its job it writes only while both are still its own.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Value as Bound},
};
use serde_json::Value as Json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    access::Permit,
    change::JobInput,
    error::Result,
    id::{FieldId, JobId},
    identity::{Listed, Listing},
    sql::Statement,
    store::{Connection, Store, Transaction, rows::failed},
};
use entity::job::{Column, Entity, Model};

/// A process that has given no sign of life for so long has lost its job.
const LOST_AFTER: Duration = Duration::seconds(30);
/// How many jobs a process tries to get before it looks again.
const CANDIDATES: u64 = 8;
/// The most rows of one insert.
const CHUNK: usize = 500;

/// The kind of the jobs of indexes.
const INDEX: &str = "index";
const QUEUED: &str = "queued";
const RUNNING: &str = "running";
const DONE: &str = "done";
const FAILED: &str = "failed";

/// The claim of a process on a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The job.
    pub(crate) job: Uuid,
    /// The process.
    pub(crate) node: Uuid,
    /// Which of the attempts it is.
    pub(crate) attempt: i32,
}

/// The job of an index that has not come to a good end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenIndex {
    /// The job.
    pub(crate) job: JobId,
    /// Whether it was given up.
    pub(crate) has_failed: bool,
}

/// What becomes of a job.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// It goes on from here.
    Progress(Json),
    /// It is done; the report.
    Done(Json),
    /// It can't be done; why.
    Failed(String),
    /// It can't be done as the data are: why, and what was found.
    Refused(String, Json),
    /// It is tried again at this instant.
    Again(OffsetDateTime),
}

/// New jobs of one changeset.
#[derive(Debug)]
pub(crate) struct NewJobs<'a> {
    /// The jobs with their ids.
    pub(crate) jobs: Vec<(JobId, &'a JobInput)>,
    /// The schema version that asks for them.
    pub(crate) schema_version: i64,
    /// The instant.
    pub(crate) now: OffsetDateTime,
}

/// Writes jobs in the transaction of what asks for them.
pub(super) async fn insert(db: &impl ConnectionTrait, new: NewJobs<'_>) -> Result<()> {
    let mut rows = Vec::with_capacity(new.jobs.len());
    for (id, input) in &new.jobs {
        let (kind, payload) = input.to_columns()?;
        rows.push(Model {
            id: id.uuid(),
            kind,
            state: QUEUED.to_owned(),
            payload: payload.into(),
            progress: None,
            report: None,
            error: None,
            attempts: 0,
            fruitless: 0,
            claimed_by: None,
            heartbeat_at: None,
            run_after: new.now + input.delay(),
            schema_version: new.schema_version,
            created_at: new.now,
            updated_at: new.now,
            finished_at: None,
        });
    }
    for chunk in rows.chunks(CHUNK) {
        let models = chunk.iter().cloned();
        Entity::insert_many(models.map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(db)
            .await
            .map_err(|error| failed(error, "writing jobs"))?;
    }
    Ok(())
}

impl Store {
    /// Writes a job that no changeset asks for.
    pub(crate) async fn enqueue_job(
        &self,
        _: &Permit,
        (id, input): (JobId, &JobInput),
        (schema_version, now): (i64, OffsetDateTime),
    ) -> Result<()> {
        let new = NewJobs {
            jobs: vec![(id, input)],
            schema_version,
            now,
        };
        insert(&self.writer, new).await
    }

    /// Gets the oldest job that is due for this process.
    pub(crate) async fn claim_job(&self, node: Uuid, now: OffsetDateTime) -> Result<Option<Model>> {
        const CONTEXT: &str = "looking for a job";
        let due = Entity::find()
            .filter(is_due(now))
            .order_by_asc(Column::RunAfter)
            .order_by_asc(Column::Id)
            .limit(CANDIDATES)
            .all(&self.reader)
            .await
            .map_err(|error| failed(error, CONTEXT))?;
        for job in due {
            let (attempts, fruitless) = (job.attempts + 1, job.fruitless + 1);
            let claimed = Entity::update_many()
                .col_expr(Column::State, Expr::val(RUNNING))
                .col_expr(Column::ClaimedBy, Expr::val(node))
                .col_expr(Column::Attempts, Expr::val(attempts))
                .col_expr(Column::Fruitless, Expr::val(fruitless))
                .col_expr(Column::HeartbeatAt, Expr::val(now))
                .col_expr(Column::UpdatedAt, Expr::val(now))
                .filter(Column::Id.eq(job.id))
                .filter(Column::Attempts.eq(job.attempts))
                .filter(is_due(now))
                .exec(&self.writer)
                .await
                .map_err(|error| failed(error, CONTEXT))?;
            if claimed.rows_affected == 1 {
                return Ok(Some(Model {
                    state: RUNNING.to_owned(),
                    claimed_by: Some(node),
                    attempts,
                    fruitless,
                    ..job
                }));
            }
        }
        Ok(None)
    }

    /// Runs a statement in no transaction, as the building of an index beside writers needs it.
    pub(crate) async fn run_alone(&self, statement: Statement) -> Result<()> {
        Connection::Pool(&self.writer).run_once(statement).await
    }

    /// Writes what becomes of a job; false when the claim is lost.
    pub(crate) async fn turn_job(
        &self,
        claim: Claim,
        turn: Turn,
        now: OffsetDateTime,
    ) -> Result<bool> {
        write_turn(&self.writer, claim, Some(turn), now).await
    }

    /// A sign of life; false when the claim is lost.
    pub(crate) async fn keep_job(&self, claim: Claim, now: OffsetDateTime) -> Result<bool> {
        write_turn(&self.writer, claim, None, now).await
    }

    /// Gives back what this process has begun, for it ends.
    pub(crate) async fn release_jobs(&self, node: Uuid, now: OffsetDateTime) -> Result<()> {
        let released = Entity::update_many()
            .col_expr(Column::State, Expr::val(QUEUED))
            .col_expr(Column::ClaimedBy, Expr::val(Bound::Uuid(None)))
            .col_expr(Column::UpdatedAt, Expr::val(now))
            .filter(Column::State.eq(RUNNING))
            .filter(Column::ClaimedBy.eq(node))
            .exec(&self.writer)
            .await;
        released
            .map(|_| ())
            .map_err(|error| failed(error, "giving jobs back"))
    }

    /// Ends a job that has not ended, or queues one again that has failed; false when it is in
    /// another state.
    pub(crate) async fn set_job(
        &self,
        _: &Permit,
        id: JobId,
        order: (JobOrder, OffsetDateTime),
    ) -> Result<bool> {
        write_order(&self.writer, id, order).await
    }

    /// By field, the last job of its index, unless that is done.
    pub(crate) async fn open_indexes(&self) -> Result<BTreeMap<FieldId, OpenIndex>> {
        const CONTEXT: &str = "looking for the jobs of indexes";
        let of_indexes = Entity::find()
            .filter(Column::Kind.eq(INDEX))
            .order_by_asc(Column::Id);
        let open = of_indexes.clone();
        let open = open.filter(Column::State.is_in([QUEUED, RUNNING, FAILED]));
        let open = open.all(&self.reader).await;
        let mut jobs = open.map_err(|error| failed(error, CONTEXT))?;
        let first_failed = jobs.iter().find(|job| job.state == FAILED);
        if let Some(first) = first_failed {
            // A later job may have done what an earlier one could not.
            let done = of_indexes.filter(Column::State.eq(DONE));
            let done = done.filter(Column::Id.gt(first.id)).all(&self.reader);
            jobs.extend(done.await.map_err(|error| failed(error, CONTEXT))?);
            jobs.sort_by_key(|job| job.id);
        }
        let mut found = BTreeMap::new();
        for job in jobs {
            if let JobInput::Index(index) = JobInput::of_columns(&job.kind, &job.payload)? {
                found.insert(index.field, (job.id, job.state));
            }
        }
        let open = found.into_iter().filter(|(_, (_, state))| state != DONE);
        let open = open.map(|(field, (job, state))| {
            let open = OpenIndex {
                job: JobId::new(job),
                has_failed: state == FAILED,
            };
            (field, open)
        });
        Ok(open.collect())
    }

    /// One job.
    pub(crate) async fn find_job(&self, _: &Permit, id: JobId) -> Result<Option<Model>> {
        let found = Entity::find_by_id(id.uuid()).one(&self.reader).await;
        found.map_err(|error| failed(error, "reading a job"))
    }

    /// A page of jobs, newest first.
    pub(crate) async fn list_jobs(
        &self,
        _: &Permit,
        listing: Listing,
        state: Option<&str>,
    ) -> Result<Listed<Model>> {
        let mut find = Entity::find()
            .order_by_desc(Column::Id)
            .limit(listing.limit + 1);
        if let Some(after) = listing.after {
            find = find.filter(Column::Id.lt(after));
        }
        if let Some(state) = state {
            find = find.filter(Column::State.eq(state));
        }
        let found = find.all(&self.reader).await;
        Ok(listing.cut(found.map_err(|error| failed(error, "listing jobs"))?))
    }
}

/// What somebody may order of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobOrder {
    /// To be ended.
    Cancel,
    /// To be tried again.
    Retry,
}

impl Transaction {
    /// Writes what becomes of a job together with what it did; false when the claim is lost, and then
    /// nothing of this transaction may stay.
    pub(crate) async fn turn_job(
        &self,
        claim: Claim,
        turn: Option<Turn>,
        now: OffsetDateTime,
    ) -> Result<bool> {
        write_turn(self.inner(), claim, turn, now).await
    }
}

/// Writes what somebody orders of a job; false when it is in another state.
pub(super) async fn write_order(
    db: &impl ConnectionTrait,
    id: JobId,
    (order, now): (JobOrder, OffsetDateTime),
) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::ClaimedBy, Expr::val(Bound::Uuid(None)))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(Column::Id.eq(id.uuid()));
    let update = match order {
        JobOrder::Cancel => update
            .col_expr(Column::State, Expr::val(FAILED))
            .col_expr(Column::Error, Expr::val("cancelled"))
            .col_expr(Column::FinishedAt, Expr::val(now))
            .filter(Column::State.is_in([QUEUED, RUNNING])),
        JobOrder::Retry => update
            .col_expr(Column::State, Expr::val(QUEUED))
            .col_expr(Column::Error, Expr::val(Bound::String(None)))
            .col_expr(Column::FinishedAt, Expr::val(no_instant()))
            .col_expr(Column::Attempts, Expr::val(0))
            .col_expr(Column::Fruitless, Expr::val(0))
            .col_expr(Column::RunAfter, Expr::val(now))
            .filter(Column::State.eq(FAILED)),
    };
    let done = update.exec(db).await;
    let done = done.map_err(|error| failed(error, "changing a job"))?;
    Ok(done.rows_affected == 1)
}

pub(super) async fn write_turn(
    db: &impl ConnectionTrait,
    claim: Claim,
    turn: Option<Turn>,
    now: OffsetDateTime,
) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::HeartbeatAt, Expr::val(now))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(Column::Id.eq(claim.job))
        .filter(Column::State.eq(RUNNING))
        .filter(Column::ClaimedBy.eq(claim.node))
        .filter(Column::Attempts.eq(claim.attempt));
    let update = match turn {
        None => update,
        Some(Turn::Progress(progress)) => update
            .col_expr(Column::Progress, Expr::val(progress.to_string()))
            .col_expr(Column::Fruitless, Expr::val(0)),
        Some(Turn::Done(report)) => update
            .col_expr(Column::State, Expr::val(DONE))
            .col_expr(Column::Report, Expr::val(report.to_string()))
            .col_expr(Column::FinishedAt, Expr::val(now)),
        Some(Turn::Failed(error)) => update
            .col_expr(Column::State, Expr::val(FAILED))
            .col_expr(Column::Error, Expr::val(error))
            .col_expr(Column::FinishedAt, Expr::val(now)),
        Some(Turn::Refused(error, report)) => update
            .col_expr(Column::State, Expr::val(FAILED))
            .col_expr(Column::Error, Expr::val(error))
            .col_expr(Column::Report, Expr::val(report.to_string()))
            .col_expr(Column::FinishedAt, Expr::val(now)),
        Some(Turn::Again(at)) => update
            .col_expr(Column::State, Expr::val(QUEUED))
            .col_expr(Column::RunAfter, Expr::val(at)),
    };
    let written = update.exec(db).await;
    let written = written.map_err(|error| failed(error, "writing the state of a job"))?;
    Ok(written.rows_affected == 1)
}

/// Queued and due, or begun by a process that has gone.
fn is_due(now: OffsetDateTime) -> Condition {
    let queued = Column::State.eq(QUEUED).and(Column::RunAfter.lte(now));
    let lost = Column::State
        .eq(RUNNING)
        .and(Column::HeartbeatAt.lt(now - LOST_AFTER));
    Condition::any().add(queued).add(lost)
}

fn no_instant() -> Bound {
    Bound::TimeDateTimeWithTimeZone(None)
}
