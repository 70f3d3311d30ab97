//! A job while it is done, and the transactions that it is done in.

use std::{future::Future, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::Caller,
    catalog::Catalog,
    change::{Changeset, JobInput, without_work},
    engine::{Engine, state::State},
    error::{Error, Result},
    id::{FieldId, JobId},
    plan::derivation::Derivations,
    sql::dialect::Dialect,
    store::{
        Change, Claim, Ended, JobEnd, Switched, Transaction, Turn,
        derive::{Cause, Deriving},
    },
};

/// How often a job that is busy outside a chunk gives a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often a chunk is begun anew when the schema changes under it.
const ATTEMPTS: u32 = 5;

/// How often a chunk is tried that others stand in the way of.
const TRIES: u32 = 20;
/// How long a chunk should take: so long it holds off a change of the schema, and on SQLite each writer.
const CHUNK_TIME: Duration = Duration::from_millis(60);
/// The fewest rows of a chunk, however long they take.
const LEAST: usize = 20;
/// The rows of the first chunk, of which nobody knows how long they take.
pub(in crate::engine) const FIRST: usize = 100;

/// Why a job does not go on.
#[derive(Debug)]
pub(in crate::engine) enum Stop {
    /// It was cancelled, or counts as lost and is done elsewhere.
    Lost,
    /// Something went wrong.
    Failed(Error),
    /// The data do not let it be done: why, and what was found.
    Refused(String, serde_json::Value),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A job that this process does.
#[derive(Debug)]
pub(in crate::engine) struct Running<'a> {
    /// The engine.
    pub(in crate::engine) engine: &'a Engine,
    claim: Claim,
    job: entity::job::Model,
}

impl<'a> Running<'a> {
    pub(super) fn new(engine: &'a Engine, claim: Claim, job: entity::job::Model) -> Self {
        Self { engine, claim, job }
    }

    pub(super) fn fruitless(&self) -> i32 {
        self.job.fruitless
    }

    /// What is to be done.
    pub(super) fn input(&self) -> Result<JobInput> {
        JobInput::of_columns(&self.job.kind, &self.job.payload)
    }

    /// The job.
    pub(in crate::engine) fn id(&self) -> JobId {
        JobId::new(self.claim.job)
    }

    /// Where an earlier attempt has stopped; the default when there was none.
    pub(in crate::engine) fn progress<P: DeserializeOwned + Default>(&self) -> Result<P> {
        let Some(progress) = &self.job.progress else {
            return Ok(P::default());
        };
        P::deserialize(&**progress)
            .map_err(|error| Error::internal("reading the progress of a job", error))
    }

    /// Which database this is.
    pub(in crate::engine) fn dialect(&self) -> Dialect {
        self.engine.store.dialect()
    }

