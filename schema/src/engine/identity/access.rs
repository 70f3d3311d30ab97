//! The rule set as a whole: what it is, and another one in its place, in one transaction.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    check_is_managed, check_permissions_of_holders, is_managed, member,
    roles::show_role,
    rules::show_rule,
    versions::{left_out_of_version, restorable, roles_of_version},
};
use crate::{
    access::Caller,
    catalog::Catalog,
    engine::Engine,
    error::{Error, Fault, FaultCode, Place, Result},
    identity::{
        AccessChanged, AccessDocument, AccessGround, AccessPlan, AccessRows, AccessState,
        AuditKind, AuditObject, ChangedRole, ChangedRules, Draft, LeftOut, NewAccess, PlannedRole,
        RoleFate, RoleRows, Rule, RuleSet, RuleText, WantedRoles, document_of, faults_to_result,
        left_out_of, plan_access, role_document, rule_document, rule_of_row,
    },
    store::identity::{AccessChange, RoleHolders},
};

/// The most roles of a document, and the most rules of a role in it.
const MOST_ROLES: usize = 500;
const MOST_RULES: usize = 1_000;

/// What a rule set is planned from, read in one transaction.
pub(super) struct Ground {
    set: RuleSet,
    /// The roles of the earlier version that is to be in force again.
    earlier: Vec<RoleRows>,
    before: AccessRows,
    holders: RoleHolders,
    /// The catalog by which the names are resolved.
    catalog: Arc<Catalog>,
}

/// What a rule set changes, and how it was before.
pub(super) struct Prepared {
    pub(super) before: AccessRows,
    pub(super) plan: AccessPlan,
    /// The catalog by which the names were resolved.
    pub(super) catalog: Arc<Catalog>,
    /// The earlier version that is restored, if one is.
    pub(super) restored: Option<i64>,
    /// What can't be restored of it.
    pub(super) left_out: Vec<LeftOut>,
}

impl Engine {
    /// The rule set as it is, with its version.
    pub fn access_state(&self, caller: &Caller) -> Result<AccessState> {
        self.manage_access(caller)?;
        let state = self.state();
        let rows = &state.access;
        let document = document_of(&state.catalog, &rows.roles, &rows.rules);
        Ok(AccessState {
            version: rows.version,
            roles: document.roles,
            left_out: left_out_of(&state.catalog, &rows.roles, &rows.rules),
        })
    }

    /// The rule set as it is, for files.
    pub fn export_access(&self, caller: &Caller) -> Result<AccessDocument> {
        let roles = self.access_state(caller)?.roles;
        Ok(AccessDocument { roles })
    }

    /// Makes the roles what the document says, all or none. Roles that it does not have stay, unless it
    /// prunes.
    pub async fn apply_access(&self, caller: &Caller, new: &NewAccess) -> Result<AccessChanged> {
        self.put_rule_set(caller, RuleSet::Document(new.clone()))
            .await
    }

    /// Puts a rule set in force.
    pub(super) async fn put_rule_set(
        &self,
        caller: &Caller,
        set: RuleSet,
    ) -> Result<AccessChanged> {
        let change = self.change_all(caller).await?;
        let ground = self.ground(&change, set, None).await?;
        let prepared = self.prepare(ground)?;
        let roles = changed_roles(&prepared).into_iter();
        let roles: Vec<ChangedRole> = roles.map(|(_, changed)| changed).collect();
        let version = if roles.is_empty() {
            prepared.before.version
        } else {
            write(&change, &prepared.plan).await?;
            let planned = prepared.plan.changes.iter();
            let entries = planned.map(|planned| self.entry_of(caller, &prepared, planned));
            self.commit_all_access(change, entries.collect()).await?
        };
        Ok(AccessChanged {
            version,
            roles,
            left_out: prepared.left_out,
        })
    }

    /// Reads what a rule set is planned from, if access is at the version that the caller knows.
    pub(super) async fn ground(
        &self,
        change: &AccessChange,
        set: RuleSet,
        catalog: Option<Arc<Catalog>>,
    ) -> Result<Ground> {
        if let RuleSet::Document(new) = &set {
            check_size(new)?;
        }
        let version = change.version().await? - 1;
        if let Some(expected) = set.expected_version().filter(|known| *known != version) {
            return Err(Error::AccessVersionMismatch {
                expected,
                current: version,
            });
        }
        let earlier = match &set {
            RuleSet::Document(_) => Vec::new(),
            RuleSet::Earlier(restore) => {
                let found = change.roles_at(restore.version).await?;
                roles_of_version(found, (restore.version, version), &restore.place)?
            }
        };
        let current = self.catalog_in(change).await?;
        Ok(Ground {
            set,
            earlier,
            before: AccessRows {
                version,
                roles: change.roles().await?,
                rules: change.rules().await?,
                teams: change.teams().await?,
            },
            holders: change.role_holders().await?,
            catalog: catalog.unwrap_or(current),
        })
    }

