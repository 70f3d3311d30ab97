//! Filters on the members of a collection, on the links to them, and on their number.
//!
//! Below `some`, `none` and `every` the members of the JSON object are fields and collections of the
//! member. The fields of the link stand under `link`, or, where the member has none of the name,
//! beside those of the member; and so do the words that choose links by their period.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use time::Date;

use super::{Given, Keys, Level, Named, Reached, Resolver, View, collection_key};
use crate::{
    access::{Checker, Condition, Grant, GrantedCollection, Hop, Quantifier, Read, Visibility},
    catalog::{Catalog, Collection, CollectionKind, Field, ObjectType, Subject},
    error::{FaultCode, Place, Result},
    id::ObjectTypeId,
    plan::{
        member::in_sight,
        validity::{self, NOT_TEMPORAL, Validity, parse_day},
    },
    request::Filter,
};

const QUANTIFIERS: &str = "must be an object with some, none, every or count";

/// The words that choose links by their period.
const WORDS: [&str; 3] = ["current", "asOf", "validity"];

/// A collection as one view sees it.
pub(super) struct Members {
    pub(super) hop: Hop,
    pub(super) records: Reached,
    pub(super) scope: Condition,
    links: Option<Reached>,
    pub(super) link_scope: Condition,
}

/// What stands below a quantifier, told apart.
pub(crate) struct Split {
    /// The conditions on the member.
    pub(crate) own: Map<String, Json>,
    /// The conditions on the link that stand beside those of the member.
    pub(crate) beside: Map<String, Json>,
    /// What stands under `link`.
    pub(crate) link: Option<Json>,
    /// Which links count at all, with the word and whether it stands under `link`.
    pub(crate) words: Vec<(&'static str, Json, bool)>,
}

/// Tells apart what is said of a member and of the link to it. A key that the member has is the
/// member's. Of links that hold for no period, or whose period is not the caller's to name, the words
/// of validity are names like others.
pub(crate) fn split(
    mut own: Map<String, Json>,
    of_member: impl Fn(&str) -> bool,
    of_link: impl Fn(&str) -> bool,
    is_temporal: bool,
) -> Split {
    let mut link = own.shift_remove("link");
    let mut words = Vec::new();
    let mut take_words = |members: &mut Map<String, Json>, below: bool| {
        for word in WORDS.into_iter().filter(|_| is_temporal) {
            if (below || !of_member(word))
                && let Some(json) = members.shift_remove(word)
            {
                words.push((word, json, below));
            }
        }
    };
    take_words(&mut own, false);
    if let Some(Json::Object(members)) = &mut link {
        take_words(members, true);
    }
    let (beside, own) = own
        .into_iter()
        .partition(|(key, _)| !is_logic(key) && !of_member(key) && of_link(key));
    Split {
        own,
        beside,
        link,
        words,
    }
}

fn is_logic(key: &str) -> bool {
    matches!(key, "and" | "or" | "not")
}

impl Resolver<'_> {
    pub(super) fn find_collection(&self, on: Level<'_>, key: &str) -> Option<Members> {
        match (on, self.view) {
            (Level::Granted(grant), View::Caller(checker)) => {
                let object = grant.object()?.id;
                let found = checker.find_collection(object, key);
                found.map(|granted| granted_members(checker, granted))
            }
            (Level::Defined(Subject::Object(object)), View::Definer(catalog, keys)) => {
                let collections = catalog.collections(object);
                let collection = collections.iter().find(|collection| match keys {
                    Keys::Names => collection.name.as_str() == key,
                    Keys::Ids => collection_key(collection.kind) == key,
                })?;
                defined_members(catalog, object, collection)
            }
            (
                Level::Granted(_) | Level::Defined(_) | Level::Pointed(_),
                View::Caller(_) | View::Definer(..),
            ) => None,
        }
    }

    pub(super) fn collection(&mut self, of: &Members, given: &Given<'_>) -> Condition {
        let Json::Object(members) = given.json else {
            return self.malformed(given, QUANTIFIERS);
        };
        let all = members.iter().map(|(key, json)| {
            let quantifier = match key.as_str() {
                "some" => Quantifier::Some,
                "none" => Quantifier::None,
                "every" => Quantifier::Every,
                "count" => return self.count(of, &given.below(key, json)),
                _ => {
                    return self.fault(
                        given.place.child(key),
                        FaultCode::UnknownOperator,
                        QUANTIFIERS,
                    );
                }
            };
            let at = given.below(key, json);
            if !self.count_hop(&at) {
                return Condition::FALSE;
            }
            self.quantified(of, quantifier, &at)
        });
        Condition::All(all.collect())
    }

    fn quantified(&mut self, of: &Members, quantifier: Quantifier, given: &Given<'_>) -> Condition {
        match self.told_apart(of, given) {
            Some(parts) => members_condition(of, quantifier, parts),
            None => Condition::FALSE,
        }
    }

