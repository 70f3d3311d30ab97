//! Which indexes the rules ask for: so that who sees a part of the records is not answered later than who
//! sees all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Engine, State};
use crate::{
    access::{Action, Caller, IndexNeed, Permission, Role, Rule},
    catalog::{Catalog, Subject},
    error::Result,
    id::{FieldId, JobId, RuleId},
    store::OpenIndex,
};

/// What the read rules of all roles ask of the indexes.
#[derive(Clone, Debug, Serialize)]
pub struct IndexAdvice {
    /// The indexes that rules ask for and that are not there.
    pub indexes: Vec<AdvisedIndex>,
    /// The rules that an index of a field would not help: what they compare has none, or can't have one.
    pub unserved: Vec<AskingRule>,
}

/// An index that is not there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdvisedIndex {
    /// `none`, `building` or `failed`.
    pub state: &'static str,
    /// The job that builds it or could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// The operation of a changeset that builds it.
    pub operation: CreateIndex,
    /// The rules that ask for it; empty for who may not see rules.
    pub rules: Vec<AskingRule>,
}

/// `createIndex` as changesets have it.
#[derive(Clone, Debug, Serialize)]
pub struct CreateIndex {
    op: &'static str,
    /// The object type, of a field of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type, of a field of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    pub field: String,
}

/// A rule that asks for an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AskingRule {
    /// The role that has it.
    pub role: String,
    /// The rule.
    pub rule: RuleId,
    /// The singular name of the type that it is on.
    pub object: String,
}

/// What all roles ask for, by type and field.
#[derive(Default)]
struct Asked {
    indexes: BTreeMap<(Subject, FieldId), BTreeSet<AskingRule>>,
    unserved: BTreeSet<AskingRule>,
}

impl Engine {
    /// The indexes that the read rules ask for. It needs the permission `manageSchema`; the rules are told to
    /// those with `manageAccess`.
    pub async fn index_advice(&self, caller: &Caller) -> Result<IndexAdvice> {
        self.permit(caller, Permission::ManageSchema)?;
        let sees_rules = self.permit(caller, Permission::ManageAccess).is_ok();
        let state = self.state();
        let asked = asked(&state);
        let open = self.store.open_indexes().await?;
        let indexes = asked
            .indexes
            .into_iter()
            .filter_map(|((subject, field), rules)| {
                let rules = if sees_rules { rules } else { BTreeSet::new() };
                advised(&state.catalog, (subject, field), rules, open.get(&field))
            });
        let mut indexes: Vec<AdvisedIndex> = indexes.collect();
        let place = |index: &AdvisedIndex| {
            let CreateIndex {
                object,
                relation,
                field,
                ..
            } = &index.operation;
            (object.clone(), relation.clone(), field.clone())
        };
        indexes.sort_by_key(place);
        let unserved = asked.unserved.into_iter().filter(|_| sees_rules);
        Ok(IndexAdvice {
            indexes,
            unserved: unserved.collect(),
        })
    }
}

/// What the rules of each role ask for. Where one rule of a role shows all records of a type, its others ask
/// for nothing: their holders' lists are not narrowed.
fn asked(state: &State) -> Asked {
    let mut asked = Asked::default();
    for role in state.policy.roles.values() {
        let held = state.policy.roles_of(&BTreeSet::from([role.id]));
        let all: Vec<&Rule> = held
            .iter()
            .flat_map(|role| &role.rules)
            .filter(|rule| rule.action == Action::Read)
            .collect();
        let is_open = |of: Option<uuid::Uuid>| {
            let mut open = all.iter().filter(|rule| rule.condition.is_none());
            open.any(|rule| rule.subject.is_none() || rule.subject == of)
        };
        for rule in all.iter().filter(|rule| !is_open(rule.subject)) {
            asked.add(&state.catalog, owner_of(&held, rule), rule);
        }
    }
    asked
}

/// The role that has a rule itself.
fn owner_of<'r>(held: &[&'r Role], rule: &Rule) -> &'r str {
    let has = |role: &&&Role| role.rules.iter().any(|own| own.id == rule.id);
    held.iter().find(has).map_or("", |role| &role.name)
}

impl Asked {
    fn add(&mut self, catalog: &Catalog, role: &str, rule: &Rule) {
        let subject = rule.subject.and_then(|id| catalog.find_subject_by_id(id));
        let (Some(subject), Some(condition)) = (subject, &rule.condition) else {
            return;
        };
        let asking = AskingRule {
            role: role.to_owned(),
            rule: rule.id,
            object: catalog.subject_name(subject).unwrap_or_default().to_owned(),
        };
        match IndexNeed::of(catalog, subject, condition) {
            IndexNeed::Nothing | IndexNeed::Served => {}
            IndexNeed::Unserved => {
                self.unserved.insert(asking);
            }
            IndexNeed::Indexes(fields) => {
                for field in fields {
                    self.indexes
                        .entry(field)
                        .or_default()
                        .insert(asking.clone());
                }
            }
        }
    }
}

fn advised(
    catalog: &Catalog,
    (subject, field): (Subject, FieldId),
    rules: BTreeSet<AskingRule>,
    open: Option<&OpenIndex>,
) -> Option<AdvisedIndex> {
    let name = catalog.subject_name(subject)?.to_owned();
    let (object, relation) = match subject {
        Subject::Object(_) => (Some(name), None),
        Subject::Relation(_) => (None, Some(name)),
    };
    let field = catalog.find_field(subject, field)?;
    Some(AdvisedIndex {
        state: match open {
            Some(open) if open.has_failed => "failed",
            Some(_) => "building",
            None => "none",
        },
        job: open.map(|open| open.job),
        operation: CreateIndex {
            op: "createIndex",
            object,
            relation,
            field: field.name.to_string(),
        },
        rules: rules.into_iter().collect(),
    })
}
