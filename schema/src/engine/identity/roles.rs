//! Roles: what they are called, what they inherit and what they permit beyond records.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Managing, check_is_managed, check_permissions_of_holders, find_roles_at, load_role, member,
    role_names, rules::show_rule,
};
use crate::{
    access::{Caller, Permission},
    engine::Engine,
    error::{Error, FaultCode, Result},
    id::RoleId,
    identity::{
        AuditKind, AuditObject, Draft, Inheritance, NewRole, Role, RoleChange, Rule,
        check_description, check_label, check_role_name, faults_to_result, inherited_by,
        permissions_of,
    },
    value::instant_text,
};

impl Engine {
    /// All roles, oldest first; for somebody who manages a partner, those that he may give.
    pub fn list_roles(&self, caller: &Caller) -> Result<Vec<Role>> {
        let managing = self.managing(caller)?;
        let rows = &self.state().access.roles;
        let seen = rows.iter().filter(|row| managing.may_give(row.id));
        Ok(seen.map(|row| show_role(rows, row)).collect())
    }

    /// One role, by its name or id.
    pub fn load_role(&self, caller: &Caller, role: &str) -> Result<Role> {
        let managing = self.managing(caller)?;
        let rows = &self.state().access.roles;
        let row = load_role(rows, role)?;
        if !managing.may_give(row.id) {
            return Err(super::not_found("role", role));
        }
        Ok(show_role(rows, row))
    }

    /// Creates a role without rules of its own: it grants what it inherits.
    pub async fn create_role(&self, caller: &Caller, new: NewRole) -> Result<Role> {
        self.manage_access(caller)?;
        let NewRole {
            name,
            label,
            description,
            permissions,
            inherits,
        } = new;
        let label = label.unwrap_or_else(|| name.clone());
        check_texts(Some(&name), Some(&label), Some(&description))?;
        let now = self.clock.now();
        let change = self.change_all(caller).await?;
        let mut known = change.roles().await?;
        let row = entity::role::Model {
            id: self.ids.uuid(now),
            name,
            label,
            description,
            permissions: permissions_json(&permissions),
            inherits: Some(inherits_json(&known, None, &inherits)?),
            created_at: now,
            updated_at: now,
        };
        change.insert_role(row.clone()).await?;
        known.push(row.clone());
        let shown = show_role(&known, &row);
        let object = (AuditObject::Role, row.id);
        let entry = Draft::of(caller, AuditKind::RoleCreated, object).after(&shown);
        self.commit_access(change, entry).await?;
        Ok(shown)
    }

    /// Changes a role. What keys and the people of partners never have, it can't get by this while they
    /// hold it.
    pub async fn update_role(
        &self,
        caller: &Caller,
        role: &str,
        wanted: RoleChange,
    ) -> Result<Role> {
        self.manage_access(caller)?;
        let RoleChange {
            name,
            label,
            description,
            permissions,
            inherits,
        } = wanted;
        check_texts(name.as_deref(), label.as_deref(), description.as_deref())?;
        let change = self.change_all(caller).await?;
        let mut known = change.roles().await?;
        let mut row = load_role(&known, role)?.clone();
        let before = show_role(&known, &row);
        row.name = name.unwrap_or(row.name);
        row.label = label.unwrap_or(row.label);
        row.description = description.unwrap_or(row.description);
        row.updated_at = self.clock.now();
        if let Some(permissions) = permissions {
            row.permissions = permissions_json(&permissions);
        }
        if let Some(inherits) = inherits {
            row.inherits = Some(inherits_json(&known, Some(row.id), &inherits)?);
        }
        change.update_role(row.clone()).await?;
        if let Some(old) = known.iter_mut().find(|known| known.id == row.id) {
            *old = row.clone();
        }
        let holders = change.role_holders().await?;
        check_permissions_of_holders(&holders, &known)?;
        check_is_managed(&holders, &known)?;
        let shown = show_role(&known, &row);
        let object = (AuditObject::Role, row.id);
        let entry = Draft::of(caller, AuditKind::RoleChanged, object);
        let entry = entry.before(&before).after(&shown);
        self.commit_access(change, entry).await?;
        Ok(shown)
    }

