//! What the leads of partners reach: what they may know of credentials, which ends when an administrator gives to the same
//! user or key more than it had, and how many users and keys they make.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use time::OffsetDateTime;

use super::{Managing, keys::held_roles, second_factor::forget_totp};
use crate::{
    error::{Error, Result},
    identity::StoredScope,
    store::identity::{AccessChange, UserRow},
};

/// The most keys of a partner that work at a time, for its lead to make another one. Each has a quota of its own.
const MOST_KEYS: u64 = 50;
/// The most active users of a partner, for its lead to make another one.
const MOST_USERS: u64 = 200;

impl Managing {
    /// Whether it is the lead of a partner, who may know what he sets.
    pub(super) fn is_of_lead(&self) -> bool {
        self.only().is_some()
    }

    /// Whether a change gives to a user more than it had while a lead may know its password.
    pub(super) fn outgrows_lead(&self, before: &UserRow, row: &UserRow) -> bool {
        let has_more = !row.roles.is_subset(&before.roles) || !row.teams.is_subset(&before.teams);
        !self.is_of_lead() && before.user.known_to_lead && has_more
    }

    /// The same of a key and its secret.
    pub(super) fn key_outgrows_lead(
        &self,
        before: &entity::api_key::Model,
        row: &entity::api_key::Model,
    ) -> bool {
        let has_more_roles = !held_roles(row).is_subset(&held_roles(before));
        let is_wider = match (scopes(before), scopes(row)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(after)) => !after.is_subset(&before),
        };
        !self.is_of_lead() && before.known_to_lead && (has_more_roles || is_wider)
    }

    /// Refuses a lead one key more than his partner may have.
    pub(super) async fn check_room_for_key(
        &self,
        change: &AccessChange,
        now: OffsetDateTime,
    ) -> Result<()> {
        match self.only() {
            Some(partner) if change.count_live_keys(partner, now).await? >= MOST_KEYS => Err(full(
                MOST_KEYS,
                "keys that work; revoke one that is not needed",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a lead one active user more than his partner may have.
    pub(super) async fn check_room_for_user(&self, change: &AccessChange) -> Result<()> {
        match self.only() {
            Some(partner) if change.count_active_users(partner).await? >= MOST_USERS => {
                Err(full(MOST_USERS, "active users; deactivate one who is gone"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn full(most: u64, what: &str) -> Error {
    Error::Conflict(format!(
        "your partner has {most} {what}, or ask an administrator for another one"
    ))
}

fn scopes(row: &entity::api_key::Model) -> Option<BTreeSet<StoredScope>> {
    let scopes = row.scopes.as_ref().filter(|scopes| !scopes.is_null())?;
    Some(BTreeSet::deserialize(scopes).unwrap_or_default())
}

/// Takes away what a user signs in with: a password, and a second factor that whoever knew it may have set up.
pub(super) fn end_credentials(user: &mut entity::user::Model) {
    user.password_hash = None;
    user.known_to_lead = false;
    forget_totp(user);
}

/// Takes the secrets of a key away. It works again when it is rotated.
pub(super) fn end_secrets(key: &mut entity::api_key::Model) {
    key.secret_hash = Vec::new();
    (key.old_secret_hash, key.old_secret_until) = (None, None);
    key.known_to_lead = false;
}