    /// Which links are in sight, what must hold of a link, and what of a member; none when the links
    /// can't be chosen as asked.
    pub(super) fn told_apart(&mut self, of: &Members, given: &Given<'_>) -> Option<[Condition; 3]> {
        let (Some(links), Json::Object(members)) = (&of.links, given.json) else {
            let inner = self.level(of.records.level(), given);
            return Some([Condition::TRUE, Condition::TRUE, inner]);
        };
        let parts = split(
            members.clone(),
            |key| self.is_of_member(of.records.level(), key),
            |key| self.find_field(links.level(), key).is_some(),
            self.may_choose(links),
        );
        let outer_day = self.day;
        let chosen = self.chosen(&parts.words, given);
        let in_sight = self.links_in_sight(of, chosen);
        let mut link = match &parts.link {
            Some(json) => self.level(links.level(), &given.beside("link", json)),
            None => Condition::TRUE,
        };
        if !parts.beside.is_empty() {
            let json = Json::Object(parts.beside);
            let beside = Given {
                json: &json,
                ..given.deeper()
            };
            link = link.and(self.level(links.level(), &beside));
        }
        let json = Json::Object(parts.own);
        let own = Given {
            json: &json,
            ..given.deeper()
        };
        let inner = self.level(of.records.level(), &own);
        self.day = outer_day;
        Some([in_sight?, link, inner])
    }

    /// Whether a key below a quantifier speaks of the member, and not of the link to it.
    fn is_of_member(&self, on: Level<'_>, key: &str) -> bool {
        match on {
            Level::Pointed(pointer) => self.is_of_pointed(pointer, key),
            Level::Granted(_) | Level::Defined(_) => {
                self.find_field(on, key).is_some() || self.find_collection(on, key).is_some()
            }
        }
    }

    fn may_choose(&self, links: &Reached) -> bool {
        match (links, self.view) {
            (Reached::Granted(grant), _) => validity::may_choose(grant),
            (Reached::Defined(Subject::Relation(id)), View::Definer(catalog, _)) => catalog
                .find_relation(*id)
                .is_some_and(|relation| relation.temporal),
            (Reached::Defined(_) | Reached::Pointed(_), View::Definer(..) | View::Caller(_)) => {
                false
            }
        }
    }

    /// The links that count: of a temporal type those that hold on the day, unless told otherwise.
    fn links_in_sight(&self, of: &Members, chosen: Option<Validity>) -> Option<Condition> {
        match (&of.links, self.view) {
            (Some(Reached::Granted(links)), View::Caller(checker)) => {
                let today = checker.caller().now.date();
                validity::of_grant(links, chosen, (self.day, today))
            }
            (Some(links @ Reached::Defined(_)), View::Definer(..)) if self.may_choose(links) => {
                Some(validity::of_rule(chosen, self.day))
            }
            (Some(Reached::Granted(_) | Reached::Defined(_) | Reached::Pointed(_)) | None, _) => {
                Some(Condition::TRUE)
            }
        }
    }

