//! Slow work on a field: what a job does with its values while requests go on.

use serde::{Deserialize, Serialize};

use crate::id::JobId;

/// Work on a field that is not done yet. The job that is named here is the only one that may end it: one
/// whose name was replaced by that of another has nothing to do any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldWork {
    /// What is done.
    pub state: WorkState,
    /// The job that does it.
    pub job: JobId,
}

/// What is done with the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkState {
    /// They are computed: those of records that the job has not come to are missing or old.
    Computing,
}

impl WorkState {
    /// The word for it in descriptions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Computing => "computing",
        }
    }
}
