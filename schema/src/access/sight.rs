//! What a caller sees of a type, in one condition. The proof of statements compares them with it.

use crate::{
    access::{Action, Checker, Condition, Delete, Grant, Read, Update},
    catalog::Subject,
};

impl Checker<'_> {
    /// The rows of a type that the caller may read; `None` when it may read none.
    pub(crate) fn rows_in_sight(&self, subject: Subject) -> Option<Condition> {
        let grant: Grant<Read> = match subject {
            Subject::Object(id) => self.grant_read(id)?,
            Subject::Relation(id) => self.grant_relation(self.catalog.find_relation(id)?)?,
        };
        Some(grant.rows().into_condition())
    }

    /// The rows of an object type that the caller may change, and those that it may delete.
    pub(crate) fn rows_to_write(&self, subject: Subject) -> Vec<Condition> {
        let Subject::Object(id) = subject else {
            return Vec::new();
        };
        let object = self.catalog.find_object(id);
        let update: Option<Grant<Update>> = object.and_then(|object| self.grant(object));
        let delete: Option<Grant<Delete>> = object.and_then(|object| self.grant(object));
        let rows = [
            update.map(|grant| grant.rows()),
            delete.map(|grant| grant.rows()),
        ];
        rows.into_iter()
            .flatten()
            .map(crate::access::RowFilter::into_condition)
            .collect()
    }

    /// Every condition of the rules on a type that apply to the caller, whatever they grant.
    pub(crate) fn conditions_of_rules(&self, subject: Subject) -> Vec<Condition> {
        let actions = Action::ALL.iter();
        let rules = actions.flat_map(|action| self.rules(subject.uuid(), *action));
        let conditions = rules.flat_map(|rule| [rule.rows, rule.check]);
        conditions
            .filter(|condition| !condition.is_true())
            .collect()
    }
}
