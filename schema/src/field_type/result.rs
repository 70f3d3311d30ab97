//! The type of what is computed: computed fields read, filter and sort like a field of this type.

use serde::{Deserialize, Serialize};

use super::{FieldType, Settings, find_field_type};

/// The type of what is computed: the name of a field type and its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResultType {
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// Its settings.
    #[serde(default)]
    pub settings: Settings,
}

impl ResultType {
    /// The field type.
    pub(super) fn find(&self) -> Option<(&'static dyn FieldType, &Settings)> {
        find_field_type(&self.field_type).map(|field_type| (field_type, &self.settings))
    }
}
