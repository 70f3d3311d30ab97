//! Filters: from their JSON form to a [`Condition`], for callers and for the authors of rules.
//!
//! A caller's filter meets the caller's grants at each hop: a field or collection that it may not see
//! is unknown, a record that it may not see does not exist. A rule is resolved with definer's rights:
//! it sees everything, and may name variables such as `$partner.id`.

mod count;
mod lookup;
mod members;
mod pointer;
mod reference;
mod tree;

pub(crate) use count::FILTER as COUNT_FILTER;
pub(crate) use members::{points_at_any, resolve_members, split};

use std::sync::Arc;

use serde_json::Value as Json;
use time::Date;

use crate::{
    access::{Checker, Condition, Grant, Read, ShareAccess, Shared},
    catalog::{Catalog, CollectionKind, Direction, Field, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    field_type::Operator,
    id::{FieldId, ObjectTypeId},
    plan::operand,
    request::{Filter, LIMITS},
};

pub(crate) use reference::is_operator_on_reference;

/// The member of a rule's filter that asks whether the record is shared with the caller.
pub(crate) const SHARED: &str = "$shared";

/// With whose eyes a filter is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View<'a> {
    /// The caller's: grants at each hop, API names.
    Caller(&'a Checker<'a>),
    /// A rule's author: everything, variables allowed.
    Definer(&'a Catalog, Keys),
}

/// What the keys of a rule's filter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// API names, as an admin writes them.
    Names,
    /// Ids, as they are stored: fields by id, inverses as `<id of the reference>:inverse`, sides of
    /// relation types as `<id>:forward`, `<id>:reverse` or `<id>:either`.
    Ids,
}

/// The type that the keys of one level of a filter belong to.
#[derive(Clone, Copy)]
enum Level<'g> {
    Granted(&'g Grant<Read>),
    Defined(Subject),
    /// Members of several types, by the pointer to them.
    Pointed(&'g Named),
}

/// A level that a hop leads to, with the grant that was made for it.
enum Reached {
    Granted(Grant<Read>),
    Defined(Subject),
    Pointed(Named),
}

impl Reached {
    fn level(&self) -> Level<'_> {
        match self {
            Self::Granted(grant) => Level::Granted(grant),
            Self::Defined(subject) => Level::Defined(*subject),
            Self::Pointed(pointer) => Level::Pointed(pointer),
        }
    }
}

/// A field as one view sees it.
struct Named {
    field: Arc<Field>,
    /// It counts as having no value where this does not hold.
    visible: Option<Box<Condition>>,
}

impl Named {
    /// The pointer to the members of a collection of several types.
    fn pointer(pointer: &Arc<Field>) -> Self {
        Self {
            field: Arc::clone(pointer),
            visible: None,
        }
    }
}

/// A piece of the filter, with its place and its depth.
struct Given<'j> {
    json: &'j Json,
    place: Place,
    depth: usize,
}

impl<'j> Given<'j> {
    fn beside(&self, key: impl std::fmt::Display, json: &'j Json) -> Given<'j> {
        Given {
            json,
            place: self.place.child(key),
            depth: self.depth,
        }
    }

    fn below(&self, key: impl std::fmt::Display, json: &'j Json) -> Given<'j> {
        Given {
            depth: self.depth + 1,
            ..self.beside(key, json)
        }
    }

    fn copy(&self) -> Given<'j> {
        Given {
            json: self.json,
            place: self.place.clone(),
            depth: self.depth,
        }
    }

    fn deeper(&self) -> Given<'j> {
        Given {
            json: self.json,
            place: self.place.clone(),
            depth: self.depth + 1,
        }
    }
}

/// Resolves one filter; collects every fault.
struct Resolver<'a> {
    view: View<'a>,
    /// The day on which links must hold; today when absent.
    day: Option<Date>,
    faults: Vec<Fault>,
    conditions: usize,
    hops: usize,
    /// Whether operands are texts of a query string.
    coerce: bool,
}

