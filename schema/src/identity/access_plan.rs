//! From a document to what has to change of the roles and rules that are stored.

use std::collections::BTreeSet;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    AccessDocument, RoleDocument, StoredRule, check_description, check_label, check_role_name,
    document::role_document, inherited_by, policy::stored_limits, resolve_rule_text,
    with_inherited,
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

/// What has to change for the roles to be what the document says, or every fault of it. Roles that it does
/// not have stay, unless `prune` says that they go.
pub(crate) fn plan_access(
    mut ground: AccessGround<'_>,
    document: &AccessDocument,
    prune: bool,
) -> Result<AccessPlan, Vec<Fault>> {
    let mut faults = Vec::new();
    let after = roles_after(&mut ground, document, prune, &mut faults);
    inherit(&after, document, &mut faults);
    let mut plan = AccessPlan {
        roles: with_inheritance(after, document),
        rules: Vec::new(),
        changes: Vec::new(),
    };
    for (at, wanted) in document.roles.iter().enumerate() {
        let rules = resolved(ground.catalog, at, wanted, &mut faults);
        let role = plan.roles.iter().find(|role| role.name == wanted.name);
        if let Some(role) = role.cloned() {
            plan_role(&mut ground, &mut plan, role, rules);
        }
    }
    for role in ground.roles {
        let stays = plan.roles.iter().any(|after| after.id == role.id);
        let is_named = document.roles.iter().any(|it| it.name == role.name);
        let own = ground.rules.iter().filter(|rule| rule.role_id == role.id);
        if !stays {
            plan.changes.push(PlannedRole {
                fate: RoleFate::Deleted,
                role: role.clone(),
                before: Some(role.clone()),
                removed: own.cloned().collect(),
                added: Vec::new(),
                updated: Vec::new(),
            });
        } else if !is_named {
            plan.rules.extend(own.cloned());
        }
    }
    plan.rules.sort_by_key(|rule| rule.id);
    if faults.is_empty() {
        Ok(plan)
    } else {
        Err(faults)
    }
}

/// The roles that there will be, as they inherit now.
fn roles_after(
    ground: &mut AccessGround<'_>,
    document: &AccessDocument,
    prune: bool,
    faults: &mut Vec<Fault>,
) -> Vec<entity::role::Model> {
    let mut after: Vec<entity::role::Model> = Vec::new();
    for (at, wanted) in document.roles.iter().enumerate() {
        let place = at_role(at);
        let label = wanted.label.as_ref().unwrap_or(&wanted.name);
        let found = [
            check_role_name(&wanted.name),
            check_label("label", label),
            check_description(&wanted.description),
        ];
        faults.extend(found.into_iter().flatten().map(|it| below(&place, it)));
        if after.iter().any(|role| role.name == wanted.name) {
            faults.push(Fault {
                place: place.child("name"),
                code: FaultCode::NameTaken,
                message: format!("the role {:?} stands in it twice", wanted.name),
            });
            continue;
        }
        let known = ground.roles.iter().find(|role| role.name == wanted.name);
        let permissions: BTreeSet<_> = wanted.permissions.iter().collect();
        after.push(entity::role::Model {
            id: known.map_or_else(|| (ground.new_id)(), |role| role.id),
            name: wanted.name.clone(),
            label: label.clone(),
            description: wanted.description.clone(),
            permissions: serde_json::json!(permissions),
            inherits: known.and_then(|role| role.inherits.clone()),
            created_at: known.map_or(ground.now, |role| role.created_at),
            updated_at: known.map_or(ground.now, |role| role.updated_at),
        });
    }
    if !prune {
        let named =
            |role: &entity::role::Model| document.roles.iter().any(|it| it.name == role.name);
        after.extend(ground.roles.iter().filter(|role| !named(role)).cloned());
    }
    after.sort_by_key(|role| role.id);
    after
}

