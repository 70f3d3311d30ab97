//! How far the indexes of fields are, for those who may define them. That stands in the jobs, not in the
//! catalog: it changes while the schema stays.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Languages, SchemaView};
use crate::{
    access::Caller,
    catalog::Field,
    engine::Engine,
    error::Result,
    id::{FieldId, JobId},
    store::OpenIndex,
};

/// The index of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexDescription {
    /// `none`, `building`, `ready` or `failed`.
    pub state: &'static str,
    /// The job that builds it or could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// The jobs of indexes that have not come to a good end, by field.
pub(super) type Indexes = BTreeMap<FieldId, OpenIndex>;

impl Engine {
    /// [`Self::schema_view`] with the state of the indexes, for a caller who may define fields.
    pub async fn schema_view_with_indexes(
        &self,
        caller: &Caller,
        languages: Languages,
    ) -> Result<SchemaView> {
        let mut view = self.schema_view(caller, languages);
        if view.defines() {
            view.indexes = Some(self.store.open_indexes().await?);
        }
        Ok(view)
    }
}

impl SchemaView {
    /// The index of a field; nothing for those who may not know.
    pub(super) fn index(&self, field: &Field) -> Option<IndexDescription> {
        let open = self.indexes.as_ref()?;
        if field.system.is_some() {
            return None;
        }
        if !field.has_index() {
            let state = if field.unique && !field.is_virtual() {
                "ready"
            } else {
                "none"
            };
            return Some(IndexDescription { state, job: None });
        }
        let job = open.get(&field.id);
        Some(IndexDescription {
            state: match job {
                Some(job) if job.has_failed => "failed",
                Some(_) => "building",
                None => "ready",
            },
            job: job.map(|job| job.job),
        })
    }

    /// What tells two states of the indexes apart.
    pub(super) fn index_tag(&self) -> String {
        let open = self.indexes.iter().flatten();
        let told = open.map(|(field, open)| format!("{field}:{}:{}", open.job, open.has_failed));
        told.collect::<Vec<_>>().join(",")
    }
}
