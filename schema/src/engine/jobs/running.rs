//! A job while it is done, and the transactions that it is done in.

use std::{future::Future, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    change::JobInput,
    engine::Engine,
    error::{Error, Result},
    sql::dialect::Dialect,
    store::{Claim, Transaction, Turn},
};

/// How often a job that is busy outside a chunk gives a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often a chunk is begun anew when the schema changes under it.
const ATTEMPTS: u32 = 5;

/// Why a job does not go on.
#[derive(Debug)]
pub(in crate::engine) enum Stop {
    /// It was cancelled, or counts as lost and is done elsewhere.
    Lost,
    /// Something went wrong.
    Failed(Error),
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

    pub(super) fn attempt(&self) -> i32 {
        self.claim.attempt
    }

    /// What is to be done.
    pub(super) fn input(&self) -> Result<JobInput> {
        JobInput::of_columns(&self.job.kind, &self.job.payload)
    }

    #[allow(dead_code, reason = "for the kinds that walk through a table")]
    /// Where an earlier attempt has stopped; the default when there was none.
    pub(in crate::engine) fn progress<P: DeserializeOwned + Default>(&self) -> Result<P> {
        let Some(progress) = &self.job.progress else {
            return Ok(P::default());
        };
        P::deserialize(&progress.0)
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
            let (schema, _) = tx.versions(self.dialect()).await?;
            if schema > self.engine.state().catalog.version() {
                self.engine.reload_in(&tx, schema).await?;
            }
            let catalog = self.engine.state().catalog;
            if catalog.version() == schema {
                let now = self.engine.clock.now();
                if !tx.turn_job(self.claim, None, now).await? {
                    return Err(Stop::Lost);
                }
                return Ok(Chunk {
                    running: self,
                    tx,
                    catalog,
                    now,
                });
            }
        }
        Err(Error::Busy.into())
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
    #[allow(dead_code, reason = "for the kinds that write records")]
    /// The instant at which it began.
    pub(in crate::engine) now: OffsetDateTime,
}

impl Chunk<'_> {
    #[allow(dead_code, reason = "for the kinds that walk through a table")]
    /// The ids of a table in order, deleted records too, from behind this one on; at most
    /// [`super::CHUNK`].
    pub(in crate::engine) async fn ids_after(
        &self,
        table: &str,
        after: Option<Uuid>,
    ) -> Result<Vec<Uuid>> {
        let dialect = self.running.dialect();
        let select = dialect.ids_after(table, after, super::CHUNK);
        let rows = self.tx.connection().fetch(select).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            ids.extend(row.uuid(0)?);
        }
        Ok(ids)
    }

    /// Makes it last, with where to go on.
    pub(in crate::engine) async fn commit(self, progress: &impl Serialize) -> Result<(), Stop> {
        let progress = json(progress)?;
        self.end(Turn::Progress(progress)).await
    }

    /// Makes it last as the end of the job, with what it has to tell.
    pub(in crate::engine) async fn finish(self, report: &impl Serialize) -> Result<(), Stop> {
        let report = json(report)?;
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

fn json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("writing the state of a job", error))
}
