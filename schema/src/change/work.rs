//! What the metadata say of slow work on fields.

use serde::Deserialize;

use super::draft::{ChangedRows, json};
use crate::{
    catalog::{FieldWork, MetadataRows, definition::FieldDefinition},
    error::{Error, Result},
    id::{FieldId, JobId},
};

/// The row of a live field with other work on it; nothing where it says so already, or is gone.
pub(crate) fn set_work(
    rows: &MetadataRows,
    field: FieldId,
    work: Option<&FieldWork>,
) -> Result<Option<entity::meta_field::Model>> {
    let mut live = rows.fields.iter().filter(|row| row.deleted_at.is_none());
    let Some(row) = live.find(|row| row.id == field.uuid()) else {
        return Ok(None);
    };
    let mut definition = definition(row)?;
    if definition.work.as_ref() == work {
        return Ok(None);
    }
    definition.work = work.cloned();
    let mut row = row.clone();
    row.definition = json(&definition)?.into();
    Ok(Some(row))
}

/// The rows of all fields that this job works on, without the work.
pub(crate) fn without_work(rows: &MetadataRows, job: JobId) -> Result<ChangedRows> {
    let mut changed = ChangedRows::default();
    for row in &rows.fields {
        let mut definition = definition(row)?;
        if definition.work.as_ref().is_none_or(|work| work.job != job) {
            continue;
        }
        definition.work = None;
        let mut row = row.clone();
        row.definition = json(&definition)?.into();
        changed.fields.push(row);
    }
    Ok(changed)
}

pub(super) fn definition(row: &entity::meta_field::Model) -> Result<FieldDefinition> {
    FieldDefinition::deserialize(&*row.definition)
        .map_err(|error| Error::internal("reading a definition of the metadata tables", error))
}
