//! Filters on references to one type: on the record that they point at, or on its id.

use serde_json::{Map, Value as Json};

use super::{Given, Named, Resolver, tree::tree_operator};
use crate::{
    access::Condition,
    error::FaultCode,
    field_type::Operator,
    id::{FieldId, ObjectTypeId},
    plan::operand,
};

impl Resolver<'_> {
    pub(super) fn reference(
        &mut self,
        named: &Named,
        target: ObjectTypeId,
        given: &Given<'_>,
    ) -> Condition {
        if !self.count_hop(given) {
            return Condition::FALSE;
        }
        let Some((level, scope)) = self.find_target(target) else {
            let message = format!(
                "there is no field {:?} to filter by",
                named.field.name.as_str()
            );
            return self.fault(given.place.clone(), FaultCode::UnknownField, message);
        };
        let through = |inner: Condition| Condition::Through {
            field: named.field.id,
            target,
            visible: named.visible.clone(),
            inner: Box::new(scope.clone().and(inner)),
        };
        let Json::Object(members) = given.json else {
            let message =
                "must be an object: a filter on the target, or an operator such as {\"eq\": id}";
            return self.malformed(given, message);
        };
        if let Some((name, operator)) = tree_operator(members) {
            let at = given.beside(name, &members[name]);
            return self.place_in_tree(named, (operator, scope), &at);
        }
        // An operator on the reference itself speaks of the id of the target.
        if let Some((name, operator)) = only_operator(members) {
            let operand = self.operand((named, 0), operator, &given.beside(name, &members[name]));
            return operand.map_or(Condition::FALSE, |operand| {
                operand::on_reference(operator, operand, id_field(), &through)
            });
        }
        through(self.level(level.level(), &given.deeper()))
    }
}

/// The operator of a filter on a reference, when its object consists of exactly one.
pub(super) fn only_operator(members: &Map<String, Json>) -> Option<(&str, Operator)> {
    let (key, _) = members.iter().next().filter(|_| members.len() == 1)?;
    let allowed = [
        Operator::Eq,
        Operator::Neq,
        Operator::In,
        Operator::Nin,
        Operator::IsNull,
    ];
    let operator = Operator::find(key).filter(|operator| allowed.contains(operator))?;
    Some((key, operator))
}

/// Whether a filter on a reference speaks of the reference itself, not of its target.
pub(crate) fn is_operator_on_reference(json: &Json) -> bool {
    json.as_object()
        .is_some_and(|members| only_operator(members).is_some() || tree_operator(members).is_some())
}

/// The id field of every record.
pub(super) fn id_field() -> FieldId {
    FieldId::standard("system", "id")
}
