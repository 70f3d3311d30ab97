//! What a caller wants to see of a record, as it was asked: `fields=name,organization.name,people.email`
//! or a `select` tree. [`Shaper`] gives it the kinds that the caller's surface knows.
//!
//! A `select` is an array of names and dotted paths, or an object whose members are
//!
//! ```text
//! "name": true                                  a field; a reference as {"id"}; a collection's first page
//! "customer": {"select": …}                     the record that a reference points at
//! "people": {"select": …, "filter": …, "sort": …, "limit": …, "after": …, "before": …, "count": …,
//!           "validity": …, "asOf": …}
//! "link": {"select": …}                         the link, below a collection of a relation type
//! "*": true                                     everything that an answer without `select` would show
//! ```
//!
//! and an array stands for `{"select": [array]}`. `id` is always answered.

mod shape;
#[cfg(test)]
mod tests;

pub(crate) use shape::{Shaper, is_flat};

use schema::{
    Error, FaultCode, Place, Result,
    request::{CollectionQuery, LIMITS, SortKey},
};
use serde_json::{Map, Value as Json};

use crate::rest::query_string::{check_page, json_filter, parse_count};

/// The name that stands for everything an answer shows by default.
const EVERYTHING: &str = "*";

/// One name that a caller asked for, with what it asked for below it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    name: String,
    /// Where it stands, for faults.
    place: Place,
    /// Arguments of a collection.
    query: Option<Box<CollectionQuery>>,
    /// What is wanted below; the default when absent.
    below: Option<Vec<Wanted>>,
    /// Whether it was asked for by its name alone too.
    whole: bool,
}

/// Parses dotted paths; paths with the same beginning meet in one member.
pub(crate) fn parse_paths<'a>(
    paths: impl Iterator<Item = &'a str>,
    place: impl Fn(usize) -> Place,
) -> Result<Vec<Wanted>> {
    let mut wanted = Vec::new();
    for (at, path) in paths.enumerate() {
        let place = place(at);
        let segments: Vec<&str> = path.trim().split('.').collect();
        if at >= LIMITS.selected_fields || segments.len() > LIMITS.selection_depth + 1 {
            let message = "names too many fields, or goes too deep";
            return Err(Error::fault(place, FaultCode::InvalidRequest, message));
        }
        if segments.iter().any(|segment| segment.is_empty()) {
            let message = "must be names separated by commas, such as name,organization.name";
            return Err(Error::fault(place, FaultCode::InvalidRequest, message));
        }
        add_path(&mut wanted, (&[], &segments), &place);
    }
    Ok(wanted)
}

/// Adds what is left of a path below its parents. A parameter has one place for all paths, so that what
/// stands below a parent is told by its path.
fn add_path(into: &mut Vec<Wanted>, (parents, segments): (&[&str], &[&str]), place: &Place) {
    let Some((first, rest)) = segments.split_first() else {
        return;
    };
    let path = [parents, &[*first]].concat();
    let at = into
        .iter()
        .position(|wanted| wanted.name == *first)
        .unwrap_or_else(|| {
            into.push(Wanted {
                name: (*first).to_owned(),
                place: match place {
                    Place::Parameter(name) if !parents.is_empty() => {
                        Place::Parameter(format!("{name}.{}", path.join(".")))
                    }
                    Place::Parameter(_) | Place::Pointer(_) => place.clone(),
                },
                query: None,
                below: None,
                whole: false,
            });
            into.len() - 1
        });
    if rest.is_empty() {
        into[at].whole = true;
    } else {
        let below = into[at].below.get_or_insert_default();
        add_path(below, (&path, rest), place);
    }
}

