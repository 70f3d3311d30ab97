//! Ends of relation types as they are sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::changeset::present;
use crate::{catalog::Cardinality, field_type::OnDelete};

/// One end of a new relation type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndInput {
    /// The object type at this end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The object types at this end, of whose records each can be linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<String>>,
    /// The collection that a record at this end has.
    pub name: String,
    /// What people read; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How many links a record at this end may have.
    #[serde(default)]
    pub cardinality: Cardinality,
    /// What becomes of the records at the other end when one at this end is deleted.
    #[serde(
        default,
        deserialize_with = "OnDelete::or_default",
        skip_serializing_if = "OnDelete::is_detach"
    )]
    pub on_delete: OnDelete,
    /// Whether the links of a record at this end keep their order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

/// Changes of one end of a relation type; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndPatch {
    /// The object type at this end as it is: it can't change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The object types at an end of several: the whole new list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<String>>,
    /// How many links a record may have as it is: it can't change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cardinality: Option<Cardinality>,
    /// The new name of the collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// What becomes of the records at the other end when one at this end is deleted; null for nothing.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub on_delete: Option<Option<OnDelete>>,
    /// Whether the links of a record at this end keep their order; once they do, they keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered: Option<bool>,
}
