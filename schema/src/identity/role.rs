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
    /// What its holders may do beyond records, inherited permissions left out.
    pub permissions: Vec<Permission>,
    /// The names of the roles whose rules and permissions it has too.
    pub inherits: Vec<String>,
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
    /// The names or ids of the roles whose rules and permissions it has too.
    #[serde(default)]
    pub inherits: Vec<String>,
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
    /// The names or ids of all roles that it inherits from now on.
    #[serde(default, deserialize_with = "not_null")]
    pub inherits: Option<Vec<String>>,
}

/// A member of a merge patch that may be absent but not null: there is nothing to reset it to.
pub(super) fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
