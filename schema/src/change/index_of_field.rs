//! `createIndex` and `dropIndex`: the index of a field, by a job.

use serde::{Deserialize, Serialize};

/// The index of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexOfField {
    /// The object type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    pub field: String,
}
