//! How far a caller reaches on a type, in a form by which two policies can be compared.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::{
    Action, Checker, Condition, Grant, GrantAction, Policy, ReadableField, Rule, Visibility, grant,
};
use crate::{
    catalog::{Field, Subject},
    id::RoleId,
};

/// The records and fields of one action on one type.
#[derive(Debug, PartialEq)]
pub(crate) struct Reach {
    /// On which records; of `create` on all, which says nothing.
    pub(crate) rows: Condition,
    /// The fields by name: of a read those that show, of a write those that may be sent.
    pub(crate) fields: BTreeMap<String, Shown>,
}

/// How a field shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// On every one of the records.
    Always,
    /// On those.
    When(Condition),
    /// A mask shows something of it, at most.
    Masked,
}

impl Checker<'_> {
    /// On which types the rules of the caller's roles are, and for which actions; `None` is every type. On others it
    /// reaches nothing.
    pub(crate) fn named(&self) -> HashSet<(Option<Uuid>, Action)> {
        let rules = self.roles().flat_map(|role| &role.rules);
        rules.map(|rule| (rule.subject, rule.action)).collect()
    }

    /// How far the caller reaches; `None` when no rule gives the action.
    pub(crate) fn reach(&self, subject: Subject, action: Action) -> Option<Reach> {
        match action {
            Action::Read => {
                let grant = self.granted_on::<grant::Read>(subject)?;
                let fields = grant.fields().into_iter();
                Some(Reach {
                    rows: grant.rows().into_condition(),
                    fields: fields
                        .map(|field| (field.field.name.to_string(), shown(field)))
                        .collect(),
                })
            }
            Action::Create => {
                let grant = self.granted_on::<grant::Create>(subject)?;
                Some(Reach {
                    rows: Condition::TRUE,
                    fields: named(grant.fields().iter().map(|field| &**field)),
                })
            }
            Action::Update => {
                let grant = self.granted_on::<grant::Update>(subject)?;
                let fields = grant.fields();
                Some(self.seen(subject, &grant, fields.iter().map(|field| &**field)))
            }
            Action::Link => {
                let grant = self.granted_on::<grant::Link>(subject)?;
                let fields = match subject {
                    // Who may point at a record sends nothing of it.
                    Subject::Object(_) => Vec::new(),
                    Subject::Relation(_) => grant.fields(),
                };
                Some(self.seen(subject, &grant, fields.iter().map(|field| &**field)))
            }
            Action::Delete => self.reach_of_whole::<grant::Delete>(subject),
            Action::Share => self.reach_of_whole::<grant::Share>(subject),
            Action::Aggregate => self.reach_of_covered::<grant::Aggregate>(subject),
            Action::Export => self.reach_of_covered::<grant::Export>(subject),
        }
    }

    fn granted_on<A: GrantAction>(&self, subject: Subject) -> Option<Grant<A>> {
        match subject {
            Subject::Object(id) => self.grant(self.catalog.find_object(id)?),
            Subject::Relation(id) => self.grant_relation(self.catalog.find_relation(id)?),
        }
    }

    /// Of an action that is on records as a whole.
    fn reach_of_whole<A: GrantAction>(&self, subject: Subject) -> Option<Reach> {
        let grant = self.granted_on::<A>(subject)?;
        Some(self.seen(subject, &grant, std::iter::empty()))
    }

    /// Of an action that is on the fields that its rules name.
    fn reach_of_covered<A: GrantAction>(&self, subject: Subject) -> Option<Reach> {
        let grant = self.granted_on::<A>(subject)?;
        let covered = |field: &&Field| {
            let mut rules = grant.rules().iter();
            rules.any(|rule| rule.fields.contains(field.id))
        };
        let fields = grant.all_fields().iter().map(|field| &**field);
        Some(self.seen(subject, &grant, fields.filter(covered)))
    }

    /// The records of an action that are in sight: whoever sees some of a type does nothing to the others.
    fn seen<'f, A>(
        &self,
        subject: Subject,
        grant: &Grant<A>,
        fields: impl Iterator<Item = &'f Field>,
    ) -> Reach {
        let rows = grant.rows().into_condition();
        let read = self.granted_on::<grant::Read>(subject);
        Reach {
            rows: match read.map(|read| read.rows().into_condition()) {
                Some(read) if read != rows => rows.and(read),
                Some(_) | None => rows,
            },
            fields: named(fields),
        }
    }
}

fn named<'f>(fields: impl Iterator<Item = &'f Field>) -> BTreeMap<String, Shown> {
    fields
        .map(|field| (field.name.to_string(), Shown::Always))
        .collect()
}

fn shown(field: ReadableField) -> Shown {
    match field.visibility {
        Visibility::Always => Shown::Always,
        Visibility::When(Condition::Any(none)) if none.is_empty() => Shown::Masked,
        Visibility::When(condition) => Shown::When(condition),
    }
}

impl Shown {
    /// Whether the value itself shows, on some records at least.
    pub(crate) fn is_in_full(&self) -> bool {
        match self {
            Self::Always | Self::When(_) => true,
            Self::Masked => false,
        }
    }
}

impl Policy {
    /// Whether a role has the same rules under another policy, with those that it inherits.
    pub(crate) fn says_same(&self, other: &Self, role: RoleId) -> bool {
        let held = [role].into();
        let (own, others) = (self.roles_of(&held), other.roles_of(&held));
        let mut own = own.into_iter().flat_map(|role| &role.rules);
        let mut others = others.into_iter().flat_map(|role| &role.rules);
        loop {
            match (own.next(), others.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if one.says(other) => {}
                (Some(_) | None, Some(_) | None) => return false,
            }
        }
    }
}

impl Rule {
    fn says(&self, other: &Self) -> bool {
        let Self {
            id: _,
            subject,
            action,
            fields,
            condition,
            check,
            presets,
            masks,
            limits,
        } = self;
        *subject == other.subject
            && *action == other.action
            && *fields == other.fields
            && *condition == other.condition
            && *check == other.check
            && *presets == other.presets
            && *masks == other.masks
            && *limits == other.limits
    }
}
