//! The first start: a role that may do everything, and somebody who holds it.

use std::collections::BTreeSet;

use super::{
    find_role,
    roles::permissions_json,
    users::{Known, show_user},
};
use crate::{
    access::{Action, Caller, Permission},
    engine::Engine,
    error::Result,
    id::UserId,
    identity::{AuditKind, AuditObject, Draft, StoredRule, check_email, faults_to_result},
    store::identity::{AccessChange, UserRow, new_user_row},
};

/// The name of the role that may do everything.
const ADMINISTRATOR: &str = "administrator";

impl Engine {
    /// Whether there is no user yet, so that nobody could sign in.
    pub async fn needs_bootstrap(&self, caller: &Caller) -> Result<bool> {
        self.manage_access(caller)?;
        Ok(self.store.count_users().await? == 0)
    }

    /// Makes the first administrator. Answers false, and changes nothing, when there is a user.
    pub async fn bootstrap(
        &self,
        caller: &Caller,
        email: &str,
        password_hash: String,
    ) -> Result<bool> {
        self.manage_access(caller)?;
        let email = check_email(email);
        faults_to_result(email.as_ref().err().cloned().into_iter().collect())?;
        let change = self.change_all(caller).await?;
        if change.count_users().await? > 0 {
            return Ok(false);
        }
        let role = self.make_administrator(&change).await?;
        let now = self.clock.now();
        let id = UserId::new(self.ids.uuid(now));
        let user = entity::user::Model {
            email: email.unwrap_or_default(),
            name: "Administrator".to_owned(),
            password_hash: Some(password_hash),
            ..new_user_row(id, now)
        };
        let row = UserRow {
            user,
            roles: [role].into(),
            teams: BTreeSet::new(),
        };
        change.insert_user(row.clone()).await?;
        let known = change.roles().await?;
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(caller, AuditKind::UserCreated, object);
        let entry = entry.after(&show_user(&Known::of(&known, &[]), row));
        self.commit_access(change, entry).await?;
        Ok(true)
    }

    /// The role with every permission and one rule per action on everything.
    async fn make_administrator(&self, change: &AccessChange) -> Result<uuid::Uuid> {
        if let Some(role) = find_role(&change.roles().await?, ADMINISTRATOR) {
            return Ok(role.id);
        }
        let now = self.clock.now();
        let role = entity::role::Model {
            id: self.ids.uuid(now),
            name: ADMINISTRATOR.to_owned(),
            label: "Administrator".to_owned(),
            description: "May do everything, also with what is defined later.".to_owned(),
            permissions: permissions_json(&[Permission::ManageSchema, Permission::ManageAccess]),
            inherits: None,
            created_at: now,
            updated_at: now,
        };
        let id = role.id;
        change.insert_role(role).await?;
        let rules = Action::ALL.iter().map(|action| entity::rule::Model {
            id: self.ids.uuid(now),
            role_id: id,
            created_at: now,
            ..StoredRule::of_everything(*action).into_row()
        });
        change.insert_rules(rules.collect()).await?;
        Ok(id)
    }
}
