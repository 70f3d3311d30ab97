//! Sort keys: from their names to order keys, and from the bytes of a cursor to their values.

use std::borrow::Cow;

use serde_json::{Value as Json, value::RawValue};

use crate::{
    access::{Grant, Hop, Read},
    catalog::{Catalog, Column, SystemField},
    error::{FaultCode, Place, Result},
    plan::{
        member::followed,
        read::{At, OrderKey, Planner, SelectedColumn, Source},
        selection::Builder,
    },
    request::{CollectionQuery, LIMITS, SortKey},
    value::{Storage, Value},
};

/// The query with the default order of the type where it asks for none: as much of it as the caller may
/// see. It is part of what cursors are bound to, like an order that was asked for.
pub(super) fn with_default<'q>(
    query: &'q CollectionQuery,
    (grant, is_ordered): (&Grant<Read>, bool),
) -> Cow<'q, CollectionQuery> {
    let is_asked = is_ordered || !query.sort.is_empty();
    let Some(object) = grant.object().filter(|_| !is_asked) else {
        return Cow::Borrowed(query);
    };
    let keys = object.attributes.default_sort.iter().filter_map(|key| {
        let field = object.fields.find_by_id(key.field)?;
        grant.field(field.name.as_str())?;
        let path = [field.name.to_string()].into_iter().chain(key.part.clone());
        Some(SortKey {
            path: path.collect(),
            descending: key.descending,
        })
    });
    let sort: Vec<SortKey> = keys.collect();
    if sort.is_empty() {
        return Cow::Borrowed(query);
    }
    Cow::Owned(CollectionQuery {
        sort,
        ..query.clone()
    })
}

/// The ranks by which an ordered collection is listed that is asked for no other order.
pub(super) fn position(
    catalog: &Catalog,
    source: &Source,
    query: &CollectionQuery,
) -> Option<(At, Column)> {
    let Source::Members { hop, .. } = source else {
        return None;
    };
    if !query.sort.is_empty() {
        return None;
    }
    match hop {
        Hop::Inverse(field) => {
            let (_, field) = catalog.find_reference(*field)?;
            Some((At::Row, field.position_column()?))
        }
        Hop::Relation(relation, direction) => {
            let relation = catalog.find_relation(*relation)?;
            Some((At::Link, relation.position_column(*direction)?))
        }
    }
}

/// The order of a list; the id breaks ties, in the direction of the last key.
pub(super) fn resolve(
    planner: &mut Planner<'_>,
    builder: &mut Builder,
    (keys, position): (&[SortKey], Option<(At, Column)>),
    place: &Place,
) -> Result<Vec<OrderKey>> {
    if keys.len() > LIMITS.sort_keys {
        let message = format!("has more than {} keys", LIMITS.sort_keys);
        planner.fault(place, FaultCode::InvalidRequest, message);
        return Ok(Vec::new());
    }
    let mut order = Vec::with_capacity(keys.len() + 1);
    for key in keys {
        if let Some(resolved) = resolve_key(planner, builder, key, place) {
            order.push(resolved);
        }
    }
    if let Some((at, column)) = position {
        let slot = builder.slot(at, column, None);
        order.push(OrderKey {
            slot,
            descending: false,
            nullable: false,
        });
    }
    let descending = keys.last().is_some_and(|key| key.descending);
    let slot = builder.system_slot(At::Row, SystemField::Id)?;
    order.push(OrderKey {
        slot,
        descending,
        nullable: false,
    });
    if builder.has_links() {
        // Two records may be linked more than once: their links tell the members apart.
        let slot = builder.system_slot(At::Link, SystemField::Id)?;
        order.push(OrderKey {
            slot,
            descending,
            nullable: false,
        });
    }
    Ok(order)
}

fn resolve_key(
    planner: &mut Planner<'_>,
    builder: &mut Builder,
    key: &SortKey,
    place: &Place,
) -> Option<OrderKey> {
    let (mut at, skipped) = start(planner, builder, key, place)?;
    let path = key.path.iter().skip(skipped);
    let mut path = path.map(String::as_str).peekable();
    while let Some(name) = path.next() {
        let Some(readable) = builder.grant_at(at).field(name) else {
            break;
        };
        if readable.field.target().is_some() && path.peek().is_some() {
            let Some(joined) = planner.join(builder, at, readable) else {
                break;
            };
            at = joined;
            continue;
        }
        let Some((from, readable)) = planner.followed(builder, at, readable) else {
            break;
        };
        at = from;
        let has_order = readable.field.field_type.operators().is_none();
        let part = match (path.next(), path.next()) {
            (None, _) if !has_order => {
                let message = format!("records are sorted by a part of {name:?}, not by all of it");
                planner.fault(place, FaultCode::InvalidRequest, message);
                return None;
            }
            (None, _) => Some(0),
            (Some(part), None) => readable
                .field
                .columns
                .iter()
                .position(|column| column.part.key == Some(part)),
            (Some(_), Some(_)) => None,
        };
        let Some(part) = part else { break };
        let column = &readable.field.columns[part];
        if !column.part.scalar.is_sortable() || readable.field.is_reference() {
            let message = format!("records can't be sorted by {:?}", key.path.join("."));
            planner.fault(place, FaultCode::InvalidRequest, message);
            return None;
        }
        let nullable = column.nullable
            || at != At::Row
            || !matches!(readable.visibility, crate::access::Visibility::Always);
        let slot = builder.slot(at, column.clone(), readable.visibility.into_option());
        return Some(OrderKey {
            slot,
            descending: key.descending,
            nullable,
        });
    }
    let message = format!("there is no field {:?} to sort by", key.path.join("."));
    planner.fault(place, FaultCode::UnknownField, message);
    None
}

/// Whose fields a key begins with, and how many of its names say so. Members of several types have no
/// field in common, so that a key names the link or one of the types first.
fn start(
    planner: &mut Planner<'_>,
    builder: &mut Builder,
    key: &SortKey,
    place: &Place,
) -> Option<(At, usize)> {
    let first = key.path.first().map(String::as_str);
    if first == Some("link") && key.path.len() > 1 && builder.has_links() {
        return Some((At::Link, 1));
    }
    let Some(pointer) = builder.pointer.clone() else {
        return Some((At::Row, 0));
    };
    let from = (At::Link, &followed(&pointer));
    let joined = planner.join_target(builder, from, first.unwrap_or_default());
    if joined.is_none() {
        let message = format!(
            "members of several types are sorted by a field of the link or of one type, such as \
             link.createdAt or person.lastName, and not by {:?}",
            key.path.join(".")
        );
        planner.fault(place, FaultCode::UnknownField, message);
    }
    Some((joined?, 1))
}

/// The values of the order keys from the bytes of a cursor, which are a JSON array.
pub(super) fn parse_values(
    bytes: &[u8],
    order: &[OrderKey],
    columns: &[SelectedColumn],
) -> Option<Vec<Value>> {
    let values: Vec<&RawValue> = serde_json::from_slice(bytes).ok()?;
    if values.len() != order.len() {
        return None;
    }
    let parsed = values.iter().zip(order).map(|(raw, key)| {
        let storage = columns.get(key.slot)?.column.part.storage;
        let json: Json = serde_json::from_str(raw.get()).ok()?;
        if storage == Storage::Float && !json.is_null() {
            // To the last bit, or a page would begin beside the record at which the one before ended.
            return raw.get().parse().ok().map(Value::Float);
        }
        Value::from_json(&json, storage)
    });
    parsed.collect()
}
