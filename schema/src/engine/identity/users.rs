//! Users: who may sign in, and with which roles.

use super::{check_administrator_remains, find_roles, not_found, role_names};
use crate::{
    access::Caller,
    engine::Engine,
    error::Result,
    id::UserId,
    identity::{
        Listed, Listing, NewUser, User, UserChange, check_email, check_label, faults_to_result,
    },
    store::identity::{UserRow, new_user_row},
    value::instant_text,
};

impl Engine {
    /// One page of users, oldest first.
    pub async fn list_users(&self, caller: &Caller, listing: Listing) -> Result<Listed<User>> {
        self.manage_access(caller)?;
        let listed = self.store.list_users(listing).await?;
        let shown = listed.items.into_iter().map(|row| self.show_user(row));
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    /// One user.
    pub async fn load_user(&self, caller: &Caller, id: UserId) -> Result<User> {
        self.manage_access(caller)?;
        let found = self.store.find_user(id).await?;
        let row = found.ok_or_else(|| not_found("user", id))?;
        Ok(self.show_user(row))
    }

    /// Creates an active user.
    pub async fn create_user(&self, caller: &Caller, new: NewUser) -> Result<User> {
        self.manage_access(caller)?;
        let NewUser {
            email,
            name,
            password_hash,
            roles,
        } = new;
        let email = check_email(&email);
        let faults = email.as_ref().err().cloned().into_iter();
        faults_to_result(faults.chain(check_label("name", &name)).collect())?;
        let now = self.clock.now();
        let id = UserId::new(self.ids.uuid(now));
        let change = self.store.change_access().await?;
        let known = change.roles().await?;
        let roles = find_roles(&known, &roles)?;
        let row = UserRow {
            roles: roles.iter().map(|role| role.id).collect(),
            user: entity::user::Model {
                email: email.unwrap_or_default(),
                name,
                password_hash,
                ..new_user_row(id, now)
            },
        };
        change.insert_user(row.clone()).await?;
        change.commit().await?;
        self.access_changed(caller, "user created", id.uuid()).await;
        Ok(self.show_user(row))
    }

    /// Changes a user. A new password, other roles or a deactivation end all of the user's sessions.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        wanted: UserChange,
    ) -> Result<User> {
        self.manage_access(caller)?;
        let UserChange {
            email,
            name,
            active,
            password_hash,
            roles,
        } = wanted;
        let email = email.map(|email| check_email(&email)).transpose();
        let faults = email.as_ref().err().cloned().into_iter();
        let label = name.as_deref().and_then(|name| check_label("name", name));
        faults_to_result(faults.chain(label).collect())?;

        let change = self.store.change_access().await?;
        let found = change.find_user(id).await?;
        let before = found.ok_or_else(|| not_found("user", id))?;
        let mut row = before.clone();
        row.user.email = email.ok().flatten().unwrap_or(row.user.email);
        row.user.name = name.unwrap_or(row.user.name);
        row.user.active = active.unwrap_or(row.user.active);
        if let Some(texts) = roles {
            let known = change.roles().await?;
            let roles = find_roles(&known, &texts)?;
            row.roles = roles.iter().map(|role| role.id).collect();
        }
        let ends_sessions = password_hash.is_some()
            || row.roles != before.roles
            || row.user.active != before.user.active;
        row.user.password_hash = password_hash.or(row.user.password_hash);
        row.user.updated_at = self.clock.now();
        if ends_sessions {
            row.user.auth_epoch += 1;
            change.revoke_sessions(id, row.user.updated_at).await?;
        }
        change.update_user(row.clone()).await?;
        check_administrator_remains(&change).await?;
        change.commit().await?;
        self.access_changed(caller, "user changed", id.uuid()).await;
        Ok(self.show_user(row))
    }

    fn show_user(&self, row: UserRow) -> User {
        let UserRow { user, roles } = row;
        User {
            id: UserId::new(user.id),
            email: user.email,
            name: user.name,
            active: user.active,
            roles: role_names(&self.state().access.roles, &roles),
            created_at: instant_text(user.created_at),
            updated_at: instant_text(user.updated_at),
        }
    }
}
