//! Shared option lists: options that several fields offer, changed in one place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{field_type::FieldOption, id::OptionListId, name::ApiName};

/// A list of options that several fields share.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionList {
    /// Never changes; fields hold it.
    pub id: OptionListId,
    /// Names, labels and options.
    pub definition: OptionListDefinition,
}

/// An option list as the metadata table keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionListDefinition {
    /// The API name.
    pub name: ApiName,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What the list is for.
    #[serde(default)]
    pub description: String,
    /// The options, in order.
    pub options: Vec<FieldOption>,
}
