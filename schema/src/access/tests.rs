//! The laws of rights: roles only add, scopes only narrow, and nobody has anything without a rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use proptest::prelude::*;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Action, Caller, Checker, Condition, FieldScope, Policy, Principal, Role, Rule, RuleLimits,
    Scope, Scopes, Teams,
};
use crate::{
    catalog::{Catalog, MetadataRows, Subject, SystemField},
    id::{FieldId, KeyId, RoleId, RuleId},
};

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let rows = MetadataRows {
        version: 1,
        ..MetadataRows::default()
    };
    Arc::new(Catalog::load(&rows).expect("the standard types load"))
});

/// A few types that reach one another by references and relations.
const TYPES: &[&str] = &[
    "organization",
    "person",
    "order",
    "shipment",
    "employment",
    "carriesFor",
];

fn subject(at: usize) -> Subject {
    let found = CATALOG.find_subject(TYPES[at % TYPES.len()]);
    found.expect("a standard type")
}

/// A rule by numbers: type (one more than there are is every type), action, which fields, whether it
/// has a condition.
type Draft = (usize, usize, u8, bool);

fn rule((of, action, fields, restricted): Draft, at: usize) -> Rule {
    let every = of % (TYPES.len() + 1) == TYPES.len();
    let on = subject(of % (TYPES.len() + 1) % TYPES.len());
    let half = half(on, fields);
    Rule {
        id: RuleId::new(Uuid::from_u128(at as u128)),
        subject: (!every).then(|| on.uuid()),
        action: Action::ALL[action % Action::ALL.len()],
        fields: match fields % 4 {
            _ if every => FieldScope::All,
            0 => FieldScope::All,
            1 => FieldScope::Except(half),
            _ => FieldScope::Only(half),
        },
        condition: restricted.then_some(Condition::FALSE),
        check: None,
        presets: Vec::new(),
        masks: BTreeMap::new(),
        limits: RuleLimits::default(),
    }
}

/// Every other field of a type.
fn half(on: Subject, from: u8) -> BTreeSet<FieldId> {
    let known = CATALOG.subject_fields(on).expect("fields").iter();
    let half = known
        .enumerate()
        .filter(|(at, _)| (at + usize::from(from)) % 2 == 0);
    half.map(|(_, field)| field.id).collect()
}

fn role(number: u128, drafts: &[Draft]) -> Arc<Role> {
    let rules = drafts
        .iter()
        .enumerate()
        .map(|(at, draft)| rule(*draft, at));
    Arc::new(Role {
        id: RoleId::new(Uuid::from_u128(number)),
        name: number.to_string(),
        permissions: BTreeSet::new(),
        with_inherited: [RoleId::new(Uuid::from_u128(number))].into(),
        rules: rules.collect(),
    })
}

fn caller(roles: &[u128], scopes: Option<Scopes>) -> Caller {
    let roles = roles
        .iter()
        .map(|number| RoleId::new(Uuid::from_u128(*number)));
    Caller {
        principal: Principal::Key(KeyId::new(Uuid::from_u128(9))),
        roles: roles.collect(),
        scopes,
        ..Caller::anonymous(OffsetDateTime::UNIX_EPOCH)
    }
}

/// Everything that the caller may name or do, one text each.
fn rights(policy: &Policy, caller: &Caller) -> BTreeSet<String> {
    let surface = Checker::new(&CATALOG, policy, caller).surface();
    let mut rights = BTreeSet::new();
    for object in &surface.objects {
        let name = &object.object.name;
        let lists = [
            ("read", &object.readable),
            ("create", &object.creatable),
            ("update", &object.updatable),
        ];
        for (action, fields) in lists {
            rights.extend(fields.iter().map(|_| format!("{name} {action}")));
            let fields = fields.iter().flatten();
            rights.extend(fields.map(|field| format!("{name} {action} {}", field.name)));
        }
        if object.deletable {
            rights.insert(format!("{name} delete"));
        }
        for collection in &object.collections {
            let of = &collection.collection.name;
            rights.insert(format!("{name} walk {of}"));
            let Some(relation) = &collection.relation else {
                continue;
            };
            let readable = relation.readable.iter();
            rights.extend(readable.map(|field| format!("{name} walk {of} {}", field.name)));
            let linkable = relation.linkable.iter().flatten();
            rights.extend(linkable.map(|field| format!("{name} link {of} {}", field.name)));
        }
    }
    rights
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    prop::collection::vec((0..8_usize, 0..8_usize, any::<u8>(), any::<bool>()), 0..8)
}

