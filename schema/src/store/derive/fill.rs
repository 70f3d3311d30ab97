//! The values that a new computed field, or one that is computed in another way, gives to the records that are
//! there: set-based, in the transaction of the changeset.

use std::collections::BTreeMap;

use super::{CHUNK, Cause, Deriving};
use crate::{
    catalog::{Catalog, Subject},
    change::Computed,
    error::Result,
    plan::derivation::Derivations,
    sql,
    store::{Connection, Store},
};

impl Store {
    /// Computes fields of all live records. Gives for each field's operation how many records it has.
    ///
    /// A new field changes no record that anybody has seen, so that it raises no version; one that is
    /// computed in another way does, and what depends on it follows.
    pub(in crate::store) async fn fill_computed(
        &self,
        connection: Connection<'_>,
        catalog: &Catalog,
        computed: &[Computed],
        cause: Cause,
    ) -> Result<Vec<(usize, u64)>> {
        if computed.is_empty() {
            return Ok(Vec::new());
        }
        let derivations = Derivations::of(catalog);
        let deriving = |cause| Deriving {
            catalog,
            derivations: &derivations,
            dialect: self.dialect(),
            connection,
            cause,
        };
        let mut groups: BTreeMap<(usize, Subject, bool), Vec<&Computed>> = BTreeMap::new();
        for one in computed {
            if let Some(derived) = derivations.find(one.field) {
                let group = groups.entry((derived.layer, one.owner, one.is_new));
                group.or_default().push(one);
            }
        }
        let mut filled = Vec::new();
        for ((_, owner, is_new), group) in groups {
            let fields: Vec<_> = group.iter().map(|one| one.field).collect();
            let deriving = deriving((!is_new).then_some(cause));
            let mut after = None;
            let mut records = 0;
            loop {
                let ids = deriving.live_after(owner, after).await?;
                let Some(last) = ids.last() else { break };
                after = Some(*last);
                records += u64::try_from(ids.len()).unwrap_or_default();
                if is_new {
                    deriving.compute(owner, &fields, &ids).await?;
                } else {
                    deriving.recompute(owner, &fields, &ids).await?;
                }
            }
            filled.extend(group.into_iter().map(|one| (one.operation, records)));
        }
        Ok(filled)
    }
}

impl Deriving<'_> {
    /// The next live records of a type, in the order of their ids.
    pub(crate) async fn live_after(
        &self,
        owner: Subject,
        after: Option<uuid::Uuid>,
    ) -> Result<Vec<uuid::Uuid>> {
        let page = (after, u64::try_from(CHUNK).unwrap_or(u64::MAX));
        let select = sql::expression::live_after(self.catalog, self.dialect, owner, page)?;
        let rows = self.connection.fetch(select).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            ids.extend(row.uuid(0)?);
        }
        Ok(ids)
    }
}
