//! Slow work on a field: what a job does with its values while requests go on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Field;
use crate::{
    field_type::{Conversion, ConversionRules},
    id::{FieldId, JobId},
    value::Value,
};

/// Work on a field that is not done yet. The job that is named here is the only one that may end it: one
/// whose name was replaced by that of another has nothing to do any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldWork {
    /// What is done.
    pub state: WorkState,
    /// The job that does it.
    pub job: JobId,
    /// Of a conversion, where the values go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<ConvertedInto>,
}

/// Where the values of a field go that is converted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConvertedInto {
    /// A hidden field, which counts as deleted: it has the new type and its columns until the two change
    /// places, and the old ones afterwards.
    pub field: FieldId,
    /// What becomes of values without a plain counterpart.
    #[serde(flatten)]
    pub rules: ConversionRules,
}

/// What is done with the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkState {
    /// They are computed: those of records that the job has not come to are missing or old.
    Computing,
    /// They are copied into columns of another type, which writers write as well.
    Converting,
}

impl WorkState {
    /// The word for it in descriptions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Converting => "converting",
        }
    }
}

/// The hidden field into which a field is converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Converting {
    /// The hidden field.
    pub into: Arc<Field>,
    /// What becomes of values without a plain counterpart.
    pub rules: ConversionRules,
}

impl Converting {
    /// The way from the values of the field to those of the hidden one. The message says why there is none.
    pub fn conversion<'a>(&'a self, from: &'a Field) -> Result<Conversion<'a>, String> {
        let to = (self.into.field_type, &self.into.definition.settings);
        Conversion::find(
            (from.field_type, &from.definition.settings),
            to,
            &self.rules,
        )
    }

    /// A value of the field as the hidden one has it; no value where it does not fit.
    pub fn convert(&self, from: &Field, values: &[Value]) -> Vec<Value> {
        let converted = self
            .conversion(from)
            .and_then(|conversion| conversion.convert(values));
        converted.unwrap_or_else(|_| vec![Value::Null; self.into.columns.len()])
    }
}
