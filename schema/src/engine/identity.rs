//! Users, roles, rules, partners and keys: what those with `manageAccess` may do, and how principals
//! become callers.
//!
//! Each method of management takes the caller first and asks for the permission before it looks at
//! anything else; all of it is decided again inside one transaction.

mod access;
mod bootstrap;
mod effects;
mod explain;
mod holders;
mod identities;
mod keys;
mod leads;
mod managing;
mod own_scopes;
mod partners;
mod passwords;
mod preview;
mod principals;
mod providers;
mod roles;
mod rules;
mod second_factor;
mod sessions;
mod shares;
mod sign_in;
mod signing_keys;
mod teams;
mod users;
mod versions;

pub use signing_keys::SigningSeed;

use std::{collections::BTreeSet, sync::Arc};

use managing::{Holder, Judged, Managing, check_permissions, check_permissions_of_holders};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    access::{Caller, Permission, Permit},
    catalog::Catalog,
    engine::Engine,
    error::{Error, Fault, FaultCode, Place, Result},
    identity::Inheritance,
    store::identity::{AccessChange, RoleHolders},
};

impl Engine {
    pub(in crate::engine) fn manage_access(&self, caller: &Caller) -> Result<Permit> {
        self.permit(caller, Permission::ManageAccess)
    }

    /// The catalog at the version that the change holds. Names are resolved by it: another node may
    /// have given a name to another field since ours was loaded.
    async fn catalog_in(&self, change: &AccessChange) -> Result<Arc<Catalog>> {
        let version = change.schema_version().await?;
        let ours = self.state().catalog;
        if version > ours.version() {
            let catalog = change.load_catalog(version).await?.sharing(&ours);
            self.current.put_catalog(&Arc::new(catalog));
        }
        Ok(self.state().catalog)
    }
}

/// The role that a text names, by its name or its id.
fn find_role<'a>(roles: &'a [entity::role::Model], text: &str) -> Option<&'a entity::role::Model> {
    let id = Uuid::try_parse(text).ok();
    roles
        .iter()
        .find(|role| role.name == text || Some(role.id) == id)
}

fn load_role<'a>(roles: &'a [entity::role::Model], text: &str) -> Result<&'a entity::role::Model> {
    find_role(roles, text).ok_or_else(|| not_found("role", text))
}

/// The roles that the texts of a member name, or one fault for each that names none.
fn find_roles_at<'a>(
    roles: &'a [entity::role::Model],
    texts: &[String],
    name: &str,
) -> Result<Vec<&'a entity::role::Model>> {
    let mut found = Vec::with_capacity(texts.len());
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match find_role(roles, text) {
            Some(role) => found.push(role),
            None => faults.push(Fault {
                place: member(name).child(at),
                code: FaultCode::ReferenceNotFound,
                message: format!("there is no role {text:?}"),
            }),
        }
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The names of roles by their ids, in the order of the names.
fn role_names(roles: &[entity::role::Model], ids: &BTreeSet<Uuid>) -> Vec<String> {
    let held = roles.iter().filter(|role| ids.contains(&role.id));
    let mut names: Vec<String> = held.map(|role| role.name.clone()).collect();
    names.sort();
    names
}

/// Refuses a change that leaves nobody who can manage access and sign in.
async fn check_administrator_remains(change: &AccessChange) -> Result<()> {
    let roles = change.roles().await?;
    let inheritance = Inheritance::of(&roles);
    let manages = |role: &&entity::role::Model| {
        let permissions = inheritance.permissions(role.id);
        permissions.contains(&Permission::ManageAccess)
    };
    let managing = roles.iter().filter(manages).map(|role| role.id).collect();
    if change.has_sign_in(managing).await? {
        return Ok(());
    }
    Err(nobody_manages())
}

fn nobody_manages() -> Error {
    Error::Conflict(
        "this would leave no active user with the permission manageAccess; give it to another user first"
            .to_owned(),
    )
}

/// Refuses roles by which nobody of these holders manages access.
fn check_is_managed(holders: &RoleHolders, roles: &[entity::role::Model]) -> Result<()> {
    if is_managed(holders, roles) {
        return Ok(());
    }
    Err(nobody_manages())
}

/// Whether somebody manages access.
fn is_managed(holders: &RoleHolders, roles: &[entity::role::Model]) -> bool {
    let inheritance = Inheritance::of(roles);
    let mut held = roles.iter().filter(|role| holders.sign_in(role.id));
    held.any(|role| {
        let permissions = inheritance.permissions(role.id);
        permissions.contains(&Permission::ManageAccess)
    })
}

fn not_found(kind: &'static str, name: impl std::fmt::Display) -> Error {
    Error::NotFound {
        kind,
        name: name.to_string(),
    }
}

/// The place of a member of the request body.
fn member(name: &str) -> Place {
    Place::Pointer(String::new()).child(name)
}

/// From when on something counts no more, as the body says it at this member: an instant to come.
fn parse_end(
    name: &str,
    text: Option<&str>,
    now: OffsetDateTime,
    faults: &mut Vec<Fault>,
) -> Option<OffsetDateTime> {
    let message = match OffsetDateTime::parse(text?, &Rfc3339) {
        Ok(instant) if instant > now => match instant.checked_to_offset(UtcOffset::UTC) {
            Some(instant) => return Some(instant),
            None => "is too far in the future",
        },
        Ok(_) => "must be in the future",
        Err(_) => "must be an instant such as \"2030-01-31T00:00:00Z\"",
    };
    faults.push(Fault {
        place: member(name),
        code: FaultCode::InvalidValue,
        message: message.to_owned(),
    });
    None
}
