//! Changes of a whole collection as they are sent: members to add, to remove, or the set that there is to be.
//!
//! ```text
//! {"add": [item, …], "remove": [removal, …]}     or one of them
//! {"set": [item, …]}                             or for short the list alone
//! item:     "<id>"   or {"id": "<id>", …fields of the link}
//!           and, to be added to an ordered collection, "position": {"before": "<id>"}, {"after": "<id>"}
//!           or {"at": 0}
//! removal:  "<id>"   or {"id": "<id>"} or {"link": "<id of the link>"}
//! ```
//!
//! Where the members are of several object types an item has their `type` too, and a removal may have it.

use serde_json::{Map, Value as Json};

use crate::error::{Fault, FaultCode, Place};

/// The most items of all lists of one change together.
pub(crate) const MAX_ITEMS: usize = 500;

const SHAPE: &str = "must be an object with add and remove, or with set, each a list; or a list, \
                     which is the set";
const ITEM: &str = "must be the id of a record, or an object with its id";
/// The member of an item that says where it goes.
const POSITION: &str = "position";
const SPOT: &str = "must be an object with one of before and after, the id of another member, or at, a place from 0";
const REMOVAL: &str = "must be the id of a record, or an object with either its id or the id of the link \
                       as link";

/// A change of one collection of a record.
#[derive(Debug, Default)]
pub(crate) struct CollectionChange {
    /// The members to add.
    pub(crate) add: Vec<Item>,
    /// The members to remove.
    pub(crate) remove: Vec<Removal>,
    /// All members that there are to be.
    pub(crate) set: Option<Vec<Item>>,
}

/// A member to be there.
#[derive(Debug)]
pub(crate) struct Item {
    /// The record.
    pub(crate) id: String,
    /// The link's own fields.
    pub(crate) values: Map<String, Json>,
    /// Where it goes; of an ordered collection.
    pub(crate) spot: Option<Spot>,
    /// Where it stands in the request.
    pub(crate) place: Place,
}

/// Where a member goes among those in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Right before this record.
    Before(String),
    /// Right behind this record.
    After(String),
    /// To this place, from 0; beyond the last one is the end.
    At(usize),
}

/// A member that is to go.
#[derive(Debug)]
pub(crate) struct Removal {
    /// What is named.
    pub(crate) named: Named,
    /// The object type of the record, if it is said.
    pub(crate) of_type: Option<String>,
    /// Where it stands in the request.
    pub(crate) place: Place,
}

/// How a removal names what is to go.
#[derive(Debug)]
pub(crate) enum Named {
    /// By the record at the far end: all links to it.
    Record(String),
    /// By the link.
    Link(String),
}

impl CollectionChange {
    /// Reads a change. Collects every fault. In an ordered collection items may say where they go.
    pub(crate) fn parse(json: &Json, place: &Place, is_ordered: bool) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut change = Self::read(json, place, &mut faults);
        if is_ordered {
            change.take_spots(&mut faults);
        }
        if change.len() > MAX_ITEMS {
            let message = format!("has more than {MAX_ITEMS} items; send them in portions");
            faults.push(fault(place, message));
        }
        if faults.is_empty() {
            Ok(change)
        } else {
            Err(faults)
        }
    }

    fn take_spots(&mut self, faults: &mut Vec<Fault>) {
        for item in &mut self.add {
            let Some(json) = item
                .values
                .shift_remove(POSITION)
                .filter(|it| !it.is_null())
            else {
                continue;
            };
            item.spot = spot(&json);
            if item.spot.is_none() {
                faults.push(fault(&item.place.child(POSITION), SPOT));
            }
        }
        for item in self.set.iter_mut().flatten() {
            let sent = item.values.shift_remove(POSITION);
            if sent.is_some_and(|it| !it.is_null()) {
                let message = "the list itself is the order";
                faults.push(fault(&item.place.child(POSITION), message));
            }
        }
    }

    fn read(json: &Json, place: &Place, faults: &mut Vec<Fault>) -> Self {
        match json {
            Json::Array(_) => Self {
                set: Some(items(json, place, faults)),
                ..Self::default()
            },
            Json::Object(members) => parse_members(members, place, faults),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                faults.push(fault(place, SHAPE));
                Self::default()
            }
        }
    }

    fn len(&self) -> usize {
        self.add.len() + self.remove.len() + self.set.as_ref().map_or(0, Vec::len)
    }

    /// The members that are named to be there.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.add.iter().chain(self.set.iter().flatten())
    }
}

