//! Shares: one record for one user, team or partner.

use serde::{Deserialize, Serialize};

use crate::id::{RecordId, ShareId};

/// A share as the API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The share.
    pub id: ShareId,
    /// The singular name of the object type.
    pub object: String,
    /// The record.
    pub record: RecordId,
    /// With whom.
    pub with: Grantee,
    /// `read` or `write`.
    pub access: String,
    /// From when on it counts no more, RFC 3339; null is never.
    pub until: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// The user or key that made it.
    pub created_by: Option<uuid::Uuid>,
}

/// With whom a record is shared: one of the three, by its id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Grantee {
    /// A user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A team: its members and those of the teams below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// A partner: its users and keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
}

/// A share to make. Another one of the same record with the same grantee gives way to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewShare {
    /// The singular name of the object type.
    pub object: String,
    /// The id of the record.
    pub record: String,
    /// With whom.
    pub with: Grantee,
    /// `read` or `write`.
    pub access: String,
    /// From when on it counts no more, RFC 3339.
    #[serde(default)]
    pub until: Option<String>,
}
