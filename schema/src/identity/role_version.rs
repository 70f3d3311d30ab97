//! What roles and rules were at earlier versions of access: how a role is kept, and how the versions are shown.
//!
//! A role is kept as its rules are stored, by the ids of types and fields, so that what was kept survives renames as
//! the rules in force do, and never attaches to a new field that took an old name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AuditPrincipal, Draft, inherited_by};
use crate::{
    access::Caller,
    error::{Error, Result},
    id::RoleId,
    value::instant_text,
};

/// A role with its rules as a version keeps it. The name stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeptRole {
    label: String,
    description: String,
    permissions: Json,
    inherits: BTreeSet<Uuid>,
    /// In the order in which they are tried.
    rules: Vec<KeptRule>,
}

/// A rule of such a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeptRule {
    id: Uuid,
    subject: Option<Uuid>,
    action: String,
    fields: Json,
    #[serde(rename = "where")]
    condition: Option<Json>,
    check: Option<Json>,
    presets: Json,
    masks: Option<Json>,
    limits: Option<Json>,
}

/// A role with its rules as rows, the rules in the order in which they are tried.
#[derive(Clone, Debug)]
pub(crate) struct RoleRows {
    pub(crate) role: entity::role::Model,
    pub(crate) rules: Vec<entity::rule::Model>,
}

/// What is done to a role by a change of access, as the versions tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionChange {
    /// It was there when versions began to be kept.
    Initial,
    Created,
    Changed,
    Deleted,
}

impl VersionChange {
    /// How the API calls it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

/// Who made a version, and when.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    pub(crate) at: OffsetDateTime,
    pub(crate) kind: &'static str,
    pub(crate) id: Option<Uuid>,
}

impl Maker {
    /// The system itself.
    pub(crate) fn system(at: OffsetDateTime) -> Self {
        Self {
            at,
            kind: "system",
            id: None,
        }
    }

    /// The one of whom an entry of the audit log tells.
    pub(crate) fn of(entry: &Draft) -> Self {
        let caller = Caller {
            principal: entry.principal,
            ..Caller::anonymous(entry.at)
        };
        Self {
            at: entry.at,
            kind: caller.actor_kind(),
            id: caller.actor(),
        }
    }
}

/// The row of a role at a version; `None` when it says what the newest one says.
pub(crate) fn next_version(
    newest: Option<&entity::role_version::Model>,
    (role, now): (Uuid, Option<&RoleRows>),
    (version, maker): (i64, &Maker),
) -> Option<entity::role_version::Model> {
    let was = newest.filter(|row| row.definition.is_some());
    let definition = now.map(|now| json!(KeptRole::of(now)));
    let (change, name) = match (was, now) {
        (None, None) => return None,
        (None, Some(now)) => (VersionChange::Created, now.role.name.clone()),
        (Some(was), None) => (VersionChange::Deleted, was.name.clone()),
        (Some(was), Some(now)) => {
            // One that can't be read says something else.
            let kept = KeptRole::parse(was).ok();
            if kept == Some(KeptRole::of(now)) && was.name == now.role.name {
                return None;
            }
            (VersionChange::Changed, now.role.name.clone())
        }
    };
    Some(entity::role_version::Model {
        role_id: role,
        version,
        name,
        change: change.text().to_owned(),
        definition: definition.map(Into::into),
        created_at: maker.at,
        principal_kind: maker.kind.to_owned(),
        principal_id: maker.id,
    })
}

/// The first row of a role that is there when versions begin to be kept.
pub(crate) fn initial_version(
    rows: &RoleRows,
    (version, maker): (i64, &Maker),
) -> entity::role_version::Model {
    entity::role_version::Model {
        role_id: rows.role.id,
        version,
        name: rows.role.name.clone(),
        change: VersionChange::Initial.text().to_owned(),
        definition: Some(json!(KeptRole::of(rows)).into()),
        created_at: maker.at,
        principal_kind: maker.kind.to_owned(),
        principal_id: maker.id,
    }
}

