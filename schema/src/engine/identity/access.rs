//! The rule set as a whole: what it is, and another one in its place, in one transaction.

use std::sync::Arc;

use super::{
    check_administrator_remains, check_permissions_of_holders, is_managed, member,
    roles::{count_keys, show_role},
    rules::show_rule,
};
use crate::{
    access::Caller,
    catalog::Catalog,
    engine::Engine,
    error::{Error, Fault, FaultCode, Place, Result},
    identity::{
        AccessChanged, AccessDocument, AccessGround, AccessPlan, AccessRows, AccessState,
        AuditKind, AuditObject, ChangedRole, ChangedRules, Draft, NewAccess, PlannedRole, RoleFate,
        Rule, RuleText, document_of, faults_to_result, plan_access, role_document, rule_document,
        rule_of_row,
    },
    store::identity::AccessChange,
};

/// The most roles of a document, and the most rules of a role in it.
const MOST_ROLES: usize = 500;
const MOST_RULES: usize = 1_000;

/// A rule set that stands in a transaction, and how it was before.
pub(super) struct Prepared {
    pub(super) before: AccessRows,
    pub(super) plan: AccessPlan,
    /// The catalog by which the names were resolved.
    pub(super) catalog: Arc<Catalog>,
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
        let change = self.change_all(caller).await?;
        let prepared = self.prepare_access(&change, new, None).await?;
        let roles = changed_roles(&prepared);
        if roles.is_empty() {
            return Ok(AccessChanged {
                version: prepared.before.version,
                roles,
            });
        }
        let planned = prepared.plan.changes.iter();
        let entries = planned.map(|planned| self.entry_of(caller, &prepared, planned));
        let version = self.commit_all_access(change, entries.collect()).await?;
        Ok(AccessChanged { version, roles })
    }

    /// Writes a rule set in a transaction, which may be given up afterwards, and checks what it comes to.
    pub(super) async fn prepare_access(
        &self,
        change: &AccessChange,
        new: &NewAccess,
        catalog: Option<Arc<Catalog>>,
    ) -> Result<Prepared> {
        check_size(new)?;
        let version = change.version().await? - 1;
        if let Some(expected) = new.expected_version.filter(|known| *known != version) {
            return Err(Error::AccessVersionMismatch {
                expected,
                current: version,
            });
        }
        let current = self.catalog_in(change).await?;
        let catalog = catalog.unwrap_or(current);
        let before = AccessRows {
            version,
            roles: change.roles().await?,
            rules: change.rules().await?,
            teams: change.teams().await?,
        };
        let document = AccessDocument {
            roles: new.roles.clone(),
        };
        let now = self.clock.now();
        let ground = AccessGround {
            catalog: &catalog,
            roles: &before.roles,
            rules: &before.rules,
            now,
            new_id: &mut || self.ids.uuid(now),
        };
        let plan = plan_access(ground, &document, new.prune).map_err(Error::Invalid)?;
        if !plan.changes.is_empty() {
            // Before the first start there is nobody who could be locked out.
            let was_managed = is_managed(change).await?;
            write(change, &plan).await?;
            check_permissions_of_holders(change, &plan.roles).await?;
            if was_managed {
                check_administrator_remains(change).await?;
            }
        }
        Ok(Prepared {
            before,
            plan,
            catalog,
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

/// What is done to each role, as the API tells it.
pub(super) fn changed_roles(prepared: &Prepared) -> Vec<ChangedRole> {
    let planned = prepared.plan.changes.iter();
    let mut changed: Vec<ChangedRole> = planned.map(|it| changed_role(prepared, it)).collect();
    changed.sort_by(|one, other| one.role.cmp(&other.role));
    changed
}

fn changed_role(prepared: &Prepared, planned: &PlannedRole) -> ChangedRole {
    let Prepared {
        before,
        plan,
        catalog,
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
    let differing = ["label", "description", "permissions", "inherits"].into_iter();
    let differing = differing.filter(|name| was.get(*name) != is.get(*name));
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
    for planned in &plan.changes {
        let role = &planned.role;
        match planned.fate {
            RoleFate::Created => change.insert_role(role.clone()).await?,
            RoleFate::Changed => change.update_role(role.clone()).await?,
            RoleFate::Deleted => {
                check_unheld(change, role).await?;
                change.delete_role(role.id).await?;
                continue;
            }
        }
        for rule in &planned.removed {
            if !planned.updated.iter().any(|updated| updated.id == rule.id) {
                change.delete_rule(rule.id).await?;
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

/// Refuses to delete a role that somebody holds.
async fn check_unheld(change: &AccessChange, role: &entity::role::Model) -> Result<()> {
    let users = change.count_users_of_role(role.id).await?;
    let keys = count_keys(change, role.id).await?;
    if users == 0 && keys == 0 {
        return Ok(());
    }
    let name = &role.name;
    Err(Error::Conflict(format!(
        "the document does not have the role {name:?}, which {users} user(s) and {keys} key(s) hold; \
         take it from them first, or add it to the document"
    )))
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
