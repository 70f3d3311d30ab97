//! What a document would change, as admins ask and read it before it is applied.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{AccessDocument, ExplainedPrincipal, PrincipalName, RoleDocument, RuleText};
use crate::access::Permission;

/// The rule set as it is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessState {
    /// The version of access. Each change of roles, rules, teams, users, partners and keys moves it.
    pub version: i64,
    /// Every role with its rules, by name.
    pub roles: Vec<RoleDocument>,
}

/// A rule set that is to be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAccess {
    /// The version of access that the caller knows; any when absent.
    #[serde(default, alias = "version")]
    pub expected_version: Option<i64>,
    /// The roles. Each is what the document says, with these rules and no others.
    pub roles: Vec<RoleDocument>,
    /// Whether roles go that the document does not have; else they stay as they are.
    #[serde(default)]
    pub prune: bool,
}

/// The question what a rule set would change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessPreviewQuestion {
    /// The version of access that the caller knows; any when absent.
    #[serde(default, alias = "version")]
    pub expected_version: Option<i64>,
    /// The roles. Each is what the document says, with these rules and no others.
    pub roles: Vec<RoleDocument>,
    /// Whether roles go that the document does not have; else they stay as they are.
    #[serde(default)]
    pub prune: bool,
    /// Whose sight is counted, by all of its roles; when absent, that of the holders of each role.
    #[serde(default)]
    pub principal: Option<PrincipalName>,
}

impl AccessPreviewQuestion {
    /// The rule set that is asked about, and for whom.
    pub(crate) fn split(self) -> (NewAccess, Option<PrincipalName>) {
        let new = NewAccess {
            expected_version: self.expected_version,
            roles: self.roles,
            prune: self.prune,
        };
        (new, self.principal)
    }
}

impl NewAccess {
    /// The rule set of a document.
    pub fn of(document: AccessDocument, prune: bool) -> Self {
        Self {
            expected_version: None,
            roles: document.roles,
            prune,
        }
    }
}

/// What a rule set would change.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessPreview {
    /// The version of access against which this was found. Send it as `expectedVersion` when you apply it.
    pub version: i64,
    /// The roles that differ: in what they say, or in what they inherit.
    pub roles: Vec<RolePreview>,
    /// What changes for the principal that was named.
    pub principal: Option<PrincipalPreview>,
    /// Whether every number was counted. Above some hundreds the rest is null.
    pub complete: bool,
}

/// What changes of one role.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolePreview {
    /// What is done to it.
    #[serde(flatten)]
    pub change: ChangedRole,
    /// What its holders may do beyond records, with what is inherited.
    pub permissions: PermissionChange,
    /// Whose sight was counted; null where it is that of the principal.
    pub holders: Option<Holders>,
    /// For each type and action on which something changes, what.
    pub access: Vec<Effect>,
}

/// What is done to a role.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedRole {
    /// The name.
    pub role: String,
    /// `created`, `changed` or `deleted`; `inherited` when only a role changes that it inherits.
    pub change: &'static str,
    /// Its members that change, each with `before` and `after`.
    pub members: Map<String, Json>,
    /// Its rules that change. One with another text is removed and added.
    pub rules: ChangedRules,
}

/// Rules that come and go.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangedRules {
    /// Those that come.
    pub added: Vec<RuleText>,
    /// Those that go.
    pub removed: Vec<RuleText>,
}

/// Permissions that come and go.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PermissionChange {
    /// Those that come.
    pub gained: BTreeSet<Permission>,
    /// Those that go.
    pub lost: BTreeSet<Permission>,
}

/// Whose sight was counted for a role.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holders {
    /// The active users that hold the role.
    pub users: usize,
    /// The keys in force that hold the role.
    pub keys: usize,
    /// How many of them were counted. Zero when nobody holds it: then it is the sight of somebody without
    /// partner, teams or an id.
    pub counted: usize,
}

/// What changes for a principal, by all of its roles.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrincipalPreview {
    /// Who.
    #[serde(flatten)]
    pub principal: ExplainedPrincipal,
    /// For each type and action on which something changes, what.
    pub access: Vec<Effect>,
}

/// What changes of one action on one type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// The singular name of an object or relation type.
    pub object: String,
    /// The action.
    pub action: &'static str,
    /// Whether one of those who were counted may do it at all: before and after.
    pub allowed: Allowed,
    /// What comes: for at least one of them.
    pub gained: EffectSide,
    /// What goes: for at least one of them.
    pub lost: EffectSide,
    /// Fields of which only a mask shows something from now on.
    pub masked: Vec<String>,
    /// Fields that show before and after, on other records.
    pub changed: Vec<String>,
    /// Whether one of the rules that change names a variable for which nobody who was counted has a value, so
    /// that the numbers say nothing of it.
    pub unbound: bool,
}

/// Whether an action is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// Before.
    pub before: bool,
    /// After.
    pub after: bool,
}

/// What comes or goes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EffectSide {
    /// How many records (or links); null of `create`, and where it was not counted.
    pub records: Option<u64>,
    /// Fields: of a read those that show in full, of a write those that may be sent.
    pub fields: Vec<String>,
    /// The first of these records that the caller itself can read.
    pub examples: Vec<Json>,
}

/// What applying a rule set has changed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessChanged {
    /// The version of access from now on.
    pub version: i64,
    /// The roles that were changed.
    pub roles: Vec<ChangedRole>,
}
