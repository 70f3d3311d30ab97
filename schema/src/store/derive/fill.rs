//! The values that a new computed field, or one that is computed in another way, gives to the records that are
//! there: set-based, in the transaction of the changeset.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{CHUNK, Cause, Deriving, Touched, Work};
use crate::{
    catalog::{Catalog, Subject},
    change::Computed,
    error::Result,
    id::FieldId,
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
        let cause_at = cause.at;
        let deriving = |cause| Deriving {
            catalog,
            derivations: &derivations,
            dialect: self.dialect(),
            connection,
            now: cause_at,
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
                let ids = deriving.live_after(owner, (after, CHUNK)).await?;
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
    /// Computes fields of one layer for records of a type, and what depends on what changes by it, but for
    /// the fields whose own turn is yet to come. New fields raise no versions.
    pub(crate) async fn fill(
        &self,
        (owner, is_new): (Subject, bool),
        (fields, pending): (&[FieldId], &BTreeSet<FieldId>),
        ids: &[Uuid],
    ) -> Result<()> {
        let quiet = Deriving {
            cause: self.cause.filter(|_| !is_new),
            ..*self
        };
        let computed = quiet.compute(owner, fields, ids).await?;
        let touched: Vec<&Touched> = computed.iter().map(|(touched, _)| touched).collect();
        let mut work = Work::new();
        self.mark(&mut work, owner, &touched).await?;
        for fields in work.values_mut() {
            fields.retain(|field, _| !pending.contains(field));
        }
        work.retain(|_, fields| !fields.is_empty());
        self.work_off(work, &BTreeSet::new()).await?;
        Ok(())
    }

    /// The next live records of a type, in the order of their ids.
    pub(crate) async fn live_after(
        &self,
        owner: Subject,
        (after, limit): (Option<Uuid>, usize),
    ) -> Result<Vec<Uuid>> {
        let page = (after, u64::try_from(limit).unwrap_or(u64::MAX));
        let select = sql::expression::live_after(self.catalog, self.dialect, owner, page)?;
        let rows = self.connection.fetch(select).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            ids.extend(row.uuid(0)?);
        }
        Ok(ids)
    }
}
