//! What each rule of a caller's roles comes to.

use uuid::Uuid;

use super::{Action, Checker, Condition};
use crate::id::RuleId;

/// What a rule comes to for one caller.
#[derive(Debug)]
pub(crate) enum Standing {
    /// It grants, on these rows; the variables are put in.
    Grants(Condition),
    /// The scopes of the key leave it out.
    OutOfScope,
    /// It names a variable that the caller has no value for.
    WithoutValue,
}

impl Checker<'_> {
    /// The rules of the caller's roles on an action of a type, with what each comes to.
    pub(crate) fn standings(&self, subject: Uuid, action: Action) -> Vec<(RuleId, Standing)> {
        let scopes = self.caller.scopes.as_ref();
        let in_scope = scopes.is_none_or(|scopes| scopes.allow(subject, action));
        let rules = self.roles().flat_map(|role| &role.rules);
        let of_action = rules.filter(|rule| {
            rule.action == action && rule.subject.is_none_or(|named| named == subject)
        });
        let standings = of_action.map(|rule| {
            let standing = match self.bind(rule) {
                _ if !in_scope => Standing::OutOfScope,
                Some(granted) => Standing::Grants(granted.rows().clone()),
                None => Standing::WithoutValue,
            };
            (rule.id, standing)
        });
        standings.collect()
    }
}
