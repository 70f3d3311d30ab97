//! Teams of users.

use serde::{Deserialize, Deserializer, Serialize};

use super::role::not_null;
use crate::id::TeamId;

/// A team as the API shows it; who is in it, its users tell.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// What people call it, unique.
    pub name: String,
    /// The team above it; null at the top.
    pub parent: Option<TeamId>,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// A team to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTeam {
    /// What people call it.
    pub name: String,
    /// The name or id of the team above it.
    #[serde(default)]
    pub parent: Option<String>,
}

/// What to change of a team; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TeamChange {
    /// What people call it.
    #[serde(deserialize_with = "not_null")]
    pub name: Option<String>,
    /// The name or id of the team above it; null puts it to the top.
    #[serde(deserialize_with = "present")]
    pub parent: Option<Option<String>>,
}

/// Tells an absent member from one that is null.
#[expect(
    clippy::option_option,
    reason = "a patch knows three states: absent, null, value"
)]
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
