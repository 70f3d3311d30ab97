//! The moment at which a converted field has its new type: new columns, constraints and definitions, and the
//! end of the job, in one transaction that has the schema to itself.

use uuid::Uuid;

use super::{Change, changing};
use crate::{
    catalog::Catalog,
    change::{Ground, validate_switch},
    error::Result,
    id::{FieldId, JobId},
    store::{Claim, Store, Turn, jobs::write_turn},
};

/// What came of it.
#[derive(Debug)]
pub(crate) enum Switched {
    /// The field has its new type.
    Done(Box<Catalog>),
    /// The field or its type is gone. Nothing has happened.
    Gone,
    /// Somebody else has the job. Nothing has happened.
    Lost,
}

impl Store {
    /// Gives a field its new type. Faults leave all as it was; where others are in the way, it has to be
    /// tried again.
    pub(crate) async fn switch(
        &self,
        (claim, turn): (Claim, Turn),
        (owner, field): (Uuid, FieldId),
        change: &Change<'_>,
    ) -> Result<Switched> {
        let tx = self.begin_alone().await?;
        let rows = self.locked_rows(&tx).await?;
        if !write_turn(&tx, claim, None, change.now).await? {
            return Ok(Switched::Lost);
        }
        let catalog = Catalog::load(&rows)?.without_ended_aliases(change.now);
        let Some(owner) = catalog.find_subject_by_id(owner) else {
            return Ok(Switched::Gone);
        };
        let ground = Ground {
            rows: &rows,
            catalog: &catalog,
            now: change.now,
            new_id: &mut || change.ids.uuid(change.now),
        };
        let job = JobId::new(claim.job);
        let Some(validated) = validate_switch(ground, owner, (field, job))? else {
            return Ok(Switched::Gone);
        };
        let changed = self
            .carry_out(&tx, (rows, &catalog), validated, change)
            .await?;
        let Some(catalog) = changed.catalog else {
            return Ok(Switched::Gone);
        };
        if !write_turn(&tx, claim, Some(turn), change.now).await? {
            return Ok(Switched::Lost);
        }
        tx.commit().await.map_err(changing)?;
        Ok(Switched::Done(Box::new(catalog)))
    }
}
