//! Copies the values of a field into the columns of its new type, then puts these in place of the old ones.
//!
//! Writers write both from the changeset on, and a chunk reads under the lock that it writes under, so
//! that the copy never falls behind. Until the switch, one short transaction that has the schema to
//! itself, all is read from the old columns; it looks once more at what the field is read by, and at the
//! values that have not gone over.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Running, Stop,
    running::{FIRST, next_size},
};
use crate::{
    catalog::{Catalog, Converting, Field},
    change::{ConvertJob, Misfits},
    error::Error,
    field_type::OnMisfit,
    store::{Copying, Turn},
};

/// How far the job is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Progress {
    /// The last row.
    after: Option<Uuid>,
    /// Values that were looked at.
    records: u64,
    /// Those of live records that do not fit.
    misfits: Misfits,
    /// Those of deleted records, which are left behind.
    deleted_misfits: u64,
    /// Whether all rows were looked at.
    complete: bool,
}

impl ConvertJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let mut progress: Progress = running.progress()?;
        let (mut size, mut tries) = (FIRST, 0);
        while !progress.complete {
            let begun = Instant::now();
            match self.step(running, &progress, size).await {
                Ok(next) => {
                    progress = next;
                    size = next_size(size, begun.elapsed());
                    tries = 0;
                }
                Err(stop) => running.pause(stop, &mut tries).await?,
            }
        }
        let report = json!({
            "records": progress.records,
            "misfits": progress.misfits,
            "deletedMisfits": progress.deleted_misfits,
        });
        let on_misfit = self.on_misfit(running).await?;
        if on_misfit == Some(OnMisfit::Refuse) && progress.misfits.rows > 0 {
            let message = format!(
                "{} record(s) have a value that does not fit the new type; change them, or convert with \
                 onMisfit \"clear\"",
                progress.misfits.rows
            );
            return Err(Stop::Refused(message, report));
        }
        self.finish(running, Turn::Done(report)).await
    }

    async fn finish(&self, running: &Running<'_>, turn: Turn) -> Result<(), Stop> {
        let mut tries = 0;
        loop {
            let switched = running.switch((self.owner, self.field), turn.clone()).await;
            let ended = match switched {
                Ok(true) => Ok(()),
                Ok(false) => {
                    let gone = Turn::Done(json!({"field": "gone"}));
                    running.end(gone).await
                }
                Err(stop) => Err(stop),
            };
            match ended {
                Ok(()) => return Ok(()),
                Err(stop) => running.pause(stop, &mut tries).await?,
            }
        }
    }

    /// Copies the next values. After the first that does not fit, where none may be left behind, the others
    /// are only counted.
    async fn step(
        &self,
        running: &Running<'_>,
        progress: &Progress,
        size: usize,
    ) -> Result<Progress, Stop> {
        let chunk = running.chunk().await?;
        let mut next = progress.clone();
        let found = self.find(running, &chunk.catalog)?;
        let Some((table, field, converting)) = found else {
            next.complete = true;
            chunk.commit(&next).await?;
            return Ok(next);
        };
        let copying = Copying {
            dialect: running.dialect(),
            connection: chunk.tx.connection(),
            table,
            from: field,
            into: &converting.into,
            rules: &converting.rules,
        };
        let page = (progress.after, u64::try_from(size).unwrap_or(u64::MAX));
        let copied = copying.read(page, (true, chunk.catalog.version())).await?;
        let refuses = converting.rules.on_misfit == OnMisfit::Refuse;
        if !refuses || progress.misfits.rows + copied.misfits.rows == 0 {
            copying.store(&chunk.catalog, &copied).await?;
        }
        match copied.last {
            Some(last) => next.after = Some(last),
            None => next.complete = true,
        }
        next.records += copied.rows;
        next.deleted_misfits += copied.deleted_misfits;
        next.misfits.add(copied.misfits);
        chunk.commit(&next).await?;
        Ok(next)
    }

    /// The table, the field and where it goes; nothing when the field is gone.
    fn find<'c>(
        &self,
        running: &Running<'_>,
        catalog: &'c Catalog,
    ) -> Result<Option<(&'c str, &'c Field, &'c Converting)>, Stop> {
        let subject = catalog.find_subject_by_id(self.owner);
        let field = subject
            .and_then(|subject| catalog.subject_fields(subject))
            .and_then(|fields| fields.find_by_id(self.field));
        let table = subject.and_then(|subject| catalog.subject_table(subject));
        let Some((field, table)) = field.zip(table) else {
            return Ok(None);
        };
        let work = field.work.as_ref();
        let is_ours = work.is_some_and(|work| work.job == running.id());
        if let Some(converting) = field.converting.as_deref().filter(|_| is_ours) {
            return Ok(Some((table, field, converting)));
        }
        let message = "the conversion was given up; ask for it again with convertField";
        Err(Error::Conflict(message.to_owned()).into())
    }

    /// What is done with values that do not fit; nothing when the field is gone.
    async fn on_misfit(&self, running: &Running<'_>) -> Result<Option<OnMisfit>, Stop> {
        let chunk = running.chunk().await?;
        let found = self.find(running, &chunk.catalog)?;
        Ok(found.map(|(_, _, converting)| converting.rules.on_misfit))
    }
}
