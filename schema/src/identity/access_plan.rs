//! From a document to what has to change of the roles and rules that are stored.

use std::collections::{BTreeSet, HashMap, HashSet};

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Inheritance, RoleDocument, StoredRule, check_description, check_label, check_role_name,
    inherited_by, permissions_of, policy::stored_limits, resolve_rule_text,
};
use crate::{
    catalog::Catalog,
    error::{Fault, FaultCode, Place},
};

/// What happens to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoleFate {
    Created,
    Changed,
    Deleted,
}

/// What a document changes of one role.
#[derive(Clone, Debug)]
pub(crate) struct PlannedRole {
    pub(crate) fate: RoleFate,
    /// The role as it will be; of one that goes, as it was.
    pub(crate) role: entity::role::Model,
    /// The role as it was.
    pub(crate) before: Option<entity::role::Model>,
    /// The rules that go, or have another text from now on, as they were.
    pub(crate) removed: Vec<entity::rule::Model>,
    /// The rules that are new.
    pub(crate) added: Vec<entity::rule::Model>,
    /// The rules that keep their id and place and have another text.
    pub(crate) updated: Vec<entity::rule::Model>,
}

/// Roles and rules before and after a document, and what differs.
#[derive(Clone, Debug)]
pub(crate) struct AccessPlan {
    pub(crate) roles: Vec<entity::role::Model>,
    pub(crate) rules: Vec<entity::rule::Model>,
    pub(crate) changes: Vec<PlannedRole>,
}

/// What a plan is made from.
pub(crate) struct AccessGround<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) roles: &'a [entity::role::Model],
    pub(crate) rules: &'a [entity::rule::Model],
    pub(crate) now: OffsetDateTime,
    pub(crate) new_id: &'a mut dyn FnMut() -> Uuid,
}

/// The rule set that is to be.
#[derive(Clone, Copy)]
pub(crate) struct WantedRoles<'a> {
    pub(crate) roles: &'a [RoleDocument],
    /// Of an earlier version: which role each of them is, and its rules as they were stored. Of a document nothing:
    /// a role is the one that has its name, and its rules are the texts.
    pub(crate) stored: Option<&'a [(Uuid, Vec<entity::rule::Model>)]>,
    /// Whether roles go that are not among them.
    pub(crate) prune: bool,
}

/// Roles and rules as they are, to be looked up.
struct Known<'a> {
    roles: HashMap<Uuid, &'a entity::role::Model>,
    by_name: HashMap<&'a str, &'a entity::role::Model>,
    rules: HashMap<Uuid, Vec<&'a entity::rule::Model>>,
}

impl<'a> Known<'a> {
    fn of(ground: &AccessGround<'a>) -> Self {
        let mut rules: HashMap<Uuid, Vec<&entity::rule::Model>> = HashMap::new();
        for rule in ground.rules {
            rules.entry(rule.role_id).or_default().push(rule);
        }
        let roles = ground.roles.iter();
        Self {
            roles: roles.clone().map(|role| (role.id, role)).collect(),
            by_name: roles.map(|role| (role.name.as_str(), role)).collect(),
            rules,
        }
    }

    fn rules_of(&self, role: Uuid) -> impl Iterator<Item = entity::rule::Model> {
        let own = self.rules.get(&role).into_iter().flatten();
        own.map(|rule| (*rule).clone())
    }
}

/// What has to change for the roles to be what is wanted, or every fault of it. Roles that are not among the wanted
/// stay, unless they are pruned.
pub(crate) fn plan_access(
    mut ground: AccessGround<'_>,
    wanted: WantedRoles<'_>,
) -> Result<AccessPlan, Vec<Fault>> {
    let mut faults = Vec::new();
    let known = Known::of(&ground);
    let (mut after, ids) = roles_after(&mut ground, &known, wanted, &mut faults);
    inherit(&mut after, (wanted.roles, &ids), &mut faults);
    let places = after.iter().enumerate().map(|(at, role)| (role.id, at));
    let places: HashMap<Uuid, usize> = places.collect();
    let mut plan = AccessPlan {
        roles: after,
        rules: Vec::new(),
        changes: Vec::new(),
    };
    for (at, role) in wanted.roles.iter().enumerate() {
        let rules = match wanted.stored.and_then(|stored| stored.get(at)) {
            Some((_, rules)) => rules.clone(),
            None => resolved(ground.catalog, at, role, &mut faults),
        };
        let id = ids.get(at).copied().flatten();
        if let Some(place) = id.and_then(|id| places.get(&id)) {
            plan_role(&mut ground, &known, (&mut plan, *place), rules);
        }
    }
    let named: HashSet<Uuid> = ids.into_iter().flatten().collect();
    for role in ground.roles {
        let own = known.rules_of(role.id);
        if !places.contains_key(&role.id) {
            plan.changes.push(PlannedRole {
                fate: RoleFate::Deleted,
                role: role.clone(),
                before: Some(role.clone()),
                removed: own.collect(),
                added: Vec::new(),
                updated: Vec::new(),
            });
        } else if !named.contains(&role.id) {
            plan.rules.extend(own);
        }
    }
    plan.rules.sort_by_key(|rule| rule.id);
    if faults.is_empty() {
        Ok(plan)
    } else {
        Err(faults)
    }
}

