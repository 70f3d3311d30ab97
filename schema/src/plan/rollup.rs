//! Rollups with all ids resolved: which members they look at, and what they compute.
//!
//! They are resolved with definer's rights and computed for nobody in particular: what a caller may see
//! of the result is a matter of the rules on the field that holds it.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use time::Date;

use crate::{
    access::{Condition, Hop, Operand},
    catalog::{Catalog, Collection, CollectionKind, Direction, Field, FieldList, Subject},
    error::{Error, Fault, FaultCode, Place},
    field_type::{RollupField, RollupFunction, RollupOf, RollupValidity, Settings},
    id::{FieldId, ObjectTypeId},
    plan::{
        filter::{Keys, collection_key, points_at_any, resolve_rule},
        translate::translate,
        validity::{self, Validity},
    },
};

/// A rollup of one object type.
#[derive(Debug, Clone)]
pub(crate) struct Rollup {
    /// The field that holds the result.
    pub(crate) field: Arc<Field>,
    /// What it computes.
    pub(crate) function: RollupFunction,
    /// Which members and links it looks at.
    pub(crate) members: Members,
    /// The field that it computes with, and whether the link has it.
    pub(crate) operand: Option<(Arc<Field>, bool)>,
    /// Which parts of the field it computes with.
    pub(crate) reads: Reads,
}

/// Which parts of its operand a rollup computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// The only one there is.
    Value,
    /// All of an amount of money: amount, currency, and the amount in the base currency at this place
    /// among the columns.
    Money(usize),
    /// The amount in the base currency alone, at this place among the columns.
    BaseAmount(usize),
}

/// The members that a rollup looks at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Members {
    /// The collection.
    pub(crate) hop: Hop,
    /// The object type of the members; where they are of several, the relation type: what is asked of a
    /// member is then asked of the link that points at it.
    pub(crate) target: Subject,
    /// What must hold of the link; true for inverses.
    pub(crate) link: Condition,
    /// What must hold of the member.
    pub(crate) inner: Condition,
    /// Whether only links count that hold on the day of the computing.
    pub(crate) current: bool,
}

impl Members {
    /// What must hold of the link on this day.
    pub(crate) fn links_on(&self, day: Date) -> Condition {
        if !self.current {
            return self.link.clone();
        }
        let holds = validity::of_rule(Some(Validity::On(day)), None);
        self.link.clone().and(holds)
    }
}

impl From<RollupOf> for CollectionKind {
    fn from(of: RollupOf) -> Self {
        match of {
            RollupOf::Inverse(field) => Self::Inverse { field },
            RollupOf::Forward(relation) => Self::Relation {
                relation,
                direction: Direction::Forward,
            },
            RollupOf::Reverse(relation) => Self::Relation {
                relation,
                direction: Direction::Reverse,
            },
            RollupOf::Either(relation) => Self::Relation {
                relation,
                direction: Direction::Either,
            },
        }
    }
}

impl From<CollectionKind> for RollupOf {
    fn from(kind: CollectionKind) -> Self {
        match kind {
            CollectionKind::Inverse { field } => Self::Inverse(field),
            CollectionKind::Relation {
                relation,
                direction: Direction::Forward,
            } => Self::Forward(relation),
            CollectionKind::Relation {
                relation,
                direction: Direction::Reverse,
            } => Self::Reverse(relation),
            CollectionKind::Relation {
                relation,
                direction: Direction::Either,
            } => Self::Either(relation),
        }
    }
}

