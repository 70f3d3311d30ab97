//! The operations on shared option lists, as they are sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A new option list that fields can share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddOptionList {
    /// The id; a new one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<uuid::Uuid>,
    /// The API name.
    pub name: String,
    /// What people read; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What the list is for.
    #[serde(default)]
    pub description: String,
    /// The options, in order.
    pub options: Json,
}

/// Changes of an option list; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateOptionList {
    /// The list, by its present name.
    pub option_list: String,
    /// The new API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// What the list is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The whole new list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Json>,
    /// For options that the new list leaves out: which ones the records get instead.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replace_options: BTreeMap<String, String>,
}

/// Deletes an option list that no field uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteOptionList {
    /// The list.
    pub option_list: String,
}
