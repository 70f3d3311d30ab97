//! Earlier rule sets: which there were, what one was, and one of them in force again.
//!
//! Each change of roles and rules keeps the roles that it touches (`store/identity/role_versions`); the rule set at a
//! version is made of the newest of each role until then.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::{
    access::Caller,
    catalog::Catalog,
    engine::Engine,
    error::{Error, FaultCode, Place, Result},
    identity::{
        AccessChanged, AccessRestore, AccessState, AccessVersion, AccessVersionQuery, LeftOut,
        Listed, RoleDocument, RoleRows, document_of, left_out_of, living_rule, role_document,
        versions_of,
    },
    store::identity::EarlierRoles,
};

impl Engine {
    /// One page of the versions at which roles or rules changed, newest first.
    pub async fn list_access_versions(
        &self,
        caller: &Caller,
        query: &AccessVersionQuery,
    ) -> Result<Listed<AccessVersion>> {
        self.manage_access(caller)?;
        let listed = self.store.list_role_versions(query).await?;
        Ok(Listed {
            items: versions_of(listed.items),
            has_next: listed.has_next,
        })
    }

    /// The rule set as it was at a version, by the names of today.
    pub async fn access_state_at(&self, caller: &Caller, version: i64) -> Result<AccessState> {
        self.manage_access(caller)?;
        // Rows are only added: what is kept until a version that there is stays as it is.
        let current = self.store.load_head().await?.access;
        let found = self.store.roles_at(version).await?;
        let place = Place::Parameter("version".to_owned());
        let rows = roles_of_version(found, (version, current), &place)?;
        let (roles, rules) = split(&rows);
        let catalog = self.state().catalog;
        Ok(AccessState {
            version,
            roles: document_of(&catalog, &roles, &rules).roles,
            left_out: left_out_of(&catalog, &roles, &rules),
        })
    }

    /// Puts the rule set of an earlier version in force, the whole of it, by the way that a document takes.
    pub async fn restore_access(
        &self,
        caller: &Caller,
        restore: AccessRestore,
    ) -> Result<AccessChanged> {
        self.put_rule_set(caller, restore.into()).await
    }
}

/// The roles of a version, or a fault that says which versions there are.
pub(super) fn roles_of_version(
    found: EarlierRoles,
    (version, current): (i64, i64),
    place: &Place,
) -> Result<Vec<RoleRows>> {
    let code = match place {
        Place::Pointer(_) => FaultCode::ReferenceNotFound,
        Place::Parameter(_) => FaultCode::InvalidValue,
    };
    let message = match found {
        EarlierRoles::Known(roles) if version <= current => return Ok(roles),
        EarlierRoles::Known(_) => {
            format!("there is no version {version} yet; access is at {current}")
        }
        EarlierRoles::NotKept(Some(first)) => {
            format!("version {version} was not kept; the first that was is {first}")
        }
        EarlierRoles::NotKept(None) => format!("version {version} was not kept, nor was any yet"),
    };
    let message = format!("{message}; see GET /v1/meta/access/versions");
    Err(Error::fault(place.clone(), code, message))
}

/// The roles of an earlier version as they can be in force again: what they say of themselves, which roles they are,
/// and their rules as they were stored, without what speaks of something deleted.
///
/// A role is the one that it was, by whatever name it goes now. One that is gone is the one that has its name now, if
/// that one is none of the version: so its holders keep it.
pub(super) fn restorable(
    catalog: &Catalog,
    present: &[entity::role::Model],
    earlier: &[RoleRows],
) -> (Vec<RoleDocument>, Vec<(Uuid, Vec<entity::rule::Model>)>) {
    let ids: HashSet<Uuid> = earlier.iter().map(|rows| rows.role.id).collect();
    let there: HashSet<Uuid> = present.iter().map(|role| role.id).collect();
    let others = present.iter().filter(|role| !ids.contains(&role.id));
    let others: HashMap<&str, Uuid> = others.map(|role| (role.name.as_str(), role.id)).collect();
    let (roles, _) = split(earlier);
    let documents = roles.iter().map(|role| role_document(&roles, role));
    let stored = earlier.iter().map(|RoleRows { role, rules }| {
        let other = others.get(role.name.as_str()).copied();
        let other = other.filter(|_| !there.contains(&role.id));
        let rules = rules.iter().filter_map(|rule| living_rule(catalog, rule));
        (other.unwrap_or(role.id), rules.collect())
    });
    (documents.collect(), stored.collect())
}

/// What can't be restored of a version.
pub(super) fn left_out_of_version(catalog: &Catalog, earlier: &[RoleRows]) -> Vec<LeftOut> {
    let (roles, rules) = split(earlier);
    left_out_of(catalog, &roles, &rules)
}

fn split(rows: &[RoleRows]) -> (Vec<entity::role::Model>, Vec<entity::rule::Model>) {
    let roles = rows.iter().map(|rows| rows.role.clone());
    let rules = rows.iter().flat_map(|rows| rows.rules.iter().cloned());
    (roles.collect(), rules.collect())
}
