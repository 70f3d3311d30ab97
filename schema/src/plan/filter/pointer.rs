//! Filters on references to several types:
//!
//! ```text
//! "regarding": {"eq": id}                      the id, by eq, neq, in, nin and isNull
//! "regarding": {"id": {"eq": id}}              the same, by every operator of ids
//! "regarding": {"type": {"in": ["account"]}}   the type, by its API name
//! "regarding": {"account": {"name": …}}        a filter on the record, which must be of this type
//! ```
//!
//! A rule holds the ids of the types in place of their names. A record that the caller can't see is the
//! same as none.

use serde_json::Value as Json;

use super::{
    Given, Keys, Level, Named, Reached, Resolver, View,
    reference::{id_field, only_operator},
};
use crate::{
    access::{Condition, Operand},
    catalog::{ObjectType, Subject},
    error::FaultCode,
    field_type::{OperandShape, Operator},
    id::ObjectTypeId,
    plan::{operand, pointer},
    request::LIMITS,
};

/// The operators that compare the whole pointer with ids.
const ON_IDS: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::In,
    Operator::Nin,
    Operator::IsNull,
];

/// How many `EXISTS` over types cost as much of the budget of a filter as one step.
const TYPES_PER_HOP: usize = 20;

/// What is known of a pointer while its filter is resolved.
struct Pointer<'n> {
    named: &'n Named,
    /// Its targets with the conditions on their records.
    targets: Vec<(ObjectTypeId, Condition)>,
}

impl Pointer<'_> {
    /// It points at a record of one of these types that fits.
    fn at(&self, wanted: impl Fn(ObjectTypeId) -> bool, inner: &Condition) -> Condition {
        let targets = self.targets.iter().filter(|(id, _)| wanted(*id));
        let one = |(id, rows): &(ObjectTypeId, Condition)| {
            Condition::points_at(&self.named.field, *id, rows.clone().and(inner.clone()))
        };
        let any = Condition::any_of(targets.map(one).collect());
        match &self.named.visible {
            Some(visible) => (**visible).clone().and(any),
            None => any,
        }
    }

    fn at_any(&self) -> Condition {
        self.at(|_| true, &Condition::TRUE)
    }

    /// It points at a record with such an id. The id is compared on the pointer itself, where an index
    /// serves it.
    fn id(&self, operator: Operator, operand: Operand) -> Condition {
        let here = |operator, operand| {
            Condition::Compare {
                field: self.named.field.id,
                part: 0,
                operator,
                operand,
                visible: None,
            }
            .and(self.at_any())
        };
        if operator == Operator::IsNull {
            return self.is_null(&operand);
        }
        let not = |condition: Condition| Condition::Not(Box::new(condition));
        if operator == Operator::Neq {
            not(here(Operator::Eq, operand))
        } else if operator == Operator::Nin {
            not(here(Operator::In, operand))
        } else {
            here(operator, operand)
        }
    }

    fn is_null(&self, operand: &Operand) -> Condition {
        if matches!(operand, Operand::Flag(true)) {
            Condition::Not(Box::new(self.at_any()))
        } else {
            self.at_any()
        }
    }
}

