//! Amounts in the base currency of records that are there: when the rates change, and when a record comes
//! back that was away meanwhile.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use super::{Deriving, Touched, compute::Stale};
use crate::{
    catalog::{Catalog, Column, Field, FieldList, Subject, SystemField},
    error::Result,
    id::FieldId,
    plan::write::field_json,
    sql,
    store::Row,
    value::{Storage, Value},
};

/// The fields of a type that hold money: those that are written, and those that a formula gives.
#[derive(Debug, Default)]
pub(crate) struct MoneyFields {
    pub(crate) written: Vec<Arc<Field>>,
    formulas: Vec<FieldId>,
}

impl MoneyFields {
    /// The fields of one type.
    pub(crate) fn of(catalog: &Catalog, subject: Subject) -> Self {
        let mut found = Self::default();
        let fields = catalog.subject_fields(subject);
        for field in fields.into_iter().flat_map(FieldList::iter) {
            if field.base_amount().is_none() || field.is_virtual() {
                continue;
            }
            if field.field_type.is_formula() {
                found.formulas.push(field.id);
            } else if !field.field_type.is_computed() {
                found.written.push(Arc::clone(field));
            }
        }
        found
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.formulas.is_empty()
    }
}

impl Deriving<'_> {
    /// Converts the amounts of live records anew, and computes what depends on what changes by it. Gives
    /// how many records had another amount.
    pub(crate) async fn convert(
        &self,
        owner: Subject,
        fields: &MoneyFields,
        ids: &[Uuid],
    ) -> Result<usize> {
        let stale = self.convert_written(owner, &fields.written, ids).await?;
        let touched: Vec<Touched> = stale.iter().map(|one| touched(owner, one)).collect();
        self.propagate(&touched).await?;
        self.recompute(owner, &fields.formulas, ids).await?;
        Ok(stale.len())
    }

    /// Converts the amounts of live records anew that callers have written.
    pub(crate) async fn convert_written(
        &self,
        owner: Subject,
        fields: &[Arc<Field>],
        ids: &[Uuid],
    ) -> Result<Vec<Stale>> {
        let list = self.catalog.subject_fields(owner);
        let created = list.and_then(|fields| fields.find_system(SystemField::CreatedAt));
        let Some(created) = created.filter(|_| !fields.is_empty() && !ids.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut columns: Vec<&Column> = vec![created.column()];
        columns.extend(fields.iter().flat_map(|field| &field.columns));
        let table = sql::expression::table(self.catalog, owner)?;
        let looked_at = (columns.as_slice(), true);
        let stored = sql::derive::stored(self.catalog, self.dialect, &table, ids, looked_at);
        let mut stale = Vec::new();
        for row in self.connection.fetch(stored).await? {
            stale.extend(self.difference_of(&row, fields)?);
        }
        self.store(&table, &stale, self.cause.is_some()).await?;
        self.record_events(owner, &stale).await?;
        Ok(stale)
    }

    /// The fields of a row whose amount in the base currency is not what is stored.
    fn difference_of(&self, row: &Row, fields: &[Arc<Field>]) -> Result<Option<Stale>> {
        let (Some(id), Value::Instant(created)) = (row.uuid(0)?, row.value(2, Storage::Instant)?)
        else {
            return Ok(None);
        };
        let mut at = 3;
        let mut different = Vec::new();
        for field in fields {
            let mut values = Vec::with_capacity(field.columns.len());
            for (offset, column) in field.columns.iter().enumerate() {
                values.push(row.value(at + offset, column.part.storage)?);
            }
            at += field.columns.len();
            let before = field_json(field, &values);
            self.catalog.currencies().fill(field, &mut values, created);
            if before != field_json(field, &values) {
                different.push((Arc::clone(field), before, values));
            }
        }
        Ok((!different.is_empty()).then_some(Stale {
            id,
            version: row.integer(1)?.unwrap_or(0),
            fields: different,
        }))
    }
}

/// What depends on the fields of the record itself is to be computed, too.
fn touched(owner: Subject, stale: &Stale) -> Touched {
    let fields: BTreeSet<FieldId> = stale.fields.iter().map(|it| it.0.id).collect();
    Touched::of_computed(owner, stale.id, fields)
}