/// The roles that there will be, as they inherit now, and the ids of the wanted: none of one that has the name of
/// another.
fn roles_after(
    ground: &mut AccessGround<'_>,
    known: &Known<'_>,
    wanted: WantedRoles<'_>,
    faults: &mut Vec<Fault>,
) -> (Vec<entity::role::Model>, Vec<Option<Uuid>>) {
    let mut after: Vec<entity::role::Model> = Vec::new();
    let mut ids = Vec::with_capacity(wanted.roles.len());
    let mut names = HashSet::new();
    for (at, role) in wanted.roles.iter().enumerate() {
        let place = at_role(at);
        let label = role.label.as_ref().unwrap_or(&role.name);
        let found = [
            check_role_name(&role.name),
            check_label("label", label),
            check_description(&role.description),
        ];
        faults.extend(found.into_iter().flatten().map(|it| below(&place, it)));
        if !names.insert(role.name.as_str()) {
            faults.push(Fault {
                place: place.child("name"),
                code: FaultCode::NameTaken,
                message: format!("the role {:?} stands in it twice", role.name),
            });
            ids.push(None);
            continue;
        }
        let stored = wanted.stored.and_then(|stored| stored.get(at));
        let before = match stored {
            Some((id, _)) => known.roles.get(id).copied(),
            None => known.by_name.get(role.name.as_str()).copied(),
        };
        let id = stored.map(|(id, _)| *id).or(before.map(|role| role.id));
        let id = id.unwrap_or_else(|| (ground.new_id)());
        ids.push(Some(id));
        let permissions: BTreeSet<_> = role.permissions.iter().collect();
        after.push(entity::role::Model {
            id,
            name: role.name.clone(),
            label: label.clone(),
            description: role.description.clone(),
            permissions: serde_json::json!(permissions),
            inherits: before.and_then(|role| role.inherits.clone()),
            created_at: before.map_or(ground.now, |role| role.created_at),
            updated_at: before.map_or(ground.now, |role| role.updated_at),
        });
    }
    if !wanted.prune {
        let named: HashSet<Uuid> = ids.iter().copied().flatten().collect();
        let others = ground.roles.iter().filter(|role| !named.contains(&role.id));
        after.extend(others.cloned());
    }
    after.sort_by_key(|role| role.id);
    (after, ids)
}

/// Lets the roles inherit what the document says, and reports those that inherit what there will not be, or
/// themselves.
fn inherit(
    after: &mut [entity::role::Model],
    (documents, ids): (&[RoleDocument], &[Option<Uuid>]),
    faults: &mut Vec<Fault>,
) {
    let by_name = after.iter().map(|role| (role.name.clone(), role.id));
    let by_name: HashMap<String, Uuid> = by_name.collect();
    let wanted = documents.iter().zip(ids);
    let wanted: HashMap<Uuid, &RoleDocument> = wanted
        .filter_map(|(document, id)| Some(((*id)?, document)))
        .collect();
    for role in after.iter_mut() {
        if let Some(wanted) = wanted.get(&role.id) {
            let named = wanted.inherits.iter().filter_map(|name| by_name.get(name));
            let inherited: BTreeSet<&Uuid> = named.collect();
            role.inherits = Some(serde_json::json!(inherited));
        }
    }
    let inheritance = Inheritance::of(after);
    for (at, document) in documents.iter().enumerate() {
        let id = ids.get(at).copied().flatten();
        // One whose name another has stands for that one.
        let Some(id) = id.or_else(|| by_name.get(&document.name).copied()) else {
            continue;
        };
        if document.inherits.is_empty() {
            continue;
        }
        let heirs = inheritance.with_heirs(id);
        for (index, name) in document.inherits.iter().enumerate() {
            let (code, message) = match by_name.get(name) {
                None => (
                    FaultCode::ReferenceNotFound,
                    format!("there is no role {name:?}"),
                ),
                Some(inherited) if heirs.contains(inherited) => (
                    FaultCode::InvalidValue,
                    format!(
                        "{name:?} is the role itself or inherits it; roles can't inherit in a circle"
                    ),
                ),
                Some(_) => continue,
            };
            faults.push(Fault {
                place: at_role(at).child("inherits").child(index),
                code,
                message,
            });
        }
    }
}

