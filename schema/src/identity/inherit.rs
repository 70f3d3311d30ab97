//! Roles that have the rules and permissions of other roles too, and those of what these inherit.

use std::collections::{BTreeSet, HashMap};

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

/// Which role inherits which, to be asked of many of them: each look costs as much as it finds.
#[derive(Debug)]
pub(crate) struct Inheritance {
    ids: Vec<Uuid>,
    places: HashMap<Uuid, usize>,
    /// The roles that each role names, by their places.
    inherited: Vec<Vec<usize>>,
    /// The roles that name it.
    heirs: Vec<Vec<usize>>,
    permissions: Vec<BTreeSet<Permission>>,
}

impl Inheritance {
    /// That of these roles. What a role inherits and is none of them counts for nothing.
    pub(crate) fn of(roles: &[entity::role::Model]) -> Self {
        let ids: Vec<Uuid> = roles.iter().map(|role| role.id).collect();
        let places = ids.iter().enumerate().map(|(at, id)| (*id, at));
        let places: HashMap<Uuid, usize> = places.collect();
        let mut heirs = vec![Vec::new(); ids.len()];
        let mut inherited = Vec::with_capacity(ids.len());
        for (at, role) in roles.iter().enumerate() {
            let named = inherited_by(role);
            let named = named.iter().filter_map(|id| places.get(id).copied());
            let named: Vec<usize> = named.collect();
            for place in &named {
                if let Some(heirs) = heirs.get_mut(*place) {
                    heirs.push(at);
                }
            }
            inherited.push(named);
        }
        let permissions = roles.iter().map(|role| permissions_of(&role.permissions));
        Self {
            permissions: permissions.collect(),
            ids,
            places,
            inherited,
            heirs,
        }
    }

    /// These roles and all that they inherit, over any number of steps. The holder of the first has what a
    /// holder of all of them would have.
    pub(crate) fn with_inherited(&self, of: impl IntoIterator<Item = Uuid>) -> BTreeSet<Uuid> {
        self.ids_at(&self.walk(&self.inherited, of))
    }

    /// A role and all that inherit it, over any number of steps.
    pub(crate) fn with_heirs(&self, role: Uuid) -> BTreeSet<Uuid> {
        self.ids_at(&self.walk(&self.heirs, [role]))
    }

    /// What a role may do beyond records, with what it inherits.
    pub(crate) fn permissions(&self, role: Uuid) -> BTreeSet<Permission> {
        let places = self.walk(&self.inherited, [role]);
        let held = places.iter().filter_map(|at| self.permissions.get(*at));
        held.flatten().copied().collect()
    }

    /// The places that the steps lead to, each once.
    fn walk(&self, steps: &[Vec<usize>], from: impl IntoIterator<Item = Uuid>) -> Vec<usize> {
        let mut is_found = vec![false; self.ids.len()];
        let mut found = Vec::new();
        let mut waiting: Vec<usize> = from
            .into_iter()
            .filter_map(|id| self.places.get(&id).copied())
            .collect();
        while let Some(at) = waiting.pop() {
            match is_found.get_mut(at) {
                Some(is_found) if !*is_found => *is_found = true,
                Some(_) | None => continue,
            }
            found.push(at);
            waiting.extend(steps.get(at).into_iter().flatten());
        }
        found
    }

    fn ids_at(&self, places: &[usize]) -> BTreeSet<Uuid> {
        let ids = places.iter().filter_map(|at| self.ids.get(*at));
        ids.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    /// A role with this number, that inherits those.
    fn role(number: u128, inherits: &[u128]) -> entity::role::Model {
        let ids: Vec<Uuid> = inherits.iter().copied().map(Uuid::from_u128).collect();
        entity::role::Model {
            id: Uuid::from_u128(number),
            name: format!("r{number}"),
            label: String::new(),
            description: String::new(),
            permissions: if number == 1 {
                json!(["manageSchema", "fly"])
            } else {
                json!([])
            },
            inherits: (!ids.is_empty()).then(|| json!(ids)),
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn numbers(ids: &BTreeSet<Uuid>) -> Vec<u128> {
        ids.iter().map(Uuid::as_u128).collect()
    }

    #[test]
    fn a_role_has_what_those_that_it_inherits_have() {
        // Two ways to the first, one that is unknown, and two that inherit each other.
        let roles = [
            role(1, &[]),
            role(2, &[1, 77]),
            role(3, &[1]),
            role(4, &[2, 3]),
            role(5, &[6]),
            role(6, &[5]),
        ];
        let inheritance = Inheritance::of(&roles);
        let of = |number| inheritance.with_inherited([Uuid::from_u128(number)]);
        assert_eq!(numbers(&of(1)), [1]);
        assert_eq!(numbers(&of(4)), [1, 2, 3, 4]);
        assert_eq!(numbers(&of(5)), [5, 6]);
        assert_eq!(numbers(&of(77)), []);
        let heirs = |number| inheritance.with_heirs(Uuid::from_u128(number));
        assert_eq!(numbers(&heirs(1)), [1, 2, 3, 4]);
        assert_eq!(numbers(&heirs(2)), [2, 4]);
        assert_eq!(numbers(&heirs(6)), [5, 6]);
        let permissions = inheritance.permissions(Uuid::from_u128(4));
        assert_eq!(permissions, [Permission::ManageSchema].into());
        assert_eq!(inheritance.permissions(Uuid::from_u128(5)), [].into());
    }
}