fn parse_members(
    members: &Map<String, Json>,
    place: &Place,
    faults: &mut Vec<Fault>,
) -> CollectionChange {
    let mut change = CollectionChange::default();
    // GraphQL sends null for what is absent.
    let given = || members.iter().filter(|(_, json)| !json.is_null());
    for (name, json) in given() {
        let at = place.child(name);
        match name.as_str() {
            "add" => change.add = items(json, &at, faults),
            "remove" => change.remove = removals(json, &at, faults),
            "set" => change.set = Some(items(json, &at, faults)),
            _ => faults.push(fault(&at, SHAPE)),
        }
    }
    let is_whole = given().any(|(name, _)| name == "set");
    if is_whole && given().count() > 1 {
        let message = "set says all that there is to be: add and remove can't stand beside it";
        faults.push(fault(&place.child("set"), message));
    } else if given().next().is_none() {
        faults.push(fault(place, SHAPE));
    }
    change
}

fn items(json: &Json, place: &Place, faults: &mut Vec<Fault>) -> Vec<Item> {
    each(json, place, faults, |json, place| {
        let mut values = match json {
            Json::String(id) => return Ok(item(id, Map::new(), place)),
            Json::Object(members) => members.clone(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => {
                return Err(fault(&place, ITEM));
            }
        };
        let named = values.shift_remove("id").ok_or_else(|| Fault {
            code: FaultCode::Required,
            ..fault(&place.child("id"), "name the record")
        })?;
        // As a reference is read.
        let inner = named.as_object().and_then(|object| object.get("id"));
        match inner.unwrap_or(&named) {
            Json::String(id) => Ok(item(id, values, place)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(fault(&place.child("id"), "must be the id of a record"))
            }
        }
    })
}

fn item(id: &str, values: Map<String, Json>, place: Place) -> Item {
    Item {
        id: id.to_owned(),
        values,
        spot: None,
        place,
    }
}

fn spot(json: &Json) -> Option<Spot> {
    let mut given = json.as_object()?.iter().filter(|(_, json)| !json.is_null());
    let ((key, json), None) = (given.next()?, given.next()) else {
        return None;
    };
    match key.as_str() {
        "before" => Some(Spot::Before(json.as_str()?.to_owned())),
        "after" => Some(Spot::After(json.as_str()?.to_owned())),
        "at" => Some(Spot::At(usize::try_from(json.as_u64()?).ok()?)),
        _ => None,
    }
}

fn removals(json: &Json, place: &Place, faults: &mut Vec<Fault>) -> Vec<Removal> {
    each(json, place, faults, |json, place| {
        let mut members = match json {
            Json::String(id) => {
                let named = Named::Record(id.clone());
                return Ok(Removal {
                    named,
                    of_type: None,
                    place,
                });
            }
            Json::Object(members) => members
                .iter()
                .filter(|(key, json)| !json.is_null() && *key != "type"),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => {
                return Err(fault(&place, REMOVAL));
            }
        };
        let named = match (members.next(), members.next()) {
            (Some((key, Json::String(id))), None) if key == "id" => Named::Record(id.clone()),
            (Some((key, Json::String(id))), None) if key == "link" => Named::Link(id.clone()),
            _ => return Err(fault(&place, REMOVAL)),
        };
        let of_type = match (json.get("type").unwrap_or(&Json::Null), &named) {
            (Json::Null, _) => None,
            (Json::String(name), Named::Record(_)) => Some(name.clone()),
            _ => return Err(fault(&place.child("type"), REMOVAL)),
        };
        Ok(Removal {
            named,
            of_type,
            place,
        })
    })
}

/// The items of a list, each with its place; what is none is a fault.
fn each<T>(
    json: &Json,
    place: &Place,
    faults: &mut Vec<Fault>,
    parse: impl Fn(&Json, Place) -> Result<T, Fault>,
) -> Vec<T> {
    let Json::Array(list) = json else {
        faults.push(fault(place, "must be a list"));
        return Vec::new();
    };
    let mut parsed = Vec::with_capacity(list.len().min(MAX_ITEMS));
    for (at, json) in list.iter().enumerate().take(MAX_ITEMS + 1) {
        match parse(json, place.child(at)) {
            Ok(one) => parsed.push(one),
            Err(fault) => faults.push(fault),
        }
    }
    parsed
}

fn fault(place: &Place, message: impl Into<String>) -> Fault {
    Fault {
        place: place.clone(),
        code: FaultCode::InvalidValue,
        message: message.into(),
    }
}
