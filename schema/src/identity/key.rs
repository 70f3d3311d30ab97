//! API keys as the API shows them and takes them.

use serde::{Deserialize, Serialize};

use crate::id::{KeyId, PartnerId};

/// A key as the API shows it. The secret shows once, in [`CreatedKey`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The key.
    pub id: KeyId,
    /// The public part of the key's text, which stands in logs.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// The partner that it acts for.
    pub partner: Option<PartnerId>,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// What it is narrowed to; null narrows nothing.
    pub scopes: Option<Vec<String>>,
    /// From when on it is refused.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// The minute of its last use.
    pub last_used_at: Option<String>,
    /// When it was created.
    pub created_at: String,
}

/// A new key with its text.
#[derive(Clone, Debug, Serialize)]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// The whole text, to be sent as `Authorization: Bearer …`. It can't be read again.
    pub secret: String,
}

/// A key to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// The id of the partner that it acts for.
    #[serde(default)]
    pub partner: Option<String>,
    /// The names or ids of its roles, at least one.
    pub roles: Vec<String>,
    /// What it is narrowed to, each `data:<object>:<action>` or `data:<object>:<action>(<fields>)`.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// From when on it is refused, RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
}
