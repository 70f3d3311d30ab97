//! Jobs: slow work that a change of the schema asks for, done beside the requests.
//!
//! A job is a row of the table `jobs`, written in the transaction of its changeset. Any process may do
//! it; which one does, a conditional update decides. A process that has given no sign of life for half a
//! minute has lost its job, and another one goes on from the last progress that was committed.
//!
//! # A new kind of job
//!
//! 1. A variant of `change::JobInput` with a payload of ids. Validation asks for it by
//!    `Validation::enqueue`, and the report of the changeset names it.
//! 2. A file in this folder with `async fn run(&self, running: &Running<'_>) -> Result<(), Stop>`, and a
//!    line in [`Engine::do_job`].
//!
//! `run` works in chunks: [`Running::chunk`] begins a transaction that holds the schema at the version of
//! `chunk.catalog`; [`Chunk::commit`] makes what was done in it last together with the progress, and
//! [`Chunk::finish`] with the end of the job. A chunk is bounded ([`CHUNK`] rows), for on SQLite it holds
//! off every other writer. Progress is whatever the kind needs to go on, mostly the id of the last row;
//! [`Running::progress`] gives it back. Because a chunk and its progress commit
//! together, no chunk is done twice; what is done outside a chunk must bear being done again.
//! A job looks its type or field up by id in each chunk, and ends well when that is gone.

mod base_amounts;
mod convert;
mod day;
mod fill;
mod index;
mod purge;
mod running;
mod show;
mod verify;

use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    change::JobInput,
    engine::Engine,
    error::{Error, Fault, Result},
    store::{Claim, Turn},
};
use day::KnownDay;
pub(in crate::engine) use running::{Chunk, Running, Stop};
pub use show::JobDescription;
pub use verify::Verification;

/// The most rows of one chunk.
pub(in crate::engine) const CHUNK: u64 = 500;
/// How often a job is begun without getting on before it is given up.
const ATTEMPTS: i32 = 20;
/// How often a failure of our own is tried again.
const FAILURES: i32 = 4;

/// What this process knows of jobs.
#[derive(Debug)]
pub(super) struct Jobs {
    /// The name of this process in claims.
    node: Uuid,
    /// Wakes who waits for jobs.
    wake: Notify,
    day: KnownDay,
}

impl Jobs {
    pub(super) fn new(node: Uuid) -> Self {
        Self {
            node,
            wake: Notify::new(),
            day: KnownDay::default(),
        }
    }

    /// There may be a new job.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

impl Engine {
    /// Does the jobs that are due, one after another, until there is none. The server calls this in a
    /// task of its own, twice a second and whenever a changeset leaves jobs behind.
    pub async fn run_due_jobs(&self) -> Result<()> {
        self.turn_day().await?;
        while let Some(job) = self
            .store
            .claim_job(self.jobs.node, self.clock.now())
            .await?
        {
            let claim = Claim {
                job: job.id,
                node: self.jobs.node,
                attempt: job.attempts,
            };
            let (id, kind, attempt) = (job.id, job.kind.clone(), job.attempts);
            tracing::info!(%id, kind, attempt, "a job begins");
            let running = Running::new(self, claim, job);
            let stop = match self.do_job(&running).await {
                Ok(()) => {
                    tracing::info!(%id, kind, "a job is done");
                    continue;
                }
                Err(stop) => stop,
            };
            let turn = match stop {
                Stop::Lost => {
                    tracing::info!(%id, kind, "a job was taken away");
                    continue;
                }
                Stop::Failed(error) => self.turn_after(&error, running.fruitless()),
                Stop::Refused(message, report) => Turn::Refused(message, report),
            };
            // What was found may hold values of records, which belong into no log.
            let why = match &turn {
                Turn::Failed(why) | Turn::Refused(why, _) => why.as_str(),
                Turn::Again(_) => "it is tried again",
                Turn::Progress(_) | Turn::Done(_) => "",
            };
            tracing::warn!(%id, kind, why, "a job was stopped");
            match running.input() {
                Ok(JobInput::Convert(_)) => give_up(&running, turn).await?,
                Ok(
                    JobInput::Index(_)
                    | JobInput::Fill(_)
                    | JobInput::BaseAmounts(_)
                    | JobInput::Verify(_)
                    | JobInput::TurnDay(_)
                    | JobInput::Purge(_),
                )
                | Err(_) => {
                    self.store.turn_job(claim, turn, self.clock.now()).await?;
                }
            }
        }
        Ok(())
    }