    /// The choice that the words make. A day holds for everything below as well.
    fn chosen(
        &mut self,
        words: &[(&'static str, Json, bool)],
        given: &Given<'_>,
    ) -> Option<Validity> {
        let place = |word: &str, below: bool| {
            let place = if below {
                given.place.child("link")
            } else {
                given.place.clone()
            };
            place.child(word)
        };
        if let [_, (word, _, below), ..] = words {
            let message = "can't stand beside another word that chooses links by their period";
            self.fault(place(word, *below), FaultCode::InvalidRequest, message);
        }
        let (word, json, below) = words.first()?;
        let (chosen, expected) = match *word {
            "current" => {
                let flag = flag(json, self.coerce);
                let chosen = flag.map(|it| {
                    if it {
                        Validity::Current
                    } else {
                        Validity::NotCurrent
                    }
                });
                (chosen, "must be true or false")
            }
            "asOf" => {
                let day = day(json);
                self.day = day.or(self.day);
                let expected = "must be a day of the calendar such as \"2026-02-28\"";
                (day.map(Validity::On), expected)
            }
            _ => {
                let chosen = json.as_str().or_else(|| json["eq"].as_str());
                let expected = "must be \"current\", \"all\" or \"at:2026-02-28\"";
                (chosen.and_then(Validity::parse), expected)
            }
        };
        if chosen.is_none() {
            self.fault(place(word, *below), FaultCode::InvalidValue, expected);
        }
        chosen
    }
}

/// The filter of a list of members, told apart.
pub(crate) struct ListedLinks {
    /// What must hold of the links.
    pub(crate) links: Condition,
    /// What must hold of the members.
    pub(crate) members: Condition,
}

/// The condition of a caller's filter on a list of members that are reached through links. A choice by
/// period stands beside the filter, with its place, or in it.
pub(crate) fn resolve_members(
    (checker, day): (&Checker<'_>, Option<Date>),
    (grant, links, pointer): (&Grant<Read>, &Grant<Read>, Option<&Arc<Field>>),
    chosen: Option<(Validity, Place)>,
    (filter, place): (&Filter, &Place),
) -> Result<ListedLinks> {
    let mut resolver = Resolver::of_caller(checker, day);
    let pointer = pointer.map(Named::pointer);
    let member = pointer
        .as_ref()
        .map_or(Level::Granted(grant), Level::Pointed);
    let link = Level::Granted(links);
    let (mut of_members, mut of_links, mut words) = (Vec::new(), Vec::new(), Vec::new());
    resolver.each(filter, place, |resolver, given| {
        let Json::Object(members) = given.json else {
            of_members.push(resolver.level(member, given));
            return;
        };
        let parts = split(
            members.clone(),
            |key| resolver.is_of_member(member, key),
            |key| resolver.find_field(link, key).is_some(),
            validity::may_choose(links),
        );
        if let Some(json) = &parts.link {
            of_links.push(resolver.level(link, &given.beside("link", json)));
        }
        words.extend(resolver.chosen(&parts.words, given));
        let (beside, own) = (Json::Object(parts.beside), Json::Object(parts.own));
        let with = |json| Given {
            json,
            ..given.copy()
        };
        of_links.push(resolver.level(link, &with(&beside)));
        of_members.push(resolver.level(member, &with(&own)));
    });
    let at = chosen.as_ref().map(|(_, place)| place.clone());
    let beside = chosen.map(|(chosen, _)| chosen);
    if words.len() + usize::from(beside.is_some()) > 1 {
        let message = "the links are chosen by their period more than once";
        resolver.fault(
            at.clone().unwrap_or_else(|| place.clone()),
            FaultCode::InvalidRequest,
            message,
        );
    }
    let today = checker.caller().now.date();
    let chosen = words.pop().or(beside);
    if let Some(in_sight) = validity::of_grant(links, chosen, (resolver.day, today)) {
        of_links.push(in_sight);
    } else {
        let place = at.unwrap_or_else(|| place.clone());
        resolver.fault(place, FaultCode::InvalidRequest, NOT_TEMPORAL);
    }
    let links = Condition::All(of_links);
    let members = Condition::All(of_members);
    resolver.finish(Condition::TRUE)?;
    Ok(ListedLinks { links, members })
}

/// A flag, also in the short form of a query string.
fn flag(json: &Json, coerce: bool) -> Option<bool> {
    let json = json.get("eq").unwrap_or(json);
    match json.as_str() {
        Some(text) if coerce => text.parse().ok(),
        Some(_) | None => json.as_bool(),
    }
}

fn day(json: &Json) -> Option<Date> {
    json.get("eq").unwrap_or(json).as_str().and_then(parse_day)
}

fn members_condition(
    of: &Members,
    quantifier: Quantifier,
    [in_sight, link, inner]: [Condition; 3],
) -> Condition {
    Condition::Members {
        hop: of.hop,
        quantifier,
        scope: Box::new(of.scope.clone()),
        link_scope: Box::new(of.link_scope.clone().and(in_sight)),
        link: Box::new(link),
        inner: Box::new(inner),
    }
}

fn granted_members(checker: &Checker<'_>, granted: GrantedCollection<'_>) -> Members {
    let link_scope = granted.link_scope();
    let hop = granted.collection.kind.into();
    if let Some(pointer) = granted.pointer {
        return Members {
            hop,
            records: Reached::Pointed(Named::pointer(pointer)),
            scope: in_sight(checker, pointer),
            links: granted.links.map(Reached::Granted),
            link_scope,
        };
    }
    let mut scope = granted.members.rows().into_condition();
    if let Some(visible) = granted.reference.and_then(Visibility::into_option) {
        scope = scope.and(*visible);
    }
    Members {
        hop,
        records: Reached::Granted(granted.members),
        scope,
        links: granted.links.map(Reached::Granted),
        link_scope,
    }
}

/// The members of a collection of a record of this type, as the author of a rule sees them.
fn defined_members(
    catalog: &Catalog,
    near: ObjectTypeId,
    collection: &Collection,
) -> Option<Members> {
    let (links, link_scope) = match collection.kind {
        CollectionKind::Relation {
            relation,
            direction,
        } => {
            let of_near = Condition::near_is(catalog.find_relation(relation)?, direction, near);
            (Some(Reached::Defined(Subject::Relation(relation))), of_near)
        }
        CollectionKind::Inverse { .. } => (None, Condition::TRUE),
    };
    let (records, scope) = match catalog.member_pointer(collection) {
        Some(pointer) => (
            Reached::Pointed(Named::pointer(pointer)),
            points_at_any(catalog, pointer),
        ),
        None => (
            Reached::Defined(Subject::Object(collection.target?)),
            Condition::TRUE,
        ),
    };
    Some(Members {
        hop: collection.kind.into(),
        records,
        scope,
        links,
        link_scope,
    })
}

/// A pointer points at a live record of any of its types.
pub(crate) fn points_at_any(catalog: &Catalog, pointer: &Field) -> Condition {
    let targets = catalog.targets(pointer).into_iter();
    let one = |target: &Arc<ObjectType>| Condition::points_at(pointer, target.id, Condition::TRUE);
    Condition::any_of(targets.map(one).collect())
}

/// The relation type at whose end a pointer is.
pub(super) fn pointing(catalog: &Catalog, pointer: &Named) -> Option<Subject> {
    let (relation, _) = catalog.find_end(pointer.field.id)?;
    Some(Subject::Relation(relation.id))
}
