//! Drift: computed fields that hold something else than they should, found without changing anything.
//!
//! The records are locked for the comparison, as they are for computing, so that a write in between is
//! not taken for drift.

use uuid::Uuid;

use super::{Deriving, compute::Stale, compute::merged};
use crate::{catalog::Subject, error::Result, id::FieldId, sql};

impl Deriving<'_> {
    /// The records of which one of these fields is not what its stored inputs give.
    pub(crate) async fn drift(
        &self,
        owner: Subject,
        fields: &[FieldId],
        ids: &[Uuid],
    ) -> Result<Vec<Stale>> {
        let table = sql::expression::table(self.catalog, owner)?;
        let rollups = self.rollups(owner, fields);
        let (found, stale) = self.compare_rollups(&table, &rollups, (ids, true)).await?;
        let formulas = fields.iter().copied().filter(|id| self.is_formula(*id));
        let formulas = formulas.collect();
        let more = self.compare_formulas(owner, &formulas, &found).await?;
        Ok(merged(stale, more))
    }
}