/// The condition of a caller's filter on the type of the grant. Links are those that hold on the day.
pub(crate) fn resolve_filter(
    (checker, day): (&Checker<'_>, Option<Date>),
    grant: &Grant<Read>,
    filter: &Filter,
    place: &Place,
) -> Result<Condition> {
    if filter.json.is_none() && filter.terms.is_empty() {
        return Ok(Condition::TRUE);
    }
    let mut resolver = Resolver::of_caller(checker, day);
    let mut all = Vec::new();
    resolver.each(filter, place, |resolver, given| {
        all.push(resolver.level(Level::Granted(grant), given));
    });
    resolver.finish(Condition::All(all))
}

/// The condition of a rule on a type, with definer's rights.
pub(crate) fn resolve_rule(
    catalog: &Catalog,
    keys: Keys,
    subject: Subject,
    json: &Json,
    place: &Place,
) -> Result<Condition> {
    let view = View::Definer(catalog, keys);
    let mut resolver = Resolver {
        view,
        day: None,
        faults: Vec::new(),
        conditions: 0,
        hops: 0,
        coerce: false,
    };
    let given = Given {
        json,
        place: place.clone(),
        depth: 0,
    };
    let condition = resolver.level(Level::Defined(subject), &given);
    resolver.finish(condition)
}

impl<'a> Resolver<'a> {
    fn of_caller(checker: &'a Checker<'a>, day: Option<Date>) -> Self {
        Self {
            view: View::Caller(checker),
            day,
            faults: Vec::new(),
            conditions: 0,
            hops: 0,
            coerce: false,
        }
    }

    /// Calls `one` with the JSON form of the filter, and with each term of its short form.
    fn each(&mut self, filter: &Filter, place: &Place, mut one: impl FnMut(&mut Self, &Given<'_>)) {
        if let Some(json) = &filter.json {
            let place = place.clone();
            let given = Given {
                json,
                place,
                depth: 0,
            };
            one(self, &given);
        }
        self.coerce = true;
        for term in &filter.terms {
            let place = Place::Parameter(term.parameter.clone());
            let before = self.faults.len();
            let given = Given {
                json: &term.json,
                place,
                depth: 0,
            };
            one(self, &given);
            for fault in &mut self.faults[before..] {
                fault.place = Place::Parameter(term.parameter.clone());
            }
        }
    }

    fn finish(self, condition: Condition) -> Result<Condition> {
        if self.faults.is_empty() {
            Ok(condition)
        } else {
            Err(Error::Invalid(self.faults))
        }
    }

    /// Counts one condition; when there are too many, says so once and lets nothing more be resolved.
    fn count_condition(&mut self, given: &Given<'_>) -> bool {
        self.conditions += 1;
        if self.conditions == LIMITS.conditions + 1 {
            let message = format!("the filter has more than {} conditions", LIMITS.conditions);
            self.malformed(given, message);
        }
        self.conditions <= LIMITS.conditions
    }

    /// Counts one step through a reference or into a collection.
    fn count_hop(&mut self, given: &Given<'_>) -> bool {
        self.hops += 1;
        if self.hops == LIMITS.filter_hops + 1 {
            let message = format!(
                "the filter walks more than {} references and collections",
                LIMITS.filter_hops
            );
            self.malformed(given, message);
        }
        self.hops <= LIMITS.filter_hops
    }

    fn malformed(&mut self, given: &Given<'_>, message: impl Into<String>) -> Condition {
        self.fault(given.place.clone(), FaultCode::InvalidRequest, message)
    }

    fn fault(&mut self, place: Place, code: FaultCode, message: impl Into<String>) -> Condition {
        self.faults.push(Fault {
            place,
            code,
            message: message.into(),
        });
        Condition::FALSE
    }

    /// One object of the filter: all of its members must hold.
    fn level(&mut self, on: Level<'_>, given: &Given<'_>) -> Condition {
        if !self.count_condition(given) {
            return Condition::FALSE;
        }
        let Json::Object(members) = given.json else {
            return self.malformed(given, "must be an object of conditions");
        };
        if given.depth > LIMITS.filter_depth {
            let message = format!("is nested deeper than {} levels", LIMITS.filter_depth);
            return self.malformed(given, message);
        }
        let all = members.iter().map(|(key, json)| match key.as_str() {
            "and" => Condition::All(self.list(on, &given.beside(key, json))),
            "or" => Condition::Any(self.list(on, &given.beside(key, json))),
            "not" => Condition::Not(Box::new(self.level(on, &given.below(key, json)))),
            SHARED if matches!(self.view, View::Definer(..)) => {
                self.shared(on, &given.beside(key, json))
            }
            _ => self.member(on, key, &given.beside(key, json)),
        });
        Condition::All(all.collect())
    }

    /// The record is shared with whom the rule is for.
    fn shared(&mut self, on: Level<'_>, given: &Given<'_>) -> Condition {
        if !matches!(on, Level::Defined(Subject::Object(_))) {
            return self.malformed(given, "records are shared, links are not");
        }
        let access = given.json.as_str().and_then(ShareAccess::find);
        if let Some(access) = access {
            return Condition::Shared(Shared { access, with: None });
        }
        let message = "must be \"read\" (shared in any way) or \"write\"";
        self.fault(given.place.clone(), FaultCode::InvalidValue, message)
    }

    fn list(&mut self, on: Level<'_>, given: &Given<'_>) -> Vec<Condition> {
        let Json::Array(items) = given.json else {
            return vec![self.malformed(given, "must be an array of filters")];
        };
        items
            .iter()
            .enumerate()
            .map(|(at, item)| self.level(on, &given.below(at, item)))
            .collect()
    }

    fn member(&mut self, on: Level<'_>, key: &str, given: &Given<'_>) -> Condition {
        if let Level::Pointed(pointer) = on {
            return self.pointed(pointer, key, given);
        }
        if let Some(named) = self.find_field(on, key) {
            if let Some(way) = named.field.lookup.clone() {
                return self.lookup(&named, &way, given);
            }
            return match named.field.target() {
                Some(target) => self.reference(&named, target, given),
                None if named.field.is_polymorphic() => self.pointer(&named, given),
                None => self.comparisons(&named, given),
            };
        }
        if let Some(members) = self.find_collection(on, key) {
            return self.collection(&members, given);
        }
        let message = format!("there is no field {key:?} to filter by");
        self.fault(given.place.clone(), FaultCode::UnknownField, message)
    }

    fn find_field(&self, on: Level<'_>, key: &str) -> Option<Named> {
        match (on, self.view) {
            (Level::Granted(grant), _) => {
                let readable = grant.field(key)?;
                Some(Named {
                    field: readable.field,
                    visible: readable.visibility.into_option(),
                })
            }
            (Level::Defined(subject), View::Definer(catalog, keys)) => {
                let fields = catalog.subject_fields(subject)?;
                let field = match keys {
                    Keys::Names => fields.find(key)?,
                    Keys::Ids => fields.find_by_id(key.parse::<FieldId>().ok()?)?,
                };
                Some(Named {
                    field: Arc::clone(field),
                    visible: None,
                })
            }
            (Level::Defined(_), View::Caller(_)) | (Level::Pointed(_), _) => None,
        }
    }

    fn find_target(&self, target: ObjectTypeId) -> Option<(Reached, Condition)> {
        match self.view {
            View::Caller(checker) => {
                let grant = checker.grant_read(target)?;
                let rows = grant.rows().into_condition();
                Some((Reached::Granted(grant), rows))
            }
            View::Definer(..) => Some((Reached::Defined(Subject::Object(target)), Condition::TRUE)),
        }
    }

    /// The operators on one field, all of which must hold; of a composite field also on its parts.
    fn comparisons(&mut self, named: &Named, given: &Given<'_>) -> Condition {
        let Json::Object(members) = given.json else {
            let name = named.field.name.as_str();
            return self.malformed(
                given,
                format!("must be an object of operators such as {{\"eq\": …}} on {name:?}"),
            );
        };
        let all = members.iter().map(|(key, json)| {
            let at = given.beside(key, json);
            match named
                .field
                .columns
                .iter()
                .position(|column| column.part.key == Some(key.as_str()))
            {
                Some(part) => self.part((named, part), &at),
                None => self.comparison((named, 0), (key, named.field.operators()), &at),
            }
        });
        Condition::All(all.collect())
    }

    fn part(&mut self, on: (&Named, usize), given: &Given<'_>) -> Condition {
        let operators = on.0.field.columns[on.1].part.scalar.operators();
        let Json::Object(members) = given.json else {
            return self.malformed(given, "must be an object of operators");
        };
        let all = members
            .iter()
            .map(|(key, json)| self.comparison(on, (key, operators), &given.beside(key, json)));
        Condition::All(all.collect())
    }

    fn comparison(
        &mut self,
        on: (&Named, usize),
        (key, operators): (&str, &[Operator]),
        given: &Given<'_>,
    ) -> Condition {
        if !self.count_condition(given) {
            return Condition::FALSE;
        }
        let (Named { field, visible }, part) = on;
        let operator = Operator::find(key).filter(|operator| operators.contains(operator));
        let Some(operator) = operator else {
            let known: Vec<_> = operators.iter().map(|operator| operator.name()).collect();
            let (name, known) = (field.name.as_str(), known.join(", "));
            let message = format!("{key:?} is no operator of {name:?}; it has {known}");
            return self.fault(given.place.clone(), FaultCode::UnknownOperator, message);
        };
        match self.operand(on, operator, given) {
            Some(operand) => Condition::Compare {
                field: field.id,
                part,
                operator,
                operand,
                visible: visible.clone(),
            },
            None => Condition::FALSE,
        }
    }

    fn operand(
        &mut self,
        (named, part): (&Named, usize),
        operator: Operator,
        given: &Given<'_>,
    ) -> Option<crate::access::Operand> {
        let scalar = named.field.columns[part].part.scalar;
        let json = given.json;
        let coerced = if self.coerce {
            operand::coerce(scalar, operator, json)
        } else {
            json.clone()
        };
        let variables = matches!(self.view, View::Definer(..));
        match operand::parse((&named.field, part), operator, &coerced, variables) {
            Ok(operand) => Some(operand),
            Err(message) => {
                self.fault(given.place.clone(), FaultCode::InvalidValue, message);
                None
            }
        }
    }
}

/// The key under which a rule stores a collection.
pub(crate) fn collection_key(kind: CollectionKind) -> String {
    match kind {
        // A reference from a type to itself is a field and an inverse of the same type.
        CollectionKind::Inverse { field } => format!("{field}:inverse"),
        CollectionKind::Relation {
            relation,
            direction: Direction::Forward,
        } => format!("{relation}:forward"),
        CollectionKind::Relation {
            relation,
            direction: Direction::Reverse,
        } => format!("{relation}:reverse"),
        CollectionKind::Relation {
            relation,
            direction: Direction::Either,
        } => format!("{relation}:either"),
    }
}