/// The rules of a role of the document, as they will be stored.
fn resolved(
    catalog: &Catalog,
    at: usize,
    wanted: &RoleDocument,
    faults: &mut Vec<Fault>,
) -> Vec<entity::rule::Model> {
    let mut rules = Vec::with_capacity(wanted.rules.len());
    for (index, text) in wanted.rules.iter().enumerate() {
        let place = at_role(at).child("rules").child(index);
        if text.role.as_ref().is_some_and(|role| *role != wanted.name) {
            faults.push(Fault {
                place: place.child("role"),
                code: FaultCode::InvalidValue,
                message: format!("the rule belongs to the role {:?}", wanted.name),
            });
        }
        match resolve_rule_text(catalog, text).map(StoredRule::into_row) {
            Ok(row) => rules.push(row),
            Err(found) => faults.extend(found.into_iter().map(|fault| below(&place, fault))),
        }
    }
    rules
}

/// Puts the role at a place of the plan and its rules into it, with what changes of them.
fn plan_role(
    ground: &mut AccessGround<'_>,
    known: &Known<'_>,
    (plan, place): (&mut AccessPlan, usize),
    wanted: Vec<entity::rule::Model>,
) {
    let Some(role) = plan.roles.get_mut(place) else {
        return;
    };
    let before = known.roles.get(&role.id).copied();
    let own: Vec<entity::rule::Model> = known.rules_of(role.id).collect();
    let LinedUp {
        kept,
        updated,
        added,
    } = line_up(&own, wanted, |rule| entity::rule::Model {
        id: (ground.new_id)(),
        role_id: role.id,
        created_at: ground.now,
        ..rule
    });
    let stays: HashSet<Uuid> = kept.iter().map(|rule| rule.id).collect();
    let removed = own.into_iter().filter(|rule| !stays.contains(&rule.id));
    let removed: Vec<_> = removed.collect();
    let is_same = before.is_some_and(|before| says_same(before, role));
    let has_other_rules = !(removed.is_empty() && updated.is_empty() && added.is_empty());
    if !is_same || has_other_rules {
        role.updated_at = ground.now;
        plan.changes.push(PlannedRole {
            fate: if before.is_some() {
                RoleFate::Changed
            } else {
                RoleFate::Created
            },
            before: before.cloned(),
            role: role.clone(),
            removed,
            added: added.clone(),
            updated: updated.clone(),
        });
    }
    plan.rules
        .extend(kept.into_iter().chain(updated).chain(added));
}

/// Whether a role says the same of itself as before, its rules left out.
fn says_same(before: &entity::role::Model, after: &entity::role::Model) -> bool {
    before.name == after.name
        && before.label == after.label
        && before.description == after.description
        && permissions_of(&before.permissions) == permissions_of(&after.permissions)
        && inherited_by(before) == inherited_by(after)
}

/// The rules that a role will have.
struct LinedUp {
    /// As they are.
    kept: Vec<entity::rule::Model>,
    /// In the place of one that there is.
    updated: Vec<entity::rule::Model>,
    /// Behind all others.
    added: Vec<entity::rule::Model>,
}

/// Lines the wanted rules up with those that there are. Rules are tried in the order of their ids, so what is
/// kept must stand in the same order in both, and before all that is new.
fn line_up(
    own: &[entity::rule::Model],
    wanted: Vec<entity::rule::Model>,
    mut new: impl FnMut(entity::rule::Model) -> entity::rule::Model,
) -> LinedUp {
    let mut lined_up = LinedUp {
        kept: Vec::new(),
        updated: Vec::new(),
        added: Vec::new(),
    };
    let mut next = 0;
    let later: Vec<entity::rule::Model> = wanted.clone();
    for (at, rule) in wanted.into_iter().enumerate() {
        let left = own.get(next..).unwrap_or_default();
        if !lined_up.added.is_empty() {
            lined_up.added.push(new(rule));
        } else if let Some(found) = left.iter().position(|known| says(known, &rule)) {
            lined_up.kept.push(left[found].clone());
            next += found + 1;
        } else if let Some(known) = left.first().filter(|known| {
            let is_wanted_later = later[at..].iter().any(|rule| says(known, rule));
            (known.subject, &known.action) == (rule.subject, &rule.action) && !is_wanted_later
        }) {
            lined_up.updated.push(entity::rule::Model {
                id: known.id,
                role_id: known.role_id,
                created_at: known.created_at,
                ..rule
            });
            next += 1;
        } else {
            lined_up.added.push(new(rule));
        }
    }
    lined_up
}