    /// What a rule set changes, when nothing forbids it. Nothing is asked of the database any more.
    pub(super) fn prepare(&self, ground: Ground) -> Result<Prepared> {
        let Ground {
            set,
            earlier,
            before,
            holders,
            catalog,
        } = ground;
        let restored = set.restored_version();
        let (roles, stored, prune) = match set {
            RuleSet::Document(new) => (new.roles, None, new.prune),
            RuleSet::Earlier(_) => {
                let (roles, stored) = restorable(&catalog, &before.roles, &earlier);
                (roles, Some(stored), true)
            }
        };
        let now = self.clock.now();
        let ground = AccessGround {
            catalog: &catalog,
            roles: &before.roles,
            rules: &before.rules,
            now,
            new_id: &mut || self.ids.uuid(now),
        };
        let wanted = WantedRoles {
            roles: &roles,
            stored: stored.as_deref(),
            prune,
        };
        let plan = plan_access(ground, wanted).map_err(Error::Invalid)?;
        if !plan.changes.is_empty() {
            for planned in &plan.changes {
                check_unheld(&holders, planned, restored)?;
            }
            check_permissions_of_holders(&holders, &plan.roles)?;
            // Before the first start there is nobody who could be locked out.
            if is_managed(&holders, &before.roles) {
                check_is_managed(&holders, &plan.roles)?;
            }
        }
        Ok(Prepared {
            left_out: left_out_of_version(&catalog, &earlier),
            before,
            plan,
            catalog,
            restored,
        })
    }

    /// What the audit log tells of one role.
    fn entry_of(&self, caller: &Caller, prepared: &Prepared, planned: &PlannedRole) -> Draft {
        let Prepared { before, plan, .. } = prepared;
        let PlannedRole { fate, role, .. } = planned;
        let kind = match fate {
            RoleFate::Created => AuditKind::RoleCreated,
            RoleFate::Changed => AuditKind::RoleChanged,
            RoleFate::Deleted => AuditKind::RoleDeleted,
        };
        let state = self.state();
        let shown = |rules: &mut dyn Iterator<Item = &entity::rule::Model>| -> Vec<Rule> {
            rules.map(|rule| show_rule(&state, role, rule)).collect()
        };
        let removed = shown(&mut planned.removed.iter());
        let mut entry = Draft::of(caller, kind, (AuditObject::Role, role.id));
        if let Some(version) = prepared.restored {
            entry = entry.with("restoredVersion", version.into());
        }
        if let Some(was) = &planned.before {
            entry = entry.before(&show_role(&before.roles, was));
        }
        if *fate == RoleFate::Deleted {
            return entry.with("rules", serde_json::json!(removed));
        }
        let added = shown(&mut planned.gained());
        let rules = serde_json::json!({"added": added, "removed": removed});
        let entry = entry.after(&show_role(&plan.roles, role));
        entry.with("rules", rules)
    }
}

/// What is done to each role, as the API tells it, by name.
pub(super) fn changed_roles(prepared: &Prepared) -> Vec<(Uuid, ChangedRole)> {
    let planned = prepared.plan.changes.iter();
    let changed = planned.map(|it| (it.role.id, changed_role(prepared, it)));
    let mut changed: Vec<(Uuid, ChangedRole)> = changed.collect();
    changed.sort_by(|(_, one), (_, other)| one.role.cmp(&other.role));
    changed
}