/// The ids of the roles that a role of the document is to inherit.
fn inherited_ids(roles: &[entity::role::Model], wanted: &RoleDocument) -> BTreeSet<Uuid> {
    let named = wanted.inherits.iter().filter_map(|name| find(roles, name));
    named.map(|role| role.id).collect()
}

fn with_inheritance(
    mut roles: Vec<entity::role::Model>,
    document: &AccessDocument,
) -> Vec<entity::role::Model> {
    let known = roles.clone();
    for role in &mut roles {
        let wanted = document.roles.iter().find(|it| it.name == role.name);
        if let Some(wanted) = wanted {
            role.inherits = Some(serde_json::json!(inherited_ids(&known, wanted)));
        }
    }
    roles
}

/// Reports roles that inherit what there will not be, or themselves.
fn inherit(after: &[entity::role::Model], document: &AccessDocument, faults: &mut Vec<Fault>) {
    let after = with_inheritance(after.to_vec(), document);
    for (at, wanted) in document.roles.iter().enumerate() {
        let Some(role) = find(&after, &wanted.name) else {
            continue;
        };
        for (index, name) in wanted.inherits.iter().enumerate() {
            let place = at_role(at).child("inherits").child(index);
            let (code, message) = match find(&after, name) {
                None => (
                    FaultCode::ReferenceNotFound,
                    format!("there is no role {name:?}"),
                ),
                Some(inherited) if with_inherited(&after, [inherited.id]).contains(&role.id) => (
                    FaultCode::InvalidValue,
                    format!(
                        "{name:?} is the role itself or inherits it; roles can't inherit in a circle"
                    ),
                ),
                Some(_) => continue,
            };
            faults.push(Fault {
                place,
                code,
                message,
            });
        }
    }
}

fn find<'a>(roles: &'a [entity::role::Model], name: &str) -> Option<&'a entity::role::Model> {
    roles.iter().find(|role| role.name == name)
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

/// Puts a role and its rules into the plan, with what changes of them.
fn plan_role(
    ground: &mut AccessGround<'_>,
    plan: &mut AccessPlan,
    mut role: entity::role::Model,
    wanted: Vec<entity::rule::Model>,
) {
    let before = ground.roles.iter().find(|known| known.id == role.id);
    let own = ground.rules.iter().filter(|rule| rule.role_id == role.id);
    let own: Vec<entity::rule::Model> = own.cloned().collect();
    let lined_up = line_up(&own, wanted, |rule| entity::rule::Model {
        id: (ground.new_id)(),
        role_id: role.id,
        created_at: ground.now,
        ..rule
    });
    let LinedUp {
        kept,
        updated,
        added,
    } = lined_up;
    let stays = |rule: &&entity::rule::Model| kept.iter().any(|kept| kept.id == rule.id);
    let removed: Vec<_> = own.iter().filter(|rule| !stays(rule)).cloned().collect();
    let is_same = before.is_some_and(|before| says_same(ground.roles, before, &plan.roles, &role));
    let has_other_rules = !(removed.is_empty() && updated.is_empty() && added.is_empty());
    if !is_same || has_other_rules {
        role.updated_at = ground.now;
        if let Some(planned) = plan.roles.iter_mut().find(|it| it.id == role.id) {
            planned.updated_at = ground.now;
        }
        plan.changes.push(PlannedRole {
            fate: if before.is_some() {
                RoleFate::Changed
            } else {
                RoleFate::Created
            },
            before: before.cloned(),
            role,
            removed,
            added: added.clone(),
            updated: updated.clone(),
        });
    }
    plan.rules
        .extend(kept.into_iter().chain(updated).chain(added));
}

/// Whether a role says the same of itself as before, its rules left out.
fn says_same(
    known: &[entity::role::Model],
    before: &entity::role::Model,
    roles: &[entity::role::Model],
    after: &entity::role::Model,
) -> bool {
    role_document(known, before) == role_document(roles, after)
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
