//! Tests of the GraphQL face that need no database: schema, guard, coercion, compiler.

mod compiling;
mod guarding;
mod names;
mod schemas;
mod show;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use schema::{
    FieldId, ObjectTypeId, RelationTypeId, RoleId, RuleId,
    access::{Action, Caller, Checker, FieldScope, Policy, Role, Rule, RuleLimits, Surface, Teams},
    catalog::{Catalog, MetadataRows},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::graphql::schema::{Face, build};

fn fresh() -> Arc<Catalog> {
    let rows = MetadataRows {
        version: 1,
        ..MetadataRows::default()
    };
    Arc::new(Catalog::load(&rows).expect("the standard types load"))
}

/// The surface of one who may do everything with everything.
fn whole_surface() -> Surface {
    let caller = Caller::system("test", OffsetDateTime::UNIX_EPOCH);
    Checker::new(&fresh(), &Policy::default(), &caller).surface()
}

fn whole_face() -> Face {
    build(Arc::new(whole_surface())).expect("the schema builds")
}

/// A rule on some fields of a subject.
fn rule(subject: Uuid, action: Action, fields: FieldScope) -> Rule {
    Rule {
        id: RuleId::new(Uuid::nil()),
        subject: Some(subject),
        action,
        fields,
        condition: None,
        check: None,
        presets: Vec::new(),
        masks: BTreeMap::new(),
        limits: RuleLimits::default(),
    }
}

fn only(owner: &str, columns: &[&str]) -> FieldScope {
    let fields = columns
        .iter()
        .map(|column| FieldId::standard(owner, column));
    FieldScope::Only(fields.collect())
}

/// The surface of a role with these rules.
fn surface_of(rules: Vec<Rule>) -> Surface {
    let id = RoleId::new(Uuid::max());
    let role = Role {
        id,
        name: "tester".to_owned(),
        permissions: BTreeSet::new(),
        with_inherited: [id].into(),
        rules,
    };
    let policy = Policy {
        version: 1,
        roles: [(id, Arc::new(role))].into(),
        teams: Teams::default(),
    };
    let caller = Caller {
        roles: [id].into(),
        ..Caller::anonymous(OffsetDateTime::UNIX_EPOCH)
    };
    Checker::new(&fresh(), &policy, &caller).surface()
}

/// Names of organizations, which may be changed, and of their employees.
fn small_surface() -> Surface {
    let organization = ObjectTypeId::standard("organization").uuid();
    let person = ObjectTypeId::standard("person").uuid();
    let employment = RelationTypeId::standard("employment").uuid();
    let shown = only("organization", &["name", "kinds", "annual_revenue"]);
    let title = only("employment", &["title"]);
    surface_of(vec![
        rule(organization, Action::Read, shown),
        rule(
            organization,
            Action::Update,
            only("organization", &["name"]),
        ),
        rule(organization, Action::Link, FieldScope::All),
        rule(person, Action::Read, only("person", &["last_name"])),
        rule(person, Action::Link, FieldScope::All),
        rule(employment, Action::Read, title.clone()),
        rule(employment, Action::Link, title),
    ])
}
