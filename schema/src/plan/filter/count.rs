//! Filters on the number of members of a collection: of all in sight, or of those that a filter of their
//! own lets through.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    Given, Reached, Resolver, View,
    members::{Members, pointing},
};
use crate::{
    access::{Condition, Operand},
    catalog::{Field, SystemField},
    error::FaultCode,
    field_type::Operator,
    plan::operand,
};

/// The key under which the filter on the members that are counted stands.
pub(crate) const FILTER: &str = "filter";

const OPERATORS: &str = "must be an object of operators such as {\"gte\": 2}";

impl Resolver<'_> {
    /// How many members there are, or how many fit.
    pub(super) fn count(&mut self, of: &Members, given: &Given<'_>) -> Condition {
        let Json::Object(members) = given.json else {
            return self.malformed(given, OPERATORS);
        };
        let Some(field) = self.integer_field(of) else {
            return self.malformed(given, "can't be counted");
        };
        let none = Json::Object(Map::new());
        let filter = members.get(FILTER);
        if filter.is_some() && members.len() == 1 {
            return self.malformed(
                given,
                "compares nothing: add an operator such as \"gte\": 2",
            );
        }
        let at = given.below(FILTER, filter.unwrap_or(&none));
        let Some([in_sight, link, inner]) = self.told_apart(of, &at) else {
            return Condition::FALSE;
        };
        let scope = of.scope.clone().and(inner);
        let link_scope = of.link_scope.clone().and(in_sight).and(link);
        let compared = members.iter().filter(|(key, _)| *key != FILTER);
        let all = compared.map(|(key, json)| {
            let at = given.beside(key, json);
            if !self.count_hop(&at) {
                return Condition::FALSE;
            }
            match self.number(&field, key, &at) {
                Some((operator, operand)) => Condition::Count {
                    hop: of.hop,
                    scope: Box::new(scope.clone()),
                    link_scope: Box::new(link_scope.clone()),
                    operator,
                    operand,
                },
                None => Condition::FALSE,
            }
        });
        Condition::All(all.collect())
    }

    /// A comparison of the number.
    fn number(
        &mut self,
        field: &Arc<Field>,
        key: &str,
        given: &Given<'_>,
    ) -> Option<(Operator, Operand)> {
        let scalar = field.column().part.scalar;
        let known = scalar.operators();
        let operator =
            Operator::find(key).filter(|it| known.contains(it) && *it != Operator::IsNull);
        let Some(operator) = operator else {
            let message = format!("{key:?} is no operator of a number of members");
            self.fault(given.place.clone(), FaultCode::UnknownOperator, message);
            return None;
        };
        let coerced = if self.coerce {
            operand::coerce(scalar, operator, given.json)
        } else {
            given.json.clone()
        };
        match operand::parse((field, 0), operator, &coerced, false) {
            Ok(operand) => Some((operator, operand)),
            Err(message) => {
                self.fault(given.place.clone(), FaultCode::InvalidValue, message);
                None
            }
        }
    }

    /// A field with the form of a number of records.
    fn integer_field(&self, of: &Members) -> Option<Arc<Field>> {
        let (catalog, subject) = match (&of.records, self.view) {
            (Reached::Granted(grant), View::Caller(checker)) => {
                (&**checker.catalog(), grant.subject())
            }
            (Reached::Defined(subject), View::Definer(catalog, _)) => (catalog, *subject),
            (Reached::Pointed(pointer), View::Caller(checker)) => {
                (&**checker.catalog(), pointing(checker.catalog(), pointer)?)
            }
            (Reached::Pointed(pointer), View::Definer(catalog, _)) => {
                (catalog, pointing(catalog, pointer)?)
            }
            (Reached::Granted(_) | Reached::Defined(_), View::Caller(_) | View::Definer(..)) => {
                return None;
            }
        };
        catalog
            .subject_fields(subject)?
            .find_system(SystemField::Version)
            .cloned()
    }
}
