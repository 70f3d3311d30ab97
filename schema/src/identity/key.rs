//! API keys as the API shows them and takes them.

use serde::{Deserialize, Serialize};

use super::{network::Network, role::not_null, team::present};
use crate::{
    access::RateClass,
    id::{KeyId, PartnerId},
};

/// A key as the API shows it. A secret shows once, in [`KeyWithSecret`].
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
    /// The addresses that it may be used from; null is every one.
    pub allowed_ips: Option<Vec<Network>>,
    /// How much it may ask for in a time.
    pub rate_class: RateClass,
    /// Whether it has a secret: none after its secret ended, until it is rotated.
    pub has_secret: bool,
    /// Until when the secret of before the last rotation works too; null when it does not.
    pub old_secret_until: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// The minute of its last use.
    pub last_used_at: Option<String>,
    /// When it was created.
    pub created_at: String,
}

/// A key with its text: when it is made, and when its secret is made anew.
#[derive(Clone, Debug, Serialize)]
pub struct KeyWithSecret {
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
    /// The addresses and networks that it may be used from.
    #[serde(default)]
    pub allowed_ips: Option<Vec<String>>,
    /// The name of its rate class, `standard` when absent.
    #[serde(default)]
    pub rate_class: Option<String>,
}

/// What to change of a key; what is absent stays. The partner never changes: the key would suddenly act
/// for another company.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KeyChange {
    /// What people call it.
    #[serde(deserialize_with = "not_null")]
    pub name: Option<String>,
    /// The names or ids of its roles, at least one.
    #[serde(deserialize_with = "not_null")]
    pub roles: Option<Vec<String>>,
    /// What it is narrowed to; null narrows nothing.
    #[serde(deserialize_with = "present")]
    pub scopes: Option<Option<Vec<String>>>,
    /// From when on it is refused, RFC 3339; null is never.
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Option<String>>,
    /// The addresses and networks that it may be used from; null is everywhere.
    #[serde(deserialize_with = "present")]
    pub allowed_ips: Option<Option<Vec<String>>>,
    /// The name of its rate class.
    #[serde(deserialize_with = "not_null")]
    pub rate_class: Option<String>,
}

/// How the secret of a key is made anew.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KeyRotation {
    /// How long the old secret still works, an ISO 8601 duration; not at all when absent.
    pub overlap: Option<String>,
}
