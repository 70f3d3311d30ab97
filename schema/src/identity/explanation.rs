//! Why somebody may do something or not, as admins ask and read it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Rule;

/// A question about the rights of somebody.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessQuestion {
    /// Who would do it.
    pub principal: PrincipalName,
    /// What would be done: an action of rules.
    pub action: String,
    /// The singular name of an object or relation type.
    pub object: String,
    /// The id of a record (or link) that is there.
    #[serde(default)]
    pub record: Option<String>,
}

/// A user or a key: one of the two.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrincipalName {
    /// The id of a user.
    #[serde(default)]
    pub user: Option<String>,
    /// The id of an API key.
    #[serde(default)]
    pub key: Option<String>,
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Whether some rule grants it: on the record, or without one on some records.
    pub allowed: bool,
    /// Why, in words.
    pub reason: String,
    /// Who.
    pub principal: ExplainedPrincipal,
    /// Every rule of the roles on this action, whether it counts or not.
    pub rules: Vec<ExplainedRule>,
    /// On which records the rules that count grant it, as a filter; null is all. `{"or": []}` is none.
    #[serde(rename = "where")]
    pub condition: Option<Json>,
    /// The fields that are read; null for other actions, of which each rule tells its own.
    pub fields: Option<ExplainedFields>,
}

/// Who was asked about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPrincipal {
    /// `user` or `key`.
    pub kind: &'static str,
    /// The id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Whether it is let in at all.
    pub active: bool,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// The organization of its partner, the value of `$partner.id`.
    pub partner: Option<Uuid>,
    /// What a key is narrowed to; null narrows nothing.
    pub scopes: Option<Vec<String>>,
}

/// A rule and what it comes to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedRule {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// Whether it counts for this principal.
    pub applies: bool,
    /// Why it does not.
    pub reason: Option<&'static str>,
    /// Whether the record is one of its records; null without a record, and of a rule that does not count.
    pub matches: Option<bool>,
}

/// The fields that are read.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedFields {
    /// On every record that is seen; with a record, on this one.
    pub always: Vec<String>,
    /// On some of the records that are seen; none with a record.
    pub sometimes: Vec<String>,
    /// Of which a mask shows something, on some records or on all; with a record, on this one.
    pub masked: Vec<String>,
}
