//! Computes fields for the records that were there before: chunk by chunk, each under the locks that a
//! write of the same values takes, so that it never stores an older value than a writer did.
//!
//! Writers compute the fields of what they write from the changeset on. What depends on a value that a
//! chunk changes follows in the same chunk, as after a write; but for the fields of later stages, which
//! all records get anyway. A field that another changeset has changed or filled meanwhile names another
//! job, or none, and is left to that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Chunk, Running, Stop,
    running::{FIRST, next_size},
};
use crate::{
    access::Caller,
    catalog::Subject,
    change::{FillJob, FillStage},
    id::FieldId,
    store::{
        Turn,
        derive::{Cause, Deriving},
    },
};

/// How far the job is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    /// The stage.
    stage: usize,
    /// The last record of it.
    after: Option<Uuid>,
    /// Values of records that were looked at.
    records: u64,
}

impl FillJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let mut progress: Progress = running.progress()?;
        let (mut size, mut tries) = (FIRST, 0);
        while let Some(stage) = self.stages.get(progress.stage) {
            let begun = Instant::now();
            match self.step(running, (stage, &progress), size).await {
                Ok(next) => {
                    progress = next;
                    size = next_size(size, begun.elapsed());
                    tries = 0;
                }
                Err(stop) => running.pause(stop, &mut tries).await?,
            }
        }
        // The fields say no more that they are computed.
        let turn = Turn::Done(json!({"records": progress.records}));
        while let Err(stop) = running.end(turn.clone()).await {
            running.pause(stop, &mut tries).await?;
        }
        Ok(())
    }

    /// Fills the next records of a stage, or goes on to the next one.
    async fn step(
        &self,
        running: &Running<'_>,
        (stage, progress): (&FillStage, &Progress),
        size: usize,
    ) -> Result<Progress, Stop> {
        let chunk = running.chunk().await?;
        let mut next = progress.clone();
        let mut ids = Vec::new();
        if let Some((owner, fields)) = wanted(&chunk, running, stage) {
            let deriving = self.deriving(&chunk, running);
            ids = deriving.live_after(owner, (progress.after, size)).await?;
            let pending = self.pending(progress.stage);
            let of_type = (owner, stage.is_new);
            deriving.fill(of_type, (&fields, &pending), &ids).await?;
        }
        if let Some(last) = ids.last() {
            next.after = Some(*last);
            next.records += u64::try_from(ids.len()).unwrap_or_default();
        } else {
            next.stage += 1;
            next.after = None;
        }
        chunk.commit(&next).await?;
        Ok(next)
    }

    fn deriving<'a>(&self, chunk: &'a Chunk<'_>, running: &Running<'_>) -> Deriving<'a> {
        Deriving {
            catalog: &chunk.catalog,
            derivations: &chunk.derivations,
            dialect: running.dialect(),
            connection: chunk.tx.connection(),
            now: chunk.now,
            cause: Some(Cause {
                actor: (Caller::actor_kind_named(&self.actor_kind), self.actor),
                transaction: running.engine.ids.uuid(chunk.now),
                at: chunk.now,
            }),
        }
    }

    /// The fields of later stages.
    fn pending(&self, stage: usize) -> BTreeSet<FieldId> {
        let later = self.stages.iter().skip(stage + 1);
        later
            .flat_map(|stage| stage.fields.iter().copied())
            .collect()
    }
}

/// Those of the fields of a stage that are still this job's to fill.
fn wanted(
    chunk: &Chunk<'_>,
    running: &Running<'_>,
    stage: &FillStage,
) -> Option<(Subject, Vec<FieldId>)> {
    let owner = chunk.catalog.find_subject_by_id(stage.owner)?;
    let fields = chunk.catalog.subject_fields(owner)?;
    let is_ours = |id: &FieldId| {
        let work = fields.find_by_id(*id).and_then(|it| it.work.as_ref());
        work.is_some_and(|work| work.job == running.id())
    };
    let ours: Vec<FieldId> = stage.fields.iter().copied().filter(is_ours).collect();
    (!ours.is_empty()).then_some((owner, ours))
}
