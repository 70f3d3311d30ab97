//! Filters: from their JSON form to a [`Condition`], for callers and for the authors of rules.
//!
//! A caller's filter meets the caller's grants at each hop: a field or collection that it may not see
//! is unknown, a record that it may not see does not exist. A rule is resolved with definer's rights:
//! it sees everything, and may name variables such as `$partner.id`.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::{
    access::{Checker, Condition, Grant, Hop, Quantifier, Read},
    catalog::{Catalog, CollectionKind, Direction, Field, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    field_type::Operator,
    id::{FieldId, ObjectTypeId},
    plan::operand,
    request::{Filter, LIMITS},
};

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
    /// Ids, as they are stored: fields by id, inverses by the id of their reference, sides of relation
    /// types as `<id>:forward` or `<id>:reverse`.
    Ids,
}

/// The type that the keys of one level of a filter belong to.
#[derive(Clone, Copy)]
enum Level<'g> {
    Granted(&'g Grant<Read>),
    Defined(Subject),
}

/// A level that a hop leads to, with the grant that was made for it.
enum Reached {
    Granted(Grant<Read>),
    Defined(Subject),
}

impl Reached {
    fn level(&self) -> Level<'_> {
        match self {
            Self::Granted(grant) => Level::Granted(grant),
            Self::Defined(subject) => Level::Defined(*subject),
        }
    }
}

/// A collection as one view sees it.
struct Members {
    hop: Hop,
    members: Reached,
    scope: Condition,
    links: Option<Reached>,
    link_scope: Condition,
}

/// Resolves one filter; collects every fault.
struct Resolver<'a> {
    view: View<'a>,
    faults: Vec<Fault>,
    comparisons: usize,
    /// Whether operands are texts of a query string.
    coerce: bool,
}

/// The condition of a caller's filter on the type of the grant.
pub(crate) fn resolve_filter(
    checker: &Checker<'_>,
    grant: &Grant<Read>,
    filter: &Filter,
    place: &Place,
) -> Result<Condition> {
    if filter.json.is_none() && filter.terms.is_empty() {
        return Ok(Condition::TRUE);
    }
    let level = Level::Granted(grant);
    let mut resolver = Resolver {
        view: View::Caller(checker),
        faults: Vec::new(),
        comparisons: 0,
        coerce: false,
    };
    let mut all = Vec::new();
    if let Some(json) = &filter.json {
        all.push(resolver.level(level, json, place, 0));
    }
    resolver.coerce = true;
    for term in &filter.terms {
        let mut json = Json::Object(Map::from_iter([(
            term.operator.clone(),
            Json::String(term.value.clone()),
        )]));
        for segment in term.path.iter().rev() {
            json = Json::Object(Map::from_iter([(segment.clone(), json)]));
        }
        let before = resolver.faults.len();
        all.push(resolver.level(level, &json, &Place::Parameter(String::new()), 0));
        for fault in &mut resolver.faults[before..] {
            fault.place = Place::Parameter(term.parameter.clone());
        }
    }
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
        faults: Vec::new(),
        comparisons: 0,
        coerce: false,
    };
    let condition = resolver.level(Level::Defined(subject), json, place, 0);
    resolver.finish(condition)
}

