//! Filters on the place of a record in a tree: what lies above or below another one.
//!
//! A walk leads through records that the view sees, by references that it sees: one that is hidden is the
//! same as none, so what hangs on it alone is not found.

use serde_json::{Map, Value as Json};

use super::{Given, Named, Resolver};
use crate::{
    access::{Condition, Lineage, TreeWalk},
    error::FaultCode,
    field_type::Operator,
};

/// The operator on a place in a tree, when a filter on a reference consists of exactly one.
pub(super) fn tree_operator(members: &Map<String, Json>) -> Option<(&str, Operator)> {
    let (key, _) = members.iter().next().filter(|_| members.len() == 1)?;
    let operator = Operator::find(key).filter(|it| Operator::IN_TREES.contains(it))?;
    Some((key, operator))
}

impl Resolver<'_> {
    /// A record lies where the operator says. `scope` holds of the records in sight.
    pub(super) fn place_in_tree(
        &mut self,
        named: &Named,
        (operator, scope): (Operator, Condition),
        given: &Given<'_>,
    ) -> Condition {
        if !named.field.settings.tree {
            let name = named.field.name.as_str();
            let message = format!(
                "{:?} is no operator of {name:?}, which makes no tree",
                operator.name()
            );
            return self.fault(given.place.clone(), FaultCode::UnknownOperator, message);
        }
        if !self.count_condition(given) {
            return Condition::FALSE;
        }
        let upwards = matches!(
            operator,
            Operator::AncestorsOf | Operator::AncestorsOrSelfOf
        );
        let lineage = if upwards {
            Lineage::Ancestors
        } else {
            Lineage::Descendants
        };
        let or_self = matches!(
            operator,
            Operator::DescendantsOrSelfOf | Operator::AncestorsOrSelfOf
        );
        let Some(of) = self.operand((named, 0), operator, given) else {
            return Condition::FALSE;
        };
        Condition::Tree(TreeWalk {
            field: named.field.id,
            lineage,
            or_self,
            of,
            scope: Box::new(scope),
            visible: named.visible.clone(),
        })
    }
}