fn policy(first: &[Draft], second: &[Draft]) -> Policy {
    let roles = [role(1, first), role(2, second)];
    Policy {
        version: 1,
        roles: roles.into_iter().map(|role| (role.id, role)).collect(),
        teams: Teams::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn another_role_takes_nothing_away(first in drafts(), second in drafts()) {
        let policy = policy(&first, &second);
        let one = rights(&policy, &caller(&[1], None));
        let both = rights(&policy, &caller(&[1, 2], None));
        let lost: Vec<_> = one.difference(&both).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?}");
    }

    #[test]
    fn a_scope_adds_nothing(first in drafts(), second in drafts(), scopes in prop::collection::vec((0..8_usize, 0..8_usize, any::<u8>()), 0..4)) {
        let policy = policy(&first, &second);
        let scope = |(of, action, fields): &(usize, usize, u8)| Scope {
            subject: (*of < TYPES.len()).then(|| subject(*of).uuid()),
            action: Action::ALL.get(*action).copied(),
            fields: (fields % 2 == 0).then(|| half(subject(*of), *fields / 2)),
        };
        let scopes = Scopes(scopes.iter().map(scope).collect());
        let whole = rights(&policy, &caller(&[1, 2], None));
        let narrowed = rights(&policy, &caller(&[1, 2], Some(scopes)));
        let gained: Vec<_> = narrowed.difference(&whole).collect();
        prop_assert!(gained.is_empty(), "gained {gained:?}");
    }

    #[test]
    fn a_scope_with_fields_leaves_what_it_names(drafts in drafts(), of in 0..TYPES.len(), fields in any::<u8>()) {
        let policy = policy(&drafts, &[]);
        let on = subject(of);
        let named = half(on, fields);
        let scope = Scope { subject: Some(on.uuid()), action: Some(Action::Read), fields: Some(named.clone()) };
        let caller = caller(&[1], Some(Scopes(BTreeSet::from([scope]))));
        let surface = Checker::new(&CATALOG, &policy, &caller).surface();
        for object in &surface.objects {
            let readable = object.readable.iter().flatten();
            for field in readable.filter(|field| field.system != Some(SystemField::Id)) {
                prop_assert!(named.contains(&field.id), "{}", field.name);
            }
        }
    }

    #[test]
    fn field_scopes_meet_and_join_field_by_field(one in 0..3_u8, other in 0..3_u8, first in any::<u8>(), second in any::<u8>()) {
        let on = subject(0);
        let scope = |kind: u8, from: u8| match kind {
            0 => FieldScope::All,
            1 => FieldScope::Only(half(on, from)),
            _ => FieldScope::Except(half(on, from)),
        };
        let (one, other) = (scope(one, first), scope(other, second));
        for field in CATALOG.subject_fields(on).expect("fields").iter() {
            let (a, b) = (one.contains(field.id), other.contains(field.id));
            prop_assert_eq!(one.and(&other).contains(field.id), a && b);
            prop_assert_eq!(one.or(&other).contains(field.id), a || b);
        }
    }

    #[test]
    fn no_scope_leaves_nothing(first in drafts(), second in drafts()) {
        let policy = policy(&first, &second);
        let none = rights(&policy, &caller(&[1, 2], Some(Scopes::default())));
        prop_assert!(none.is_empty(), "left {none:?}");
    }
}

#[test]
fn nobody_has_anything_without_a_rule() {
    let policy = policy(&[], &[]);
    assert_eq!(rights(&policy, &caller(&[1, 2], None)), BTreeSet::new());
    assert_eq!(rights(&policy, &caller(&[3], None)), BTreeSet::new());
    let nobody = Caller::anonymous(OffsetDateTime::UNIX_EPOCH);
    assert_eq!(rights(&policy, &nobody), BTreeSet::new());
}