impl Resolver<'_> {
    fn finish(self, condition: Condition) -> Result<Condition> {
        if self.faults.is_empty() {
            Ok(condition)
        } else {
            Err(Error::Invalid(self.faults))
        }
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
    fn level(&mut self, on: Level<'_>, json: &Json, place: &Place, depth: usize) -> Condition {
        let Json::Object(members) = json else {
            return self.fault(
                place.clone(),
                FaultCode::InvalidRequest,
                "must be an object of conditions",
            );
        };
        if depth > LIMITS.filter_depth {
            let message = format!("is nested deeper than {} levels", LIMITS.filter_depth);
            return self.fault(place.clone(), FaultCode::InvalidRequest, message);
        }
        let all = members.iter().map(|(key, value)| {
            let at = place.child(key);
            match key.as_str() {
                "and" => Condition::All(self.list(on, value, &at, depth)),
                "or" => Condition::Any(self.list(on, value, &at, depth)),
                "not" => Condition::Not(Box::new(self.level(on, value, &at, depth + 1))),
                _ => self.member(on, key, value, &at, depth),
            }
        });
        Condition::All(all.collect())
    }

    fn list(&mut self, on: Level<'_>, json: &Json, place: &Place, depth: usize) -> Vec<Condition> {
        let Json::Array(items) = json else {
            return vec![self.fault(
                place.clone(),
                FaultCode::InvalidRequest,
                "must be an array of filters",
            )];
        };
        items
            .iter()
            .enumerate()
            .map(|(at, item)| self.level(on, item, &place.child(at), depth + 1))
            .collect()
    }

    fn member(
        &mut self,
        on: Level<'_>,
        key: &str,
        json: &Json,
        place: &Place,
        depth: usize,
    ) -> Condition {
        if let Some((field, visible)) = self.find_field(on, key) {
            return match field.target() {
                Some(target) => self.reference((&field, visible, target), json, place, depth),
                None => self.comparisons(&field, visible.as_ref(), json, place),
            };
        }
        if let Some(members) = self.find_collection(on, key) {
            return self.collection(members, json, place, depth);
        }
        self.fault(
            place.clone(),
            FaultCode::UnknownField,
            format!("there is no field {key:?} to filter by"),
        )
    }

    fn find_field(&self, on: Level<'_>, key: &str) -> Option<(Arc<Field>, Option<Box<Condition>>)> {
        match (on, self.view) {
            (Level::Granted(grant), _) => {
                let readable = grant.field(key)?;
                Some((readable.field, readable.visibility.into_option()))
            }
            (Level::Defined(subject), View::Definer(catalog, keys)) => {
                let fields = catalog.subject_fields(subject)?;
                let field = match keys {
                    Keys::Names => fields.find(key)?,
                    Keys::Ids => fields.find_by_id(key.parse::<FieldId>().ok()?)?,
                };
                Some((Arc::clone(field), None))
            }
            (Level::Defined(_), View::Caller(_)) => None,
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

    fn reference(
        &mut self,
        (field, visible, target): (&Field, Option<Box<Condition>>, ObjectTypeId),
        json: &Json,
        place: &Place,
        depth: usize,
    ) -> Condition {
        let Some((level, scope)) = self.find_target(target) else {
            return self.fault(
                place.clone(),
                FaultCode::UnknownField,
                format!("there is no field {:?}", field.name.as_str()),
            );
        };
        let through = |inner: Condition| Condition::Through {
            field: field.id,
            visible: visible.clone(),
            inner: Box::new(scope.clone().and(inner)),
        };
        let Json::Object(members) = json else {
            let message =
                "must be an object: a filter on the target, or an operator such as {\"eq\": id}";
            return self.fault(place.clone(), FaultCode::InvalidRequest, message);
        };
        // An operator on the reference itself speaks of the id of the target.
        if let Some((name, operator)) = only_operator(members) {
            let at = place.child(name);
            let operand = self.operand(field, 0, operator, &members[name], &at);
            let Some(operand) = operand else {
                return Condition::FALSE;
            };
            return operand::on_reference(operator, operand, &level_id(), &through);
        }
        through(self.level(level.level(), json, place, depth + 1))
    }

    fn find_collection(&self, on: Level<'_>, key: &str) -> Option<Members> {
        match (on, self.view) {
            (Level::Granted(grant), View::Caller(checker)) => {
                let object = grant.object()?.id;
                let granted = checker.find_collection(object, key)?;
                let mut scope = granted.members.rows().into_condition();
                if let Some(visible) = granted
                    .reference
                    .and_then(crate::access::Visibility::into_option)
                {
                    scope = scope.and(*visible);
                }
                let link_scope = granted
                    .links
                    .as_ref()
                    .map_or(Condition::TRUE, |links| links.rows().into_condition());
                Some(Members {
                    hop: granted.collection.kind.into(),
                    members: Reached::Granted(granted.members),
                    scope,
                    links: granted.links.map(Reached::Granted),
                    link_scope,
                })
            }
            (Level::Defined(Subject::Object(object)), View::Definer(catalog, keys)) => {
                let collections = catalog.collections(object);
                let collection = collections.iter().find(|collection| match keys {
                    Keys::Names => collection.name.as_str() == key,
                    Keys::Ids => collection_key(collection.kind) == key,
                })?;
                let links = match collection.kind {
                    CollectionKind::Relation { relation, .. } => {
                        Some(Reached::Defined(Subject::Relation(relation)))
                    }
                    CollectionKind::Inverse { .. } => None,
                };
                Some(Members {
                    hop: collection.kind.into(),
                    members: Reached::Defined(Subject::Object(collection.target)),
                    scope: Condition::TRUE,
                    links,
                    link_scope: Condition::TRUE,
                })
            }
            (Level::Granted(_) | Level::Defined(_), View::Caller(_) | View::Definer(..)) => None,
        }
    }

    fn collection(&mut self, of: Members, json: &Json, place: &Place, depth: usize) -> Condition {
        let Json::Object(members) = json else {
            return self.fault(place.clone(), FaultCode::InvalidRequest, QUANTIFIERS);
        };
        let all = members.iter().map(|(key, value)| {
            let at = place.child(key);
            let quantifier = match key.as_str() {
                "some" => Quantifier::Some,
                "none" => Quantifier::None,
                "every" => Quantifier::Every,
                _ => return self.fault(at, FaultCode::UnknownOperator, QUANTIFIERS),
            };
            let (inner, link) = self.split_link(&of, value, &at, depth);
            Condition::Members {
                hop: of.hop,
                quantifier,
                scope: Box::new(of.scope.clone()),
                link_scope: Box::new(of.link_scope.clone()),
                link: Box::new(link),
                inner: Box::new(inner),
            }
        });
        Condition::All(all.collect())
    }

    /// The conditions on a member and on the link to it; the latter stand under the key `link`.
    fn split_link(
        &mut self,
        of: &Members,
        json: &Json,
        place: &Place,
        depth: usize,
    ) -> (Condition, Condition) {
        let Some((links, Json::Object(members))) = of.links.as_ref().map(|links| (links, json))
        else {
            return (
                self.level(of.members.level(), json, place, depth + 1),
                Condition::TRUE,
            );
        };
        let mut own = members.clone();
        let link = match own.shift_remove("link") {
            Some(json) => self.level(links.level(), &json, &place.child("link"), depth + 1),
            None => Condition::TRUE,
        };
        (
            self.level(of.members.level(), &Json::Object(own), place, depth + 1),
            link,
        )
    }

    /// The operators on one field, all of which must hold.
    fn comparisons(
        &mut self,
        field: &Arc<Field>,
        visible: Option<&Box<Condition>>,
        json: &Json,
        place: &Place,
    ) -> Condition {
        let Json::Object(members) = json else {
            let message = format!(
                "must be an object of operators such as {{\"eq\": …}} on {:?}",
                field.name.as_str()
            );
            return self.fault(place.clone(), FaultCode::InvalidRequest, message);
        };
        let all = members.iter().map(|(key, value)| {
            let at = place.child(key);
            let part = field
                .columns
                .iter()
                .position(|column| column.part.key == Some(key.as_str()));
            match part {
                Some(part) => self.part(field, part, visible, value, &at),
                None => self.comparison(field, 0, visible, (key, value), at),
            }
        });
        Condition::All(all.collect())
    }

    fn part(
        &mut self,
        field: &Arc<Field>,
        part: usize,
        visible: Option<&Box<Condition>>,
        json: &Json,
        place: &Place,
    ) -> Condition {
        let Json::Object(members) = json else {
            return self.fault(
                place.clone(),
                FaultCode::InvalidRequest,
                "must be an object of operators",
            );
        };
        let all = members.iter().map(|(key, value)| {
            self.comparison(field, part, visible, (key, value), place.child(key))
        });
        Condition::All(all.collect())
    }

    fn comparison(
        &mut self,
        field: &Arc<Field>,
        part: usize,
        visible: Option<&Box<Condition>>,
        (key, json): (&str, &Json),
        place: Place,
    ) -> Condition {
        let scalar = field.columns[part].part.scalar;
        let operator = Operator::find(key).filter(|operator| scalar.operators().contains(operator));
        let Some(operator) = operator else {
            let known: Vec<_> = scalar
                .operators()
                .iter()
                .map(|operator| operator.name())
                .collect();
            let message = format!(
                "{key:?} is no operator of {:?}; it has {}",
                field.name.as_str(),
                known.join(", ")
            );
            return self.fault(place, FaultCode::UnknownOperator, message);
        };
        match self.operand(field, part, operator, json, &place) {
            Some(operand) => Condition::Compare {
                field: field.id,
                part,
                operator,
                operand,
                visible: visible.cloned(),
            },
            None => Condition::FALSE,
        }
    }

    fn operand(
        &mut self,
        field: &Field,
        part: usize,
        operator: Operator,
        json: &Json,
        place: &Place,
    ) -> Option<crate::access::Operand> {
        self.comparisons += 1;
        if self.comparisons > LIMITS.comparisons {
            let message = format!(
                "the filter has more than {} comparisons",
                LIMITS.comparisons
            );
            self.fault(place.clone(), FaultCode::InvalidRequest, message);
            return None;
        }
        let scalar = field.columns[part].part.scalar;
        let coerced = if self.coerce {
            operand::coerce(scalar, operator, json)
        } else {
            json.clone()
        };
        let variables = matches!(self.view, View::Definer(..));
        match operand::parse(field, part, operator, &coerced, variables) {
            Ok(operand) => Some(operand),
            Err(message) => {
                self.fault(place.clone(), FaultCode::InvalidValue, message);
                None
            }
        }
    }
}

const QUANTIFIERS: &str = "must be an object with some, none or every";

/// The operator of a filter on a reference, when its object consists of exactly one.
fn only_operator(members: &Map<String, Json>) -> Option<(&str, Operator)> {
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

/// The id field of every record.
fn level_id() -> FieldId {
    FieldId::standard("system", "id")
}

/// The key under which a rule stores a collection.
pub(crate) fn collection_key(kind: CollectionKind) -> String {
    match kind {
        CollectionKind::Inverse { field } => field.to_string(),
        CollectionKind::Relation {
            relation,
            direction: Direction::Forward,
        } => format!("{relation}:forward"),
        CollectionKind::Relation {
            relation,
            direction: Direction::Reverse,
        } => format!("{relation}:reverse"),
    }
}