    /// Deletes a role with its rules. One that users or keys hold, or other roles inherit, stays.
    pub async fn delete_role(&self, caller: &Caller, role: &str) -> Result<()> {
        self.manage_access(caller)?;
        let change = self.change_all(caller).await?;
        let known = change.roles().await?;
        let row = load_role(&known, role)?.clone();
        let holders = change.role_holders().await?;
        let (users, keys) = (holders.users_of(row.id), holders.keys_of(row.id));
        if users > 0 || keys > 0 {
            return Err(Error::Conflict(format!(
                "the role is held by {users} user(s) and {keys} key(s); take it from them first"
            )));
        }
        let mut heirs = known
            .iter()
            .filter(|heir| inherited_by(heir).contains(&row.id));
        if let Some(heir) = heirs.next() {
            return Err(Error::Conflict(format!(
                "the role {:?} inherits it; change that one first",
                heir.name
            )));
        }
        let rules = change.rules_of(row.id).await?;
        change.delete_role(row.id).await?;
        let state = self.state();
        let rules = rules.iter().map(|rule| show_rule(&state, &row, rule));
        let rules: Vec<Rule> = rules.collect();
        let object = (AuditObject::Role, row.id);
        let entry = Draft::of(caller, AuditKind::RoleDeleted, object);
        let entry = entry
            .before(&show_role(&known, &row))
            .with("rules", serde_json::json!(rules));
        self.commit_access(change, entry).await
    }
}

impl Managing {
    /// Whether somebody who manages so may give this role to others.
    pub(super) fn may_give(&self, role: Uuid) -> bool {
        match self {
            Self::Everything => true,
            Self::Partner { roles, .. } => roles.contains(&role),
        }
    }
}

fn check_texts(name: Option<&str>, label: Option<&str>, description: Option<&str>) -> Result<()> {
    let faults = [
        name.and_then(check_role_name),
        label.and_then(|label| check_label("label", label)),
        description.and_then(check_description),
    ];
    faults_to_result(faults.into_iter().flatten().collect())
}

pub(super) fn permissions_json(permissions: &[Permission]) -> Json {
    let sorted: BTreeSet<&Permission> = permissions.iter().collect();
    serde_json::json!(sorted)
}

/// The ids of the roles that a role is to inherit. None of them may inherit that role itself.
fn inherits_json(
    known: &[entity::role::Model],
    of: Option<Uuid>,
    texts: &[String],
) -> Result<Json> {
    let inherited = find_roles_at(known, texts, "inherits")?;
    let heirs = of.map(|of| Inheritance::of(known).with_heirs(of));
    for (at, role) in inherited.iter().enumerate() {
        if heirs.as_ref().is_some_and(|it| it.contains(&role.id)) {
            let message = format!(
                "{:?} is the role itself or inherits it; roles can't inherit in a circle",
                role.name
            );
            let place = member("inherits").child(at);
            return Err(Error::fault(place, FaultCode::InvalidValue, message));
        }
    }
    let ids: BTreeSet<Uuid> = inherited.iter().map(|role| role.id).collect();
    Ok(serde_json::json!(ids))
}

pub(super) fn show_role(known: &[entity::role::Model], row: &entity::role::Model) -> Role {
    Role {
        id: RoleId::new(row.id),
        name: row.name.clone(),
        label: row.label.clone(),
        description: row.description.clone(),
        permissions: permissions_of(&row.permissions).into_iter().collect(),
        inherits: role_names(known, &inherited_by(row)),
        created_at: instant_text(row.created_at),
        updated_at: instant_text(row.updated_at),
    }
}