impl Rollup {
    /// The rollup of a field; `None` when something that it needs is gone.
    pub(crate) fn resolve(
        catalog: &Catalog,
        owner: ObjectTypeId,
        field: &Arc<Field>,
    ) -> Option<Self> {
        let settings = &field.settings;
        let (of, function) = (settings.of?, settings.function?);
        let kind = CollectionKind::from(of);
        let collections = catalog.collections(owner);
        let collection = collections.iter().find(|found| found.kind == kind)?;
        let operand = match settings.field {
            None if function == RollupFunction::Count => None,
            None => return None,
            Some(RollupField::Member(id)) => {
                let fields = catalog.subject_fields(Subject::Object(collection.target?))?;
                Some((Arc::clone(fields.find_by_id(id)?), false))
            }
            Some(RollupField::Link(id)) => Some((
                Arc::clone(link_fields(catalog, kind)?.find_by_id(id)?),
                true,
            )),
        };
        let base = operand.as_ref().and_then(|(field, _)| field.base_amount());
        let reads = match (&settings.part, base) {
            (None, None) => Reads::Value,
            (None, Some(base)) => Reads::Money(base),
            (Some(_), Some(base)) => Reads::BaseAmount(base),
            (Some(_), None) => return None,
        };
        let (link, inner) = match &settings.filter {
            None => in_sight(catalog, owner, collection)?,
            Some(filter) => {
                let key = collection_key(kind);
                conditions(catalog, (owner, Keys::Ids), &key, (filter, &root())).ok()?
            }
        };
        let target = match (collection.target, kind) {
            (Some(target), _) => Subject::Object(target),
            (None, CollectionKind::Relation { relation, .. }) => Subject::Relation(relation),
            (None, CollectionKind::Inverse { .. }) => return None,
        };
        Some(Self {
            field: Arc::clone(field),
            function,
            members: Members {
                hop: kind.into(),
                target,
                link,
                inner,
                current: settings.validity == Some(RollupValidity::Current)
                    && is_temporal(catalog, kind),
            },
            operand,
            reads,
        })
    }
}

fn is_temporal(catalog: &Catalog, kind: CollectionKind) -> bool {
    match kind {
        CollectionKind::Relation { relation, .. } => catalog
            .find_relation(relation)
            .is_some_and(|relation| relation.temporal),
        CollectionKind::Inverse { .. } => false,
    }
}

/// The link's own fields; none of an inverse.
pub(crate) fn link_fields(catalog: &Catalog, kind: CollectionKind) -> Option<&FieldList> {
    match kind {
        CollectionKind::Relation { relation, .. } => {
            catalog.subject_fields(Subject::Relation(relation))
        }
        CollectionKind::Inverse { .. } => None,
    }
}

/// The filter of a rollup as it is stored, with ids in place of names, or every fault of it.
pub(crate) fn store_filter(
    catalog: &Catalog,
    owner: ObjectTypeId,
    collection: &str,
    (filter, place): (&Json, &Place),
) -> Result<Json, Vec<Fault>> {
    conditions(catalog, (owner, Keys::Names), collection, (filter, place))?;
    translated(catalog, (owner, Keys::Names), collection, filter).ok_or_else(|| {
        let message = "can't be kept; write the filter in another way";
        vec![fault(place, FaultCode::InvalidRequest, message)]
    })
}

/// The stored filter of a rollup with the names that things have now.
pub(crate) fn named_filter(
    catalog: &Catalog,
    owner: ObjectTypeId,
    settings: &Settings,
) -> Option<Json> {
    let key = collection_key(settings.of?.into());
    translated(catalog, (owner, Keys::Ids), &key, settings.filter.as_ref()?)
}

/// The filter stands inside a quantifier over the collection, where its keys mean what they mean there.
fn translated(
    catalog: &Catalog,
    (owner, keys): (ObjectTypeId, Keys),
    collection: &str,
    filter: &Json,
) -> Option<Json> {
    let subject = Subject::Object(owner);
    let named = translate(catalog, keys, subject, &around(collection, filter))?;
    named.as_object()?.values().next()?.get("some").cloned()
}

fn around(collection: &str, filter: &Json) -> Json {
    let some = Json::Object(Map::from_iter([("some".to_owned(), filter.clone())]));
    Json::Object(Map::from_iter([(collection.to_owned(), some)]))
}

/// The conditions on link and member.
fn conditions(
    catalog: &Catalog,
    (owner, keys): (ObjectTypeId, Keys),
    collection: &str,
    (filter, place): (&Json, &Place),
) -> Result<(Condition, Condition), Vec<Fault>> {
    let json = around(collection, filter);
    let wrapped = place.child(collection).child("some");
    let resolved = match resolve_rule(catalog, keys, Subject::Object(owner), &json, place) {
        Ok(condition) => condition,
        Err(Error::Invalid(faults)) => {
            let faults = faults
                .into_iter()
                .map(|fault| unwrapped(fault, &wrapped, place));
            return Err(faults.collect());
        }
        Err(other) => {
            return Err(vec![fault(
                place,
                FaultCode::InvalidRequest,
                other.to_string(),
            )]);
        }
    };
    let Some(Condition::Members {
        link_scope,
        link,
        inner,
        scope,
        ..
    }) = first_members(&resolved)
    else {
        let message = "must be a filter on the members";
        return Err(vec![fault(place, FaultCode::InvalidRequest, message)]);
    };
    // Which links count is said once, beside the filter.
    let of_near = of_near(catalog, (owner, keys), collection);
    let current = of_near.clone().and(validity::of_rule(None, None));
    if **link_scope != of_near && **link_scope != current {
        let message =
            "must not choose links by their period: the setting validity of the rollup does";
        return Err(vec![fault(place, FaultCode::InvalidValue, message)]);
    }
    for condition in [link, inner] {
        if let Some(message) = unstable(condition) {
            return Err(vec![fault(place, FaultCode::InvalidValue, message)]);
        }
    }
    Ok((
        of_near.and(*link.clone()),
        scope.as_ref().clone().and(*inner.clone()),
    ))
}

