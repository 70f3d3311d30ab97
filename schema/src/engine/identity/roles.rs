//! Roles: what they are called and what they permit beyond records.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{check_administrator_remains, load_role};
use crate::{
    access::{Caller, Permission},
    engine::Engine,
    error::{Error, Result},
    id::RoleId,
    identity::{
        NewRole, Role, RoleChange, check_description, check_label, check_role_name,
        faults_to_result, permissions_of,
    },
    store::identity::{AccessChange, holds_role},
    value::instant_text,
};

impl Engine {
    /// All roles, oldest first.
    pub fn list_roles(&self, caller: &Caller) -> Result<Vec<Role>> {
        self.manage_access(caller)?;
        Ok(self.state().access.roles.iter().map(show_role).collect())
    }

    /// One role, by its name or id.
    pub fn load_role(&self, caller: &Caller, role: &str) -> Result<Role> {
        self.manage_access(caller)?;
        load_role(&self.state().access.roles, role).map(show_role)
    }

    /// Creates a role without rules: it grants nothing yet.
    pub async fn create_role(&self, caller: &Caller, new: NewRole) -> Result<Role> {
        self.manage_access(caller)?;
        let NewRole {
            name,
            label,
            description,
            permissions,
        } = new;
        let label = label.unwrap_or_else(|| name.clone());
        check_texts(Some(&name), Some(&label), Some(&description))?;
        let now = self.clock.now();
        let row = entity::role::Model {
            id: self.ids.uuid(now),
            name,
            label,
            description,
            permissions: permissions_json(&permissions),
            created_at: now,
            updated_at: now,
        };
        let change = self.store.change_access().await?;
        change.insert_role(row.clone()).await?;
        change.commit().await?;
        self.access_changed(caller, "role created", row.id).await;
        Ok(show_role(&row))
    }

    /// Changes a role. Permissions can't be given to a role that keys hold.
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
        } = wanted;
        check_texts(name.as_deref(), label.as_deref(), description.as_deref())?;
        let change = self.store.change_access().await?;
        let mut row = load_role(&change.roles().await?, role)?.clone();
        row.name = name.unwrap_or(row.name);
        row.label = label.unwrap_or(row.label);
        row.description = description.unwrap_or(row.description);
        row.updated_at = self.clock.now();
        if let Some(permissions) = permissions {
            row.permissions = permissions_json(&permissions);
            if !permissions.is_empty() && count_keys(&change, row.id).await? > 0 {
                let message =
                    "API keys hold this role, and keys never have permissions beyond records";
                return Err(Error::Conflict(message.to_owned()));
            }
        }
        change.update_role(row.clone()).await?;
        check_administrator_remains(&change).await?;
        change.commit().await?;
        self.access_changed(caller, "role changed", row.id).await;
        Ok(show_role(&row))
    }

    /// Deletes a role with its rules. One that users or keys hold stays.
    pub async fn delete_role(&self, caller: &Caller, role: &str) -> Result<()> {
        self.manage_access(caller)?;
        let change = self.store.change_access().await?;
        let row = load_role(&change.roles().await?, role)?.clone();
        let users = change.count_users_of_role(row.id).await?;
        let keys = count_keys(&change, row.id).await?;
        if users > 0 || keys > 0 {
            return Err(Error::Conflict(format!(
                "the role is held by {users} user(s) and {keys} key(s); take it from them first"
            )));
        }
        change.delete_role(row.id).await?;
        change.commit().await?;
        self.access_changed(caller, "role deleted", row.id).await;
        Ok(())
    }
}

/// How many keys that were not revoked hold a role.
async fn count_keys(change: &AccessChange, role: uuid::Uuid) -> Result<usize> {
    let held = change.roles_of_live_keys().await?;
    Ok(held.iter().filter(|roles| holds_role(roles, role)).count())
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

fn show_role(row: &entity::role::Model) -> Role {
    Role {
        id: RoleId::new(row.id),
        name: row.name.clone(),
        label: row.label.clone(),
        description: row.description.clone(),
        permissions: permissions_of(&row.permissions).into_iter().collect(),
        created_at: instant_text(row.created_at),
        updated_at: instant_text(row.updated_at),
    }
}
