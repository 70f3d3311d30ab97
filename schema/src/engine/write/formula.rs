//! The formulas of a record that is written: computed anew in its transaction, before the rules look at
//! the record, and part of its event.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::Writing;
use crate::{
    access::Principal,
    catalog::{Field, Subject},
    error::Result,
    expression::Moment,
    plan::write::field_json,
    store::Computing,
    value::Value,
};

/// A formula with the value that was stored and the one that is now.
pub(super) type Changed = (Arc<Field>, Vec<Value>, Vec<Value>);

impl Writing<'_> {
    /// What expressions are computed with in this transaction.
    pub(super) fn computing(&self) -> Computing<'_> {
        let user = match self.checker.caller().principal {
            Principal::User(id) => Some(id.uuid()),
            Principal::Anonymous | Principal::Key(_) | Principal::System { .. } => None,
        };
        Computing {
            catalog: self.catalog,
            dialect: self.dialect(),
            connection: self.tx.connection(),
            moment: Moment {
                now: self.now,
                user,
            },
        }
    }

    /// Computes the formulas of a record that was just written. Gives those that have another value now.
    pub(super) async fn recompute(&self, subject: Subject, id: Uuid) -> Result<Vec<Changed>> {
        let computed = self.computing().recompute(subject, &[id]).await?;
        let fields = computed.into_iter().flat_map(|record| record.fields);
        Ok(fields.collect())
    }
}

/// What the event of a new or restored record says of its formulas.
pub(super) fn afterwards(formulas: &[Changed]) -> Map<String, Json> {
    let after = formulas.iter().map(|(field, _, after)| {
        let after = json!({ "after": field_json(field, after) });
        (field.id.to_string(), after)
    });
    after.collect()
}

/// What the event of a changed record says of its formulas.
pub(super) fn differences(formulas: &[Changed]) -> Map<String, Json> {
    let change = formulas.iter().map(|(field, before, after)| {
        let change = json!({
            "before": field_json(field, before),
            "after": field_json(field, after),
        });
        (field.id.to_string(), change)
    });
    change.collect()
}