/// Parses a `select`. `left` counts down the members that the whole request may still have.
fn parse_select(json: &Json, place: &Place, left: &mut usize) -> Result<Vec<Wanted>> {
    let members = match json {
        Json::Array(items) => items.len(),
        Json::Object(members) => members.len(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    };
    *left = left.checked_sub(members).ok_or_else(|| {
        let message = format!("a request may select {} members", LIMITS.selected_fields);
        malformed(place, &message)
    })?;
    match json {
        Json::Array(items) => {
            let paths: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
            let paths = paths.ok_or_else(|| malformed(place, "must hold names"))?;
            parse_paths(paths.into_iter(), |at| place.child(at))
        }
        Json::Object(members) => members
            .iter()
            .map(|(name, options)| parse_member(name, options, place.child(name), left))
            .collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(malformed(
            place,
            "must be an array of names, or an object of names",
        )),
    }
}

fn parse_member(name: &str, options: &Json, place: Place, left: &mut usize) -> Result<Wanted> {
    let mut wanted = Wanted {
        name: name.to_owned(),
        place,
        query: None,
        below: None,
        whole: false,
    };
    match options {
        Json::Bool(true) => {}
        Json::Array(_) => wanted.below = Some(parse_select(options, &wanted.place, left)?),
        Json::Object(members) => {
            let (query, below) = parse_members(members, &wanted.place, left)?;
            // Without an argument it may be a reference as well, which takes none.
            let has_arguments = members.keys().any(|key| key != "select");
            wanted.query = has_arguments.then(|| Box::new(query));
            wanted.below = below;
        }
        Json::Null | Json::Bool(false) | Json::Number(_) | Json::String(_) => {
            let message = "must be true, an array of names, or an object with select";
            return Err(malformed(&wanted.place, message));
        }
    }
    Ok(wanted)
}

/// Parses the members of a query: of the body of `POST …/query`, or of a collection in a `select`.
pub(crate) fn parse_query(
    members: &Map<String, Json>,
    place: &Place,
) -> Result<(CollectionQuery, Option<Vec<Wanted>>)> {
    let mut left = LIMITS.selected_fields;
    parse_members(members, place, &mut left)
}

fn parse_members(
    members: &Map<String, Json>,
    place: &Place,
    left: &mut usize,
) -> Result<(CollectionQuery, Option<Vec<Wanted>>)> {
    let mut query = CollectionQuery {
        place: Some(place.clone()),
        ..CollectionQuery::default()
    };
    let mut select = None;
    for (name, value) in members {
        let at = place.child(name);
        match name.as_str() {
            "filter" => query.filter = json_filter(Some(value.clone())),
            "sort" => query.sort = parse_sort(value, &at)?,
            "limit" => query.page.limit = Some(parse_limit(value, at)?),
            "after" => query.page.after = parse_text(value, &at)?,
            "before" => query.page.before = parse_text(value, &at)?,
            "count" => {
                let text = value.as_str().unwrap_or_default();
                query.count = parse_count(text, at)?;
            }
            "validity" => query.validity = parse_text(value, &at)?,
            "asOf" => query.as_of = parse_text(value, &at)?,
            "select" => select = Some(parse_select(value, &at, left)?),
            _ => {
                let message = "is unknown here; known are filter, sort, limit, after, before, \
                               count, validity, asOf and select";
                return Err(malformed(&at, message));
            }
        }
    }
    check_page(&query.page, || place.child("before"))?;
    Ok((query, select))
}

fn parse_sort(json: &Json, place: &Place) -> Result<Vec<SortKey>> {
    if let Json::String(text) = json {
        return Ok(SortKey::parse_list(text));
    }
    let keys: Option<Vec<&str>> = json
        .as_array()
        .and_then(|items| items.iter().map(Json::as_str).collect());
    let keys = keys.ok_or_else(|| malformed(place, "must be a text or an array of texts"))?;
    Ok(keys.into_iter().flat_map(SortKey::parse_list).collect())
}

fn parse_limit(json: &Json, place: Place) -> Result<u32> {
    json.as_u64()
        .and_then(|limit| u32::try_from(limit).ok())
        .ok_or_else(|| Error::fault(place, FaultCode::InvalidValue, "must be a whole number"))
}

fn parse_text(json: &Json, place: &Place) -> Result<Option<String>> {
    match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.clone())),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => Err(Error::fault(
            place.clone(),
            FaultCode::InvalidValue,
            "must be a text",
        )),
    }
}

fn malformed(place: &Place, message: &str) -> Error {
    Error::fault(place.clone(), FaultCode::InvalidRequest, message)
}