/// The role that a row keeps; `None` of one that was deleted.
pub(crate) fn kept_role(row: &entity::role_version::Model) -> Result<Option<RoleRows>> {
    if row.definition.is_none() {
        return Ok(None);
    }
    KeptRole::parse(row).map(|kept| Some(kept.into_rows(row)))
}

impl KeptRole {
    fn of(RoleRows { role, rules }: &RoleRows) -> Self {
        let rules = rules.iter().map(|rule| KeptRule {
            id: rule.id,
            subject: rule.subject,
            action: rule.action.clone(),
            fields: rule.fields.clone(),
            condition: rule.condition.as_deref().cloned(),
            check: rule.check_condition.as_deref().cloned(),
            presets: Json::clone(&rule.presets),
            masks: rule.masks.clone().filter(|masks| !masks.is_null()),
            limits: rule.limits.clone().filter(|limits| !limits.is_null()),
        });
        Self {
            label: role.label.clone(),
            description: role.description.clone(),
            permissions: role.permissions.clone(),
            inherits: inherited_by(role),
            rules: rules.collect(),
        }
    }

    fn parse(row: &entity::role_version::Model) -> Result<Self> {
        let definition = row.definition.as_deref().unwrap_or(&Json::Null);
        Self::deserialize(definition)
            .map_err(|error| Error::internal("reading an earlier version of a role", error))
    }

    fn into_rows(self, row: &entity::role_version::Model) -> RoleRows {
        let rules = self.rules.into_iter().map(|rule| entity::rule::Model {
            id: rule.id,
            role_id: row.role_id,
            subject: rule.subject,
            action: rule.action,
            fields: rule.fields,
            condition: rule.condition.map(Into::into),
            check_condition: rule.check.map(Into::into),
            presets: rule.presets.into(),
            masks: rule.masks,
            limits: rule.limits,
            created_at: row.created_at,
        });
        RoleRows {
            rules: rules.collect(),
            role: entity::role::Model {
                id: row.role_id,
                name: row.name.clone(),
                label: self.label,
                description: self.description,
                permissions: self.permissions,
                inherits: Some(json!(self.inherits)),
                created_at: row.created_at,
                updated_at: row.created_at,
            },
        }
    }
}

/// Which versions are asked for.
#[derive(Clone, Copy, Debug)]
pub struct AccessVersionQuery {
    /// The most versions.
    pub limit: u64,
    /// Only versions before this one.
    pub before: Option<i64>,
}

/// A version of access at which roles or rules changed.
#[derive(Clone, Debug, Serialize)]
pub struct AccessVersion {
    /// The version.
    pub version: i64,
    /// When it was made.
    pub at: String,
    /// Who made it.
    pub by: AuditPrincipal,
    /// The roles that it changed, by name.
    pub roles: Vec<VersionedRole>,
}

/// A role that a version changed.
#[derive(Clone, Debug, Serialize)]
pub struct VersionedRole {
    /// The role.
    pub id: RoleId,
    /// The name that it had from then on; of a deleted one the one that it had.
    pub role: String,
    /// `created`, `changed` or `deleted`; `initial` of one that was there when versions began to be kept.
    pub change: String,
}

/// The versions of rows, which stand in their order, and by name in a version.
pub(crate) fn versions_of(rows: Vec<entity::role_version::Model>) -> Vec<AccessVersion> {
    let mut versions: Vec<AccessVersion> = Vec::new();
    for row in rows {
        let role = VersionedRole {
            id: RoleId::new(row.role_id),
            role: row.name,
            change: row.change,
        };
        match versions.last_mut() {
            Some(last) if last.version == row.version => last.roles.push(role),
            Some(_) | None => versions.push(AccessVersion {
                version: row.version,
                at: instant_text(row.created_at),
                by: AuditPrincipal {
                    kind: row.principal_kind,
                    id: row.principal_id,
                },
                roles: vec![role],
            }),
        }
    }
    versions
}
