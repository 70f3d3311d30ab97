//! Roles and rules as data.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{Condition, Mask, Operand, Teams},
    id::{FieldId, RoleId, RuleId},
};

/// What a rule grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// See records (or links) and their fields.
    Read,
    /// Create records.
    Create,
    /// Change records.
    Update,
    /// Delete and restore records.
    Delete,
    /// Point at records of an object type; create, change and end links of a relation type.
    Link,
    /// Sums and counts over records.
    Aggregate,
    /// Take records out in bulk.
    Export,
    /// Share single records with users, teams and partners.
    Share,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::Read,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Link,
        Self::Aggregate,
        Self::Export,
        Self::Share,
    ];
}

/// What a role may do beyond records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Permission {
    /// Change object types, fields and relation types.
    ManageSchema,
    /// Manage users, roles, rules, partners and keys.
    ManageAccess,
    /// Set the base currency and the rates.
    ManageCurrencies,
    /// Manage the users and keys of the own partner, as far as the own roles reach. For people of
    /// partners alone: others have no partner to manage.
    ManagePartnerAccess,
}

impl Permission {
    /// Every permission.
    pub const ALL: &[Self] = &[
        Self::ManageSchema,
        Self::ManageAccess,
        Self::ManageCurrencies,
        Self::ManagePartnerAccess,
    ];
}

/// The fields that a rule covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldScope {
    /// All, also those that come later.
    All,
    /// These.
    Only(BTreeSet<FieldId>),
    /// All but these.
    Except(BTreeSet<FieldId>),
}

impl FieldScope {
    /// Whether the scope has this field.
    pub fn contains(&self, field: FieldId) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(&field),
            Self::Except(fields) => !fields.contains(&field),
        }
    }

    /// What both have.
    pub(crate) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, scope) | (scope, Self::All) => scope.clone(),
            (Self::Except(one), Self::Except(other)) => Self::Except(one | other),
            (Self::Only(fields), scope) | (scope, Self::Only(fields)) => {
                let both = fields.iter().copied();
                Self::Only(both.filter(|field| scope.contains(*field)).collect())
            }
        }
    }

    /// What one of the two has.
    pub(crate) fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Only(one), Self::Only(other)) => Self::Only(one | other),
            (Self::Except(fields), scope) | (scope, Self::Except(fields)) => {
                let neither = fields.iter().copied();
                Self::Except(neither.filter(|field| !scope.contains(*field)).collect())
            }
        }
    }
}

/// A value that the server sets on a write and the caller can't send.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// The field.
    pub field: FieldId,
    /// One operand per part: a value or a variable.
    pub parts: Vec<Operand>,
}

/// One grant of one action on one subject.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule.
    pub id: RuleId,
    /// An object or relation type; `None` for all, also later ones.
    pub subject: Option<Uuid>,
    /// What it grants.
    pub action: Action,
    /// On which fields.
    pub fields: FieldScope,
    /// On which records; `None` for all.
    pub condition: Option<Condition>,
    /// What must hold of a record after a write; `None` takes the condition.
    pub check: Option<Condition>,
    /// What the server sets on a create or update.
    pub presets: Vec<Preset>,
    /// How values of its fields are masked.
    pub masks: BTreeMap<FieldId, Mask>,
    /// How much one page may show by it.
    pub limits: RuleLimits,
}

/// How much one page may show by a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleLimits {
    /// Of `read`: the most records of one page of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u32>,
}

/// A named set of rules and permissions.
#[derive(Clone, Debug)]
pub struct Role {
    /// The role.
    pub id: RoleId,
    /// Its name, unique.
    pub name: String,
    /// What the role may do beyond records.
    pub permissions: BTreeSet<Permission>,
    /// The roles whose rules and permissions it has: itself, and all that it inherits over any number
    /// of steps.
    pub with_inherited: BTreeSet<RoleId>,
    /// Its own rules. One that could not be resolved against the catalog (a deleted field) is left out,
    /// which denies.
    pub rules: Vec<Rule>,
}

/// All roles at one version, resolved against one catalog.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Changes with each change of roles or rules.
    pub version: i64,
    /// The roles.
    pub roles: HashMap<RoleId, Arc<Role>>,
    /// The teams.
    pub teams: Teams,
}

impl Policy {
    /// These roles and all that they inherit, each once, in the order of their ids.
    pub fn roles_of(&self, held: &BTreeSet<RoleId>) -> Vec<&Role> {
        let held = held.iter().filter_map(|id| self.roles.get(id));
        let all: BTreeSet<RoleId> = held
            .flat_map(|role| role.with_inherited.iter().copied())
            .collect();
        let roles = all.iter().filter_map(|id| self.roles.get(id));
        roles.map(|role| &**role).collect()
    }
}