    /// Begins a transaction for a bounded piece of the work.
    pub(in crate::engine) async fn chunk(&self) -> Result<Chunk<'_>, Stop> {
        for _ in 0..ATTEMPTS {
            let tx = self.engine.store.begin().await?;
            let head = tx.versions(self.dialect()).await?;
            if !head.is_of(&self.engine.state().catalog) {
                self.engine.reload_in(&tx, head.schema).await?;
            }
            let State {
                catalog,
                derivations,
                ..
            } = self.engine.state();
            let currencies = catalog.currencies().version();
            if (catalog.version(), currencies) == (head.schema, head.currencies) {
                let now = self.engine.clock.now();
                if !tx.turn_job(self.claim, None, now).await? {
                    return Err(Stop::Lost);
                }
                return Ok(Chunk {
                    running: self,
                    tx,
                    catalog,
                    derivations,
                    now,
                });
            }
        }
        Err(Error::Busy.into())
    }

    /// After a chunk that was in the way of others, or they in its: waits, so that it can be tried again.
    /// `tries` counts. Any other reason to stop is given back.
    pub(in crate::engine) async fn pause(&self, stop: Stop, tries: &mut u32) -> Result<(), Stop> {
        if !matches!(stop, Stop::Failed(Error::Busy | Error::Aborted)) || *tries >= TRIES {
            return Err(stop);
        }
        *tries += 1;
        tokio::time::sleep(Duration::from_millis(25) * *tries).await;
        Ok(())
    }

    /// Ends the job with what is left of the work on its fields, in a transaction that has the schema to
    /// itself. A change of the schema is in force when this returns.
    pub(in crate::engine) async fn end(&self, turn: Turn) -> Result<(), Stop> {
        let store = &self.engine.store;
        let (changeset, caller) = (Changeset::default(), self.caller());
        let change = self.change(&changeset, &caller);
        let alone = store.begin_for_job(self.claim, &change).await?;
        let alone = alone.ok_or(Stop::Lost)?;
        let changed = without_work(&alone.rows, self.id())?;
        let end = JobEnd::Turn(self.claim, turn);
        match alone.finish(changed, end, &change).await? {
            Ended::Lost => Err(Stop::Lost),
            Ended::Done(catalog) => {
                self.engine.put(catalog);
                Ok(())
            }
        }
    }

    /// Writes what becomes of the job.
    pub(super) async fn turn(&self, turn: Turn) -> Result<(), Stop> {
        let now = self.engine.clock.now();
        self.engine.store.turn_job(self.claim, turn, now).await?;
        Ok(())
    }

    /// Gives a field its new type, which ends the job; false when the field is gone.
    pub(in crate::engine) async fn switch(
        &self,
        field: (Uuid, FieldId),
        turn: Turn,
    ) -> Result<bool, Stop> {
        let (changeset, caller) = (Changeset::default(), self.caller());
        let change = self.change(&changeset, &caller);
        let end = (self.claim, turn);
        match self.engine.store.switch(end, field, &change).await? {
            Switched::Lost => Err(Stop::Lost),
            Switched::Gone => Ok(false),
            Switched::Done(catalog) => {
                self.engine.put(Some(catalog));
                self.engine.jobs.wake();
                Ok(true)
            }
        }
    }

    fn caller(&self) -> Caller {
        Caller::system("a job", self.engine.clock.now())
    }

    fn change<'c>(&'c self, changeset: &'c Changeset, caller: &'c Caller) -> Change<'c> {
        let log = json!([{"op": "finishJob", "kind": self.job.kind, "job": self.id()}]);
        Change {
            changeset,
            caller,
            now: caller.now,
            ids: &self.engine.ids,
            log: Some(log),
            reads: None,
            known: self.engine.state().catalog,
        }
    }

    /// Does something outside a chunk that takes its time, with signs of life meanwhile. What is done
    /// is dropped when the job is taken away.
    pub(in crate::engine) async fn while_alive<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T, Stop> {
        let beating = async {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                let now = self.engine.clock.now();
                match self.engine.store.keep_job(self.claim, now).await {
                    Ok(true) => {}
                    Ok(false) => return Stop::Lost,
                    Err(error) => return Stop::Failed(error),
                }
            }
        };
        tokio::select! {
            done = work => Ok(done?),
            stop = beating => Err(stop),
        }
    }
}

/// A transaction for a piece of the work. Dropped without [`Self::commit`] or [`Self::finish`], it is
/// rolled back.
#[derive(Debug)]
pub(in crate::engine) struct Chunk<'a> {
    running: &'a Running<'a>,
    /// The transaction.
    pub(in crate::engine) tx: Transaction,
    /// The schema, which stays so until the chunk ends.
    pub(in crate::engine) catalog: Arc<Catalog>,
    /// What is computed of what in it.
    pub(in crate::engine) derivations: Arc<Derivations>,
    /// The instant at which it began.
    pub(in crate::engine) now: OffsetDateTime,
}

impl Chunk<'_> {
    /// Computes fields in this transaction, in the name of the system.
    pub(in crate::engine) fn deriving(&self) -> Deriving<'_> {
        Deriving {
            catalog: &self.catalog,
            derivations: &self.derivations,
            dialect: self.running.dialect(),
            connection: self.tx.connection(),
            now: self.now,
            cause: Some(Cause {
                actor: ("system", None),
                transaction: self.running.engine.ids.uuid(self.now),
                at: self.now,
            }),
        }
    }

    /// Makes it last, with where to go on.
    pub(in crate::engine) async fn commit(self, progress: &impl Serialize) -> Result<(), Stop> {
        let progress = state(progress)?;
        self.end(Turn::Progress(progress)).await
    }

    /// Makes it last as the end of the job, with what it has to tell.
    pub(in crate::engine) async fn finish(self, report: &impl Serialize) -> Result<(), Stop> {
        let report = state(report)?;
        self.end(Turn::Done(report)).await
    }

    async fn end(self, turn: Turn) -> Result<(), Stop> {
        let now = self.running.engine.clock.now();
        let is_ours = self
            .tx
            .turn_job(self.running.claim, Some(turn), now)
            .await?;
        if !is_ours {
            return Err(Stop::Lost);
        }
        Ok(self.tx.commit().await?)
    }
}

/// The rows of the next chunk, after one of so many rows that took so long.
pub(in crate::engine) fn next_size(size: usize, took: Duration) -> usize {
    let most = usize::try_from(super::CHUNK).unwrap_or(usize::MAX);
    let next = if took > CHUNK_TIME {
        size / 2
    } else if took < CHUNK_TIME / 2 {
        size.saturating_mul(2)
    } else {
        size
    };
    next.clamp(LEAST, most)
}

fn state(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("writing the state of a job", error))
}