fn changed_role(prepared: &Prepared, planned: &PlannedRole) -> ChangedRole {
    let Prepared {
        before,
        plan,
        catalog,
        restored: _,
        left_out: _,
    } = prepared;
    let members = |known: &[entity::role::Model], role: &entity::role::Model| {
        let mut document = role_document(known, role);
        document.label = Some(role.label.clone());
        match serde_json::to_value(document) {
            Ok(serde_json::Value::Object(members)) => members,
            Ok(_) | Err(_) => serde_json::Map::new(),
        }
    };
    let was = planned.before.as_ref();
    let was = was
        .map(|role| members(&before.roles, role))
        .unwrap_or_default();
    let is = match planned.fate {
        RoleFate::Created | RoleFate::Changed => members(&plan.roles, &planned.role),
        RoleFate::Deleted => serde_json::Map::new(),
    };
    let differing = ["name", "label", "description", "permissions", "inherits"].into_iter();
    let differing = differing.filter(|name| was.get(*name) != is.get(*name));
    // What is new or goes tells its name already.
    let has_both = planned.before.is_some() && planned.fate == RoleFate::Changed;
    let differing = differing.filter(|name| has_both || *name != "name");
    let both = differing.map(|name| {
        let sides = serde_json::json!({"before": was.get(name), "after": is.get(name)});
        (name.to_owned(), sides)
    });
    let name = &planned.role.name;
    // One that grants nothing any more has no text without ids.
    let gone = |rule: &entity::rule::Model| RuleText::from(rule_of_row(catalog, rule, name, false));
    let added = planned.gained();
    ChangedRole {
        role: name.clone(),
        change: planned.fate.text(),
        members: both.collect(),
        rules: ChangedRules {
            added: added
                .filter_map(|rule| rule_document(catalog, &planned.role, rule))
                .collect(),
            removed: planned.removed.iter().map(gone).collect(),
        },
    }
}

/// Writes what a plan changes.
async fn write(change: &AccessChange, plan: &AccessPlan) -> Result<()> {
    make_room(change, plan).await?;
    for planned in &plan.changes {
        let role = &planned.role;
        match planned.fate {
            RoleFate::Created => change.insert_role(role.clone()).await?,
            RoleFate::Changed => change.update_role(role.clone()).await?,
            RoleFate::Deleted => continue,
        }
        for rule in &planned.removed {
            if !planned.updated.iter().any(|updated| updated.id == rule.id) {
                change.delete_rule(rule).await?;
            }
        }
        for rule in &planned.updated {
            change.update_rule(rule.clone()).await?;
        }
        if !planned.added.is_empty() {
            change.insert_rules(planned.added.clone()).await?;
        }
    }
    Ok(())
}

/// Deletes the roles that go, and takes the names from those that will have another one: of two roles each may get the
/// name that the other one has.
async fn make_room(change: &AccessChange, plan: &AccessPlan) -> Result<()> {
    for planned in &plan.changes {
        let before = planned.before.as_ref();
        match planned.fate {
            RoleFate::Created => {}
            RoleFate::Deleted => change.delete_role(planned.role.id).await?,
            RoleFate::Changed => {
                if let Some(before) = before.filter(|before| before.name != planned.role.name) {
                    let unnamed = entity::role::Model {
                        name: before.id.to_string(),
                        ..before.clone()
                    };
                    change.update_role(unnamed).await?;
                }
            }
        }
    }
    Ok(())
}

/// Refuses to delete a role that somebody holds.
fn check_unheld(holders: &RoleHolders, planned: &PlannedRole, restored: Option<i64>) -> Result<()> {
    let role = &planned.role;
    let (users, keys) = (holders.users_of(role.id), holders.keys_of(role.id));
    if planned.fate != RoleFate::Deleted || (users == 0 && keys == 0) {
        return Ok(());
    }
    let name = &role.name;
    Err(Error::Conflict(match restored {
        None => format!(
            "the document does not have the role {name:?}, which {users} user(s) and {keys} key(s) hold; \
             take it from them first, or add it to the document"
        ),
        Some(version) => format!(
            "version {version} does not have the role {name:?}, which {users} user(s) and {keys} key(s) hold; \
             take it from them first"
        ),
    }))
}

/// The work of a document grows faster than its roles, and others wait meanwhile.
fn check_size(new: &NewAccess) -> Result<()> {
    let roles = member("roles");
    let mut faults = Vec::new();
    if new.roles.len() > MOST_ROLES {
        faults.push(too_many(&roles, MOST_ROLES, "roles"));
    }
    for (at, role) in new.roles.iter().enumerate() {
        if role.rules.len() > MOST_RULES {
            let rules = roles.child(at).child("rules");
            faults.push(too_many(&rules, MOST_RULES, "rules in a role"));
        }
    }
    faults_to_result(faults)
}

fn too_many(place: &Place, most: usize, what: &str) -> Fault {
    Fault {
        place: place.clone(),
        code: FaultCode::InvalidValue,
        message: format!("at most {most} {what}; apply them in several documents or roles"),
    }
}
