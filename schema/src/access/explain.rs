//! What each rule of a caller's roles comes to.

use uuid::Uuid;

use super::{Action, Checker, Condition, FieldScope};
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
        let scope = match &self.caller.scopes {
            None => Some(FieldScope::All),
            Some(scopes) => scopes.fields(subject, action),
        };
        let rules = self.roles().flat_map(|role| &role.rules);
        let of_action = rules.filter(|rule| {
            rule.action == action && rule.subject.is_none_or(|named| named == subject)
        });
        let standings = of_action.map(|rule| {
            let Some(scope) = &scope else {
                return (rule.id, Standing::OutOfScope);
            };
            let standing = match self.bind(rule, scope) {
                None => Standing::WithoutValue,
                Some(granted) if self.is_left(&granted, (subject, action), scope) => {
                    Standing::Grants(granted.rows().clone())
                }
                Some(_) => Standing::OutOfScope,
            };
            (rule.id, standing)
        });
        standings.collect()
    }
}
