//! Jobs as they are shown to those who may change the schema.

use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    access::{Caller, Permission},
    engine::Engine,
    error::{Error, Result},
    id::JobId,
    identity::{Listed, Listing},
    store::JobOrder,
    value::instant_text,
};

/// A job as it is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobDescription {
    /// Its id.
    pub id: JobId,
    /// What sort of work it is.
    pub kind: String,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// What it is about, by ids.
    pub payload: Json,
    /// How far it is.
    pub progress: Option<Json>,
    /// What it found and did.
    pub report: Option<Json>,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: i32,
    /// The schema version that asked for it.
    pub schema_version: i64,
    /// It is not begun before this instant.
    pub run_after: String,
    /// When it was asked for.
    pub created_at: String,
    /// When it was last heard of.
    pub updated_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
}

impl Engine {
    /// A page of jobs, newest first.
    pub async fn list_jobs(
        &self,
        caller: &Caller,
        listing: Listing,
        state: Option<&str>,
    ) -> Result<Listed<JobDescription>> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let listed = self.store.list_jobs(&permit, listing, state).await?;
        Ok(Listed {
            items: listed
                .items
                .into_iter()
                .map(|job| self.describe_job(caller, job))
                .collect(),
            has_next: listed.has_next,
        })
    }

    /// One job.
    pub async fn load_job(&self, caller: &Caller, id: JobId) -> Result<JobDescription> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let found = self.store.find_job(&permit, id).await?;
        let found = found.map(|job| self.describe_job(caller, job));
        found.ok_or_else(|| Error::NotFound {
            kind: "job",
            name: id.to_string(),
        })
    }

    /// Ends a job that has not ended. What it has done so far stays.
    pub async fn cancel_job(&self, caller: &Caller, id: JobId) -> Result<JobDescription> {
        self.order(caller, id, JobOrder::Cancel).await
    }

    /// Queues a job again that has failed. It goes on where it was.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<JobDescription> {
        let job = self.order(caller, id, JobOrder::Retry).await?;
        self.jobs.wake();
        Ok(job)
    }

    async fn order(&self, caller: &Caller, id: JobId, order: JobOrder) -> Result<JobDescription> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let before = self.load_job(caller, id).await?;
        let now = self.clock.now();
        let is_done = if (order, before.kind.as_str()) == (JobOrder::Cancel, "convert") {
            self.cancel_conversion(&permit, caller, id).await?
        } else {
            self.store.set_job(&permit, id, (order, now)).await?
        };
        if !is_done {
            let wanted = match order {
                JobOrder::Cancel => "queued or running job can be cancelled",
                JobOrder::Retry => "failed job can be tried again",
            };
            let message = format!("only a {wanted}; this one is {}", before.state);
            return Err(Error::Conflict(message));
        }
        self.load_job(caller, id).await
    }
}

impl Engine {
    /// A job without the values of records that the caller may not read.
    fn describe_job(&self, caller: &Caller, mut job: entity::job::Model) -> JobDescription {
        self.hide_misfits(caller, &mut job);
        let mut described = describe(job);
        self.hide_values(caller, &mut described);
        described
    }
}

fn describe(job: entity::job::Model) -> JobDescription {
    JobDescription {
        id: JobId::new(job.id),
        kind: job.kind,
        state: job.state,
        payload: job.payload.into_json(),
        progress: job.progress.map(entity::JsonText::into_json),
        report: job.report.map(entity::JsonText::into_json),
        error: job.error,
        attempts: job.attempts,
        schema_version: job.schema_version,
        run_after: instant_text(job.run_after),
        created_at: instant_text(job.created_at),
        updated_at: instant_text(job.updated_at),
        finished_at: job.finished_at.map(instant_text),
    }
}