impl Resolver<'_> {
    /// The conditions on a reference to several types, all of which must hold.
    pub(super) fn pointer(&mut self, named: &Named, given: &Given<'_>) -> Condition {
        let Json::Object(members) = given.json else {
            let message = "must be an object with an operator on the id, with id, type, or the name \
                           of an object type";
            return self.malformed(given, message);
        };
        let pointer = Pointer {
            named,
            targets: self.pointer_targets(named),
        };
        let all = members.iter().map(|(key, json)| {
            let at = given.below(key, json);
            let operator = Operator::find(key).filter(|operator| ON_IDS.contains(operator));
            match operator {
                Some(operator) => {
                    if self.count_types(&pointer, &at) {
                        self.pointer_id(&pointer, operator, &at)
                    } else {
                        Condition::FALSE
                    }
                }
                None => self.pointer_member(&pointer, key, &at),
            }
        });
        Condition::All(all.collect())
    }

    /// A condition on a member of several types: on its id, its type, or the record of one type.
    pub(super) fn pointed(&mut self, named: &Named, key: &str, given: &Given<'_>) -> Condition {
        let pointer = Pointer {
            named,
            targets: self.pointer_targets(named),
        };
        let deeper = given.deeper();
        self.pointer_member(&pointer, key, &deeper)
    }

    /// Whether a key is one of those that a member of several types has.
    pub(super) fn is_of_pointed(&self, named: &Named, key: &str) -> bool {
        let pointer = Pointer {
            named,
            targets: self.pointer_targets(named),
        };
        matches!(key, "id" | "type") || self.target_named(&pointer, key).is_some()
    }

    fn pointer_member(&mut self, pointer: &Pointer<'_>, key: &str, at: &Given<'_>) -> Condition {
        if !self.count_types(pointer, at) {
            return Condition::FALSE;
        }
        match key {
            "id" => self.each_operator(at, |resolver, operator, at| {
                resolver.pointer_id(pointer, operator, at)
            }),
            "type" => self.each_operator(at, |resolver, operator, at| {
                resolver.pointer_type(pointer, operator, at)
            }),
            name => self.pointer_record(pointer, name, at),
        }
    }

    fn count_types(&mut self, pointer: &Pointer<'_>, at: &Given<'_>) -> bool {
        (0..=pointer.targets.len() / TYPES_PER_HOP).all(|_| self.count_hop(at))
    }

    fn pointer_targets(&self, named: &Named) -> Vec<(ObjectTypeId, Condition)> {
        let targets = match self.view {
            View::Caller(checker) => pointer::targets(checker, &named.field),
            View::Definer(catalog, _) => {
                let targets = catalog.targets(&named.field).into_iter();
                targets.map(|object| (object, Condition::TRUE)).collect()
            }
        };
        let targets = targets.into_iter();
        targets.map(|(object, rows)| (object.id, rows)).collect()
    }

    fn each_operator(
        &mut self,
        given: &Given<'_>,
        mut one: impl FnMut(&mut Self, Operator, &Given<'_>) -> Condition,
    ) -> Condition {
        let Json::Object(members) = given.json else {
            return self.malformed(given, "must be an object of operators such as {\"eq\": …}");
        };
        let all = members.iter().map(|(key, json)| {
            let at = given.beside(key, json);
            match Operator::find(key) {
                Some(operator) => one(self, operator, &at),
                None => self.no_operator(key, &at),
            }
        });
        Condition::All(all.collect())
    }

    fn no_operator(&mut self, key: &str, given: &Given<'_>) -> Condition {
        let message = format!("{key:?} is no operator here");
        self.fault(given.place.clone(), FaultCode::UnknownOperator, message)
    }

    fn pointer_id(
        &mut self,
        pointer: &Pointer<'_>,
        operator: Operator,
        given: &Given<'_>,
    ) -> Condition {
        let named = pointer.named;
        let of_ids = named.field.column().part.scalar.operators();
        if !of_ids.contains(&operator) {
            return self.no_operator(operator.name(), given);
        }
        if !self.count_condition(given) {
            return Condition::FALSE;
        }
        let operand = self.operand((named, 0), operator, given);
        operand.map_or(Condition::FALSE, |operand| pointer.id(operator, operand))
    }

    fn pointer_type(
        &mut self,
        pointer: &Pointer<'_>,
        operator: Operator,
        given: &Given<'_>,
    ) -> Condition {
        if !ON_IDS.contains(&operator) {
            return self.no_operator(operator.name(), given);
        }
        if !self.count_condition(given) {
            return Condition::FALSE;
        }
        let coerced = operand::coerce(crate::field_type::Scalar::Choice, operator, given.json);
        let json = if self.coerce { &coerced } else { given.json };
        let names: Vec<Json> = match (operator.operand(), json) {
            (OperandShape::Flag, Json::Bool(flag)) => {
                return pointer.is_null(&Operand::Flag(*flag));
            }
            (OperandShape::Flag, _) => {
                return self.malformed_value(given, "must be true or false");
            }
            (OperandShape::One | OperandShape::Circle | OperandShape::Box, name) => {
                vec![name.clone()]
            }
            (OperandShape::Many | OperandShape::Pair, Json::Array(names))
                if names.len() <= LIMITS.list_items =>
            {
                names.clone()
            }
            (OperandShape::Many | OperandShape::Pair, _) => {
                let message = format!("must be an array of at most {} names", LIMITS.list_items);
                return self.malformed_value(given, &message);
            }
        };
        let mut wanted = Vec::with_capacity(names.len());
        for name in &names {
            let found = name
                .as_str()
                .and_then(|name| self.target_named(pointer, name));
            match found {
                Some(id) => wanted.push(id),
                None => return self.unknown_target(pointer, name, given),
            }
        }
        let one_of = pointer.at(|id| wanted.contains(&id), &Condition::TRUE);
        if matches!(operator, Operator::Neq | Operator::Nin) {
            Condition::Not(Box::new(one_of))
        } else {
            one_of
        }
    }

    fn malformed_value(&mut self, given: &Given<'_>, message: &str) -> Condition {
        self.fault(given.place.clone(), FaultCode::InvalidValue, message)
    }

    fn unknown_target(
        &mut self,
        pointer: &Pointer<'_>,
        name: &Json,
        given: &Given<'_>,
    ) -> Condition {
        let field = &pointer.named.field;
        let known = |object: &ObjectType| pointer.targets.iter().any(|(id, _)| *id == object.id);
        let names = match self.view {
            View::Caller(checker) => pointer::target_names(checker.catalog(), field, known),
            View::Definer(catalog, _) => pointer::target_names(catalog, field, known),
        };
        let message = format!("{name} is none of the object types that it points at: {names}");
        self.malformed_value(given, &message)
    }

    /// A target by what the view calls it.
    fn target_named(&self, pointer: &Pointer<'_>, name: &str) -> Option<ObjectTypeId> {
        let field = &pointer.named.field;
        let found = match self.view {
            View::Caller(checker) => checker.catalog().find_target(field, name)?.id,
            View::Definer(catalog, Keys::Names) => catalog.find_target(field, name)?.id,
            View::Definer(_, Keys::Ids) => name.parse().ok()?,
        };
        let mut targets = pointer.targets.iter().map(|(id, _)| *id);
        targets.find(|id| *id == found)
    }

    fn pointer_record(
        &mut self,
        pointer: &Pointer<'_>,
        name: &str,
        given: &Given<'_>,
    ) -> Condition {
        let Some(target) = self.target_named(pointer, name) else {
            let message = format!("there is no field {name:?} to filter by");
            return self.fault(given.place.clone(), FaultCode::UnknownField, message);
        };
        let through = |inner: Condition| pointer.at(|id| id == target, &inner);
        let operator = given.json.as_object().and_then(only_operator);
        if let Some((key, operator)) = operator {
            let at = given.beside(key, &given.json[key]);
            let operand = self.operand((pointer.named, 0), operator, &at);
            return operand.map_or(Condition::FALSE, |operand| {
                operand::on_reference(operator, operand, id_field(), &through)
            });
        }
        let inner = match self.find_target(target) {
            Some((Reached::Granted(grant), _)) => self.level(Level::Granted(&grant), given),
            Some((Reached::Defined(_) | Reached::Pointed(_), _)) | None => {
                self.level(Level::Defined(Subject::Object(target)), given)
            }
        };
        through(inner)
    }
}
