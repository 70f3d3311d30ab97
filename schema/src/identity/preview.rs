//! What a document would change, as admins ask and read it before it is applied.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value as Json};

use super::{
    AccessDocument, ExplainedPrincipal, LeftOut, PrincipalName, RoleDocument, RuleText, check::at,
};
use crate::{
    access::Permission,
    error::{Error, FaultCode, Place, Result},
};

/// The rule set as it is, or was at a version.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessState {
    /// The version of access. Each change of roles, rules, teams, users, partners and keys moves it.
    pub version: i64,
    /// Every role with its rules, by name.
    pub roles: Vec<RoleDocument>,
    /// What the rules say of something that is deleted by now, and what is in no document for that.
    pub left_out: Vec<LeftOut>,
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
    /// What was left out of a document that is sent as it was read. It is not looked at.
    #[serde(default, rename = "leftOut")]
    pub was_left_out: IgnoredAny,
}

/// An earlier rule set that is to be in force again.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessRestore {
    /// The version of access at which it was in force.
    pub version: i64,
    /// The version of access that the caller knows; any when absent.
    #[serde(default)]
    pub expected_version: Option<i64>,
}

/// The question what a rule set would change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessPreviewQuestion {
    /// The version of access that the caller knows; any when absent.
    #[serde(default, alias = "version")]
    pub expected_version: Option<i64>,
    /// The roles. Each is what the document says, with these rules and no others.
    #[serde(default)]
    pub roles: Option<Vec<RoleDocument>>,
    /// Whether roles go that the document does not have; else they stay as they are.
    #[serde(default)]
    pub prune: Option<bool>,
    /// In place of roles: the version whose rule set would be in force again, and no other role.
    #[serde(default)]
    pub restore_version: Option<i64>,
    /// What was left out of a document that is sent as it was read. It is not looked at.
    #[serde(default, rename = "leftOut")]
    pub was_left_out: IgnoredAny,
    /// Whose sight is counted, by all of its roles; when absent, that of the holders of each role.
    #[serde(default)]
    pub principal: Option<PrincipalName>,
}

/// That of an earlier version.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    pub(crate) version: i64,
    pub(crate) expected_version: Option<i64>,
    /// Where the request names the version.
    pub(crate) place: Place,
}

/// A rule set that is to be: a document, or that of an earlier version.
#[derive(Clone, Debug)]
pub(crate) enum RuleSet {
    Document(NewAccess),
    Earlier(Earlier),
}

impl RuleSet {
    /// The version of access that the caller knows.
    pub(crate) fn expected_version(&self) -> Option<i64> {
        match self {
            Self::Document(new) => new.expected_version,
            Self::Earlier(restore) => restore.expected_version,
        }
    }

    /// The version that is restored, if one is.
    pub(crate) fn restored_version(&self) -> Option<i64> {
        match self {
            Self::Document(_) => None,
            Self::Earlier(restore) => Some(restore.version),
        }
    }
}

impl From<AccessRestore> for RuleSet {
    fn from(restore: AccessRestore) -> Self {
        let AccessRestore {
            version,
            expected_version,
        } = restore;
        Self::Earlier(Earlier {
            version,
            expected_version,
            place: at("version"),
        })
    }
}

impl AccessPreviewQuestion {
    /// The rule set that is asked about, and for whom.
    pub(crate) fn split(self) -> Result<(RuleSet, Option<PrincipalName>)> {
        let Self {
            expected_version,
            roles,
            prune,
            restore_version,
            was_left_out,
            principal,
        } = self;
        let set = match (roles, restore_version) {
            (Some(roles), None) => RuleSet::Document(NewAccess {
                expected_version,
                roles,
                prune: prune.unwrap_or_default(),
                was_left_out,
            }),
            (None, Some(_)) if prune == Some(false) => {
                let message = "roles go that the version does not have; leave it out";
                return Err(Error::fault(at("prune"), FaultCode::InvalidValue, message));
            }
            (None, Some(version)) => RuleSet::Earlier(Earlier {
                version,
                expected_version,
                place: at("restoreVersion"),
            }),
            (None, None) => {
                let message = "is required, or restoreVersion in its place";
                return Err(Error::fault(at("roles"), FaultCode::Required, message));
            }
            (Some(_), Some(_)) => {
                let message = "stands in place of roles; leave one of the two out";
                let place = at("restoreVersion");
                return Err(Error::fault(place, FaultCode::InvalidValue, message));
            }
        };
        Ok((set, principal))
    }
}

impl NewAccess {
    /// The rule set of a document.
    pub fn of(document: AccessDocument, prune: bool) -> Self {
        Self {
            expected_version: None,
            roles: document.roles,
            prune,
            was_left_out: IgnoredAny,
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
    /// Whether every number was counted, and examples looked for everywhere. After some hundreds of queries the other
    /// numbers are null, and without examples.
    pub complete: bool,
    /// Of an earlier version: what can't come back, because it speaks of something that is deleted by now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
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
    /// Of an earlier version: what did not come back, because it speaks of something that is deleted by now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}