/// The links of a record of the type that has the collection, where others can have some too.
fn of_near(catalog: &Catalog, (owner, keys): (ObjectTypeId, Keys), collection: &str) -> Condition {
    let mut collections = catalog.collections(owner).iter();
    let found = collections.find(|known| match keys {
        Keys::Names => known.name.as_str() == collection,
        Keys::Ids => collection_key(known.kind) == collection,
    });
    let sight = found.and_then(|found| in_sight(catalog, owner, found));
    sight.map_or(Condition::TRUE, |(link, _)| link)
}

/// What makes a link one of the record, and its member one that is there: nothing where one type stands
/// at each end, which the joins see to.
fn in_sight(
    catalog: &Catalog,
    owner: ObjectTypeId,
    collection: &Collection,
) -> Option<(Condition, Condition)> {
    let CollectionKind::Relation {
        relation,
        direction,
    } = collection.kind
    else {
        return Some((Condition::TRUE, Condition::TRUE));
    };
    let relation = catalog.find_relation(relation)?;
    let member = catalog.member_pointer(collection);
    let member = member.map_or(Condition::TRUE, |pointer| points_at_any(catalog, pointer));
    Some((Condition::near_is(relation, direction, owner), member))
}

fn root() -> Place {
    Place::Pointer(String::new())
}

fn fault(place: &Place, code: FaultCode, message: impl Into<String>) -> Fault {
    Fault {
        place: place.clone(),
        code,
        message: message.into(),
    }
}

fn unwrapped(mut fault: Fault, wrapped: &Place, place: &Place) -> Fault {
    if let Some(rest) = fault.place.text().strip_prefix(wrapped.text()) {
        fault.place = Place::Pointer(format!("{}{rest}", place.text()));
    }
    fault
}

fn first_members(condition: &Condition) -> Option<&Condition> {
    match condition {
        Condition::All(inner) => inner.iter().find_map(first_members),
        Condition::Members { .. } => Some(condition),
        Condition::Any(_)
        | Condition::Not(_)
        | Condition::Compare { .. }
        | Condition::Count { .. }
        | Condition::Tree(_)
        | Condition::Shared(_)
        | Condition::Through { .. } => None,
    }
}

/// Why a condition can't decide what is stored: it asks for what no write of a record changes.
fn unstable(condition: &Condition) -> Option<&'static str> {
    match condition {
        Condition::All(inner) | Condition::Any(inner) => inner.iter().find_map(unstable),
        Condition::Not(inner) | Condition::Through { inner, .. } => unstable(inner),
        Condition::Compare {
            operand: Operand::Variable(_),
            ..
        } => Some("must not have variables: a rollup is computed for nobody, and once"),
        Condition::Compare { field, .. } if is_volatile(*field) => {
            Some("must not look at version, updatedAt or updatedBy, which every write changes")
        }
        Condition::Compare { .. } => None,
        Condition::Tree(_) => Some("must not ask for a place in a tree"),
        Condition::Shared(_) => Some("must not ask for shares: a rollup is computed for nobody"),
        Condition::Count { .. } => Some("must not count members"),
        Condition::Members { link_scope, .. } if unstable(link_scope).is_some() => Some(
            "walks links that hold for a period, and what is stored follows no day there: say which of them with asOf, or validity: \"all\"",
        ),
        Condition::Members { link, inner, .. } => {
            [link, inner].into_iter().find_map(|it| unstable(it))
        }
    }
}

/// Whether a field changes with every write, so that nothing stored can follow it.
pub(crate) fn is_volatile(field: FieldId) -> bool {
    ["version", "updated_at", "updated_by"]
        .iter()
        .any(|column| FieldId::standard("system", column) == field)
}