/// Whether two rules are the same but for id, role and instant.
fn says(one: &entity::rule::Model, other: &entity::rule::Model) -> bool {
    let masks = |rule: &entity::rule::Model| {
        let masks = rule.masks.clone().unwrap_or_default();
        masks.as_object().cloned().unwrap_or_default()
    };
    one.subject == other.subject
        && one.action == other.action
        && one.fields == other.fields
        && one.condition == other.condition
        && one.check_condition == other.check_condition
        && one.presets == other.presets
        && masks(one) == masks(other)
        && stored_limits(one) == stored_limits(other)
}

fn at_role(at: usize) -> Place {
    Place::Pointer(format!("/roles/{at}"))
}

/// A fault of something whose place in the body is known.
fn below(place: &Place, fault: Fault) -> Fault {
    Fault {
        place: Place::Pointer(format!("{}{}", place.text(), fault.place.text())),
        ..fault
    }
}

impl PlannedRole {
    /// The rules of the role that have another text from now on, or are new, as they will be.
    pub(crate) fn gained(&self) -> impl Iterator<Item = &entity::rule::Model> {
        self.updated.iter().chain(&self.added)
    }
}

impl RoleFate {
    /// How the API calls it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Action;

    /// A rule with this number, that says what the text says.
    fn rule(number: u128, action: Action, says: &str) -> entity::rule::Model {
        let row = StoredRule::of_everything(action).into_row();
        entity::rule::Model {
            id: Uuid::from_u128(number),
            fields: serde_json::json!({ "only": [says] }),
            ..row
        }
    }

    /// The numbers and texts that come of lining up, in order; new rules have numbers from 100 on.
    fn lined_up(own: &[(u128, &str)], wanted: &[&str]) -> Vec<(u128, String)> {
        let own: Vec<_> = own
            .iter()
            .map(|(id, says)| rule(*id, Action::Read, says))
            .collect();
        let wanted = wanted.iter().map(|says| rule(0, Action::Read, says));
        let mut next = 99;
        let all = line_up(&own, wanted.collect(), |rule| {
            next += 1;
            entity::rule::Model {
                id: Uuid::from_u128(next),
                ..rule
            }
        });
        let mut rows: Vec<_> = [all.kept, all.updated, all.added].concat();
        rows.sort_by_key(|rule| rule.id);
        let told = rows.iter().map(|rule| {
            let says = rule.fields["only"][0].as_str().unwrap_or_default();
            (rule.id.as_u128(), says.to_owned())
        });
        told.collect()
    }

    #[test]
    fn rules_come_out_in_the_order_of_the_document() {
        let own = [(1, "a"), (2, "b"), (3, "c")];
        for wanted in [
            &["a", "b", "c"][..],
            &["a", "c"],
            &["c", "a", "b"],
            &["a", "x", "c"],
            &["x", "a", "b", "c"],
            &["a", "b", "c", "x"],
            &["x", "y", "z", "a"],
            &["b", "x", "a"],
            &["a", "a", "b"],
            &[],
        ] {
            let found = lined_up(&own, wanted);
            let texts: Vec<&str> = found.iter().map(|(_, says)| says.as_str()).collect();
            assert_eq!(texts, wanted, "{found:?}");
        }
    }

    #[test]
    fn rules_that_stay_keep_their_ids() {
        let own = [(1, "a"), (2, "b"), (3, "c")];
        let ids = |wanted: &[&str]| -> Vec<u128> {
            lined_up(&own, wanted).iter().map(|(id, _)| *id).collect()
        };
        assert_eq!(ids(&["a", "b", "c"]), [1, 2, 3]);
        assert_eq!(ids(&["a", "c"]), [1, 3]);
        assert_eq!(ids(&["a", "x", "c"]), [1, 2, 3], "one has another text");
        assert_eq!(ids(&["a", "b", "c", "x"]), [1, 2, 3, 100]);
    }
}
