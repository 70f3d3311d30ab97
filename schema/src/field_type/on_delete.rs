//! What becomes of a record when another one is deleted that it points at, or is linked to.

use serde::{Deserialize, Deserializer, Serialize};

/// What a deletion does to what hangs on the deleted record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// It stays, and is attached to nothing until the deleted record comes back.
    #[default]
    Detach,
    /// It stands in the way of the deletion.
    Restrict,
    /// It is deleted too.
    Cascade,
}

impl OnDelete {
    /// Whether it is what holds where nothing is said.
    pub fn is_detach(&self) -> bool {
        *self == Self::Detach
    }

    /// The value of a member that may be null, which says what holds where nothing is said.
    pub(crate) fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Option::unwrap_or_default)
    }
}
