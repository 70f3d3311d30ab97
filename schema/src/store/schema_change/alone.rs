//! Changes of the schema that come with the end of a job: in one short transaction that no write runs
//! beside.

use sea_orm::DatabaseTransaction;

use super::{Change, changing, write_head, write_rows};
use crate::{
    access::Permit,
    catalog::{Catalog, MetadataRows},
    change::{ChangedRows, without_work},
    error::{Error, Result},
    id::JobId,
    store::{
        Claim, JobOrder, Store, Turn,
        head::may_try_again,
        jobs::{write_order, write_turn},
    },
};

/// A transaction that has the schema to itself. Dropped without [`Self::finish`], it is rolled back.
#[derive(Debug)]
pub(crate) struct Alone {
    tx: DatabaseTransaction,
    /// The metadata as it is.
    pub(crate) rows: MetadataRows,
}

/// What becomes of the job.
#[derive(Debug)]
pub(crate) enum JobEnd {
    /// What the process that does it says.
    Turn(Claim, Turn),
    /// Somebody cancels it.
    Cancel(JobId),
}

/// How a job has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// As was said; the catalog, where the schema has changed.
    Done(Option<Box<Catalog>>),
    /// Somebody else has the job, or it has ended already. Nothing has happened.
    Lost,
}

impl Store {
    /// Begins it; nothing when the claim is lost. Where others are in the way, it has to be tried again.
    pub(crate) async fn begin_for_job(
        &self,
        claim: Claim,
        change: &Change<'_>,
    ) -> Result<Option<Alone>> {
        let tx = self.begin_alone().await?;
        let rows = self.locked_rows(&tx).await?;
        if !write_turn(&tx, claim, None, change.now).await? {
            return Ok(None);
        }
        Ok(Some(Alone { tx, rows }))
    }

    /// Cancels a conversion: the field is as if nobody had asked for it.
    pub(crate) async fn cancel_conversion(
        &self,
        _: &Permit,
        id: JobId,
        change: &Change<'_>,
    ) -> Result<Ended> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_to_cancel(id, change).await {
                Err(Error::Busy | Error::Aborted) if may_try_again(attempt).await => {}
                result => return result,
            }
        }
    }

    async fn try_to_cancel(&self, id: JobId, change: &Change<'_>) -> Result<Ended> {
        let tx = self.begin_alone().await?;
        let rows = self.locked_rows(&tx).await?;
        let changed = without_work(&rows, id)?;
        let alone = Alone { tx, rows };
        alone.finish(changed, JobEnd::Cancel(id), change).await
    }
}

impl Alone {
    /// Writes the rows as the next version, and ends the job.
    pub(crate) async fn finish(
        mut self,
        changed: ChangedRows,
        end: JobEnd,
        change: &Change<'_>,
    ) -> Result<Ended> {
        let mut catalog = None;
        if !changed.is_empty() {
            self.rows.version += 1;
            write_rows(&self.tx, &changed).await?;
            write_head(&self.tx, change, self.rows.version).await?;
            changed.put_into(&mut self.rows);
            catalog = Some(Box::new(Catalog::load(&self.rows)?));
        }
        let is_ended = match end {
            JobEnd::Turn(claim, turn) => {
                write_turn(&self.tx, claim, Some(turn), change.now).await?
            }
            JobEnd::Cancel(id) => write_order(&self.tx, id, (JobOrder::Cancel, change.now)).await?,
        };
        if !is_ended {
            return Ok(Ended::Lost);
        }
        self.tx.commit().await.map_err(changing)?;
        Ok(Ended::Done(catalog))
    }
}
