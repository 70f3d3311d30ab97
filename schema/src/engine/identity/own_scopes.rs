//! The scopes of a key as the key itself may know them.

use std::collections::BTreeSet;

use crate::{
    access::{Action, Caller, Checker, Create, Grant, Link, Read, Standing, Update},
    catalog::{Field, Subject},
    engine::state::State,
    id::FieldId,
    identity::{DataScope, StoredScope},
};

/// The scopes without the types and fields of which the key's roles grant it nothing: for it they do not
/// exist, whatever they are called.
pub(super) fn own_scopes(
    state: &State,
    caller: &Caller,
    scopes: &BTreeSet<StoredScope>,
) -> BTreeSet<StoredScope> {
    let checker = Checker::new(&state.catalog, &state.policy, caller);
    let told = scopes.iter().filter_map(|scope| told(&checker, scope));
    told.collect()
}

fn told(checker: &Checker<'_>, stored: &StoredScope) -> Option<StoredScope> {
    let scope = match stored {
        StoredScope::Data(scope) => scope,
        StoredScope::Feed(_) => return Some(stored.clone()),
    };
    let Some(id) = scope.subject else {
        return Some(stored.clone());
    };
    let subject = checker.catalog().find_subject_by_id(id)?;
    let grants = |action: &Action| {
        let standings = checker.standings(id, *action);
        let mut standings = standings.iter();
        standings.any(|(_, standing)| matches!(standing, Standing::Grants(_)))
    };
    let mut actions = Action::ALL.iter();
    if !actions.any(|it| scope.action.is_none_or(|action| action == *it) && grants(it)) {
        return None;
    }
    let (Some(fields), Some(action)) = (&scope.fields, scope.action) else {
        return Some(stored.clone());
    };
    let left: BTreeSet<FieldId> = fields
        .iter()
        .copied()
        .filter(|field| {
            let field = checker.catalog().find_field(subject, *field);
            field.is_some_and(|field| shows(checker, (subject, action), field))
        })
        .collect();
    (!left.is_empty()).then(|| {
        StoredScope::Data(DataScope {
            fields: Some(left),
            ..scope.clone()
        })
    })
}

/// Whether the caller may name the field in this action.
fn shows(checker: &Checker<'_>, (subject, action): (Subject, Action), field: &Field) -> bool {
    let (catalog, name) = (checker.catalog(), field.name.as_str());
    match subject {
        Subject::Object(id) => catalog.find_object(id).is_some_and(|object| match action {
            Action::Read => {
                let grant: Option<Grant<Read>> = checker.grant(object);
                grant.is_some_and(|grant| grant.field(name).is_some())
            }
            Action::Create => {
                let grant: Option<Grant<Create>> = checker.grant(object);
                grant.is_some_and(|grant| grant.field(name).is_some())
            }
            Action::Update => {
                let grant: Option<Grant<Update>> = checker.grant(object);
                grant.is_some_and(|grant| grant.field(name).is_some())
            }
            Action::Delete | Action::Link | Action::Aggregate | Action::Export | Action::Share => {
                false
            }
        }),
        Subject::Relation(id) => catalog.find_relation(id).is_some_and(|relation| {
            let read: Option<Grant<Read>> = checker.grant_relation(relation);
            let link: Option<Grant<Link>> = checker.grant_relation(relation);
            if action == Action::Link {
                link.is_some_and(|grant| grant.field(name).is_some())
            } else {
                read.is_some_and(|grant| grant.field(name).is_some())
            }
        }),
    }
}
