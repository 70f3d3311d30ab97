//! Roles that have the rules and permissions of other roles too, and those of what these inherit.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use uuid::Uuid;

use super::permissions_of;
use crate::access::Permission;

/// The roles that a role names as inherited, by their ids.
pub(crate) fn inherited_by(role: &entity::role::Model) -> BTreeSet<Uuid> {
    let ids = role.inherits.as_ref().filter(|json| !json.is_null());
    ids.and_then(|json| BTreeSet::deserialize(json).ok())
        .unwrap_or_default()
}

/// These roles and all that they inherit, over any number of steps. The holder of the first has what a
/// holder of all of them would have.
pub(crate) fn with_inherited(
    roles: &[entity::role::Model],
    of: impl IntoIterator<Item = Uuid>,
) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<Uuid> = of.into_iter().collect();
    while let Some(id) = waiting.pop() {
        let role = roles.iter().find(|role| role.id == id);
        if let Some(role) = role
            && found.insert(id)
        {
            waiting.extend(inherited_by(role));
        }
    }
    found
}

/// What a role may do beyond records, with what it inherits.
pub(crate) fn effective_permissions(
    roles: &[entity::role::Model],
    role: Uuid,
) -> BTreeSet<Permission> {
    let held = with_inherited(roles, [role]);
    let held = roles.iter().filter(|role| held.contains(&role.id));
    held.flat_map(|role| permissions_of(&role.permissions))
        .collect()
}