    /// Waits until there may be a job, at most so long.
    pub async fn wait_for_jobs(&self, at_most: Duration) {
        // Nobody woke it: the time is over, which is a reason to look as well.
        let _ = tokio::time::timeout(at_most, self.jobs.wake.notified()).await;
    }

    /// Gives back the jobs that this process has begun, so that another one need not wait until they
    /// count as lost. For the end of a server.
    pub async fn release_jobs(&self) -> Result<()> {
        self.store
            .release_jobs(self.jobs.node, self.clock.now())
            .await
    }

    /// Does what the payload says. One line per kind.
    async fn do_job(&self, running: &Running<'_>) -> Result<(), Stop> {
        if running.fruitless() > ATTEMPTS {
            let message = format!("was begun {ATTEMPTS} times without getting on");
            return Err(Error::Conflict(message).into());
        }
        match running.input()? {
            JobInput::Index(job) => job.run(running).await,
            JobInput::Fill(job) => job.run(running).await,
            JobInput::BaseAmounts(job) => job.run(running).await,
            JobInput::Verify(job) => job.run(running).await,
            JobInput::TurnDay(job) => job.run(running).await,
            JobInput::Convert(job) => job.run(running).await,
            JobInput::Purge(job) => job.run(running).await,
        }
    }

    /// What becomes of a job that could not go on.
    fn turn_after(&self, error: &Error, attempt: i32) -> Turn {
        let seconds = 1_i64 << attempt.clamp(0, 6);
        let again = Turn::Again(self.clock.now() + time::Duration::seconds(seconds));
        match error {
            Error::Busy | Error::Aborted => again,
            Error::Store { context, source } if attempt < FAILURES => {
                tracing::error!(error = %source, context, "a job failed; it is tried again");
                again
            }
            Error::Store { context, source } => {
                tracing::error!(error = %source, context, "a job failed for good");
                Turn::Failed(
                    "the server failed; its log says why, and the job can be tried again"
                        .to_owned(),
                )
            }
            Error::Invalid(faults) => Turn::Failed(told(faults)),
            Error::ObjectNotFound(_)
            | Error::RecordNotFound { .. }
            | Error::NotFound { .. }
            | Error::Forbidden(_)
            | Error::Unauthenticated(_)
            | Error::UniqueConflict { .. }
            | Error::Conflict(_)
            | Error::VersionMismatch { .. }
            | Error::SchemaVersionMismatch { .. }
            | Error::AccessVersionMismatch { .. } => Turn::Failed(error.to_string()),
        }
    }
}

/// Ends a conversion that can't go on: the field is as if nobody had asked for it. One that is tried again
/// stays.
async fn give_up(running: &Running<'_>, turn: Turn) -> Result<()> {
    let mut tries = 0;
    loop {
        let ended = match &turn {
            Turn::Failed(_) | Turn::Refused(..) => running.end(turn.clone()).await,
            Turn::Progress(_) | Turn::Done(_) | Turn::Again(_) => running.turn(turn.clone()).await,
        };
        let paused = match ended {
            Ok(()) => return Ok(()),
            Err(stop) => running.pause(stop, &mut tries).await,
        };
        match paused {
            Ok(()) => {}
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Lost | Stop::Refused(..)) => return Ok(()),
        }
    }
}

fn told(faults: &[Fault]) -> String {
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    messages.join("; ")
}
