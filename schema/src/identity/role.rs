//! Roles: named sets of rules and permissions.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{access::Permission, id::RoleId};

/// A role as the API shows it; its rules are a list of their own.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// The role.
    pub id: RoleId,
    /// Its name, unique.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What the role is for.
    pub description: String,
    /// What its holders may do beyond records.
    pub permissions: Vec<Permission>,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// A role to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRole {
    /// The name: camelCase letters and digits.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub label: Option<String>,
    /// What the role is for.
    #[serde(default)]
    pub description: String,
    /// What its holders may do beyond records.
    #[serde(default)]
    pub permissions: Vec<Permission>,
}

/// What to change of a role; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleChange {
    /// The name.
    #[serde(default, deserialize_with = "not_null")]
    pub name: Option<String>,
    /// What people read.
    #[serde(default, deserialize_with = "not_null")]
    pub label: Option<String>,
    /// What the role is for.
    #[serde(default, deserialize_with = "not_null")]
    pub description: Option<String>,
    /// What its holders may do beyond records.
    #[serde(default, deserialize_with = "not_null")]
    pub permissions: Option<Vec<Permission>>,
}

/// A member of a merge patch that may be absent but not null: there is nothing to reset it to.
pub(super) fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
