//! Pointers: references to records of one of several types. What a caller sees of one, in selections and
//! filters alike.
//!
//! A pointer has two columns, the id of the record and the id of its object type. A record that the
//! caller may not see is the same as none, so both columns read as null unless the record is there for
//! the caller, which is a condition with one `EXISTS` for each type that it may read. Its members are
//! joined type by type.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value as Json};

use crate::{
    access::{Checker, Condition, ReadableField},
    catalog::{Catalog, Field, ObjectType},
    error::{FaultCode, Result},
    plan::{
        read::{At, Join, Key, Out, Planner},
        selection::{Builder, key, quoted},
    },
    request::{LIMITS, PointerEntry, PointerNode},
};

/// The object types of the targets that a caller may read, each with the condition on its records.
pub(in crate::plan) fn targets<'a>(
    checker: &Checker<'a>,
    field: &Field,
) -> Vec<(&'a Arc<ObjectType>, Condition)> {
    let targets = checker.catalog().targets(field).into_iter();
    targets
        .filter_map(|object| {
            let grant = checker.grant_read(object.id)?;
            Some((object, grant.rows().into_condition()))
        })
        .collect()
}

/// The pointer points at a record that is there and fits the condition of its type.
pub(in crate::plan) fn points_at(
    field: &Field,
    visible: Option<&Condition>,
    targets: Vec<(&Arc<ObjectType>, Condition)>,
) -> Condition {
    let one = |(object, rows): (&Arc<ObjectType>, Condition)| {
        Condition::points_at(field, object.id, rows)
    };
    let any = Condition::any_of(targets.into_iter().map(one).collect());
    match visible {
        Some(visible) => visible.clone().and(any),
        None => any,
    }
}

impl Planner<'_> {
    /// The members of what a pointer points at; `None` when the pointer is hidden.
    pub(in crate::plan) fn pointer(
        &mut self,
        builder: &mut Builder,
        (at, name): (At, &str),
        entries: &[PointerEntry],
        depth: usize,
    ) -> Result<Option<Out>> {
        let readable = builder.grant_at(at).field(name);
        let Some(readable) = readable.filter(|readable| readable.field.is_polymorphic()) else {
            return Ok(None);
        };
        let field = &readable.field;
        let visible = readable.visibility.clone().into_option();
        let targets = targets(self.checker, field);
        let names: HashMap<_, _> = targets
            .iter()
            .map(|(object, _)| (object.id.uuid(), quoted(object.name.as_str())))
            .collect();
        let names = Arc::new(names);
        let shown = Some(Box::new(points_at(field, visible.as_deref(), targets)));
        let [id, of_type] = field.columns.as_slice() else {
            return Ok(None);
        };
        let presence = builder.slot(at, id.clone(), shown.clone());
        let mut outs: Vec<(Key, Out)> = Vec::with_capacity(entries.len());
        for entry in entries {
            self.count_selected(&entry.place)?;
            let out = match &entry.node {
                PointerNode::Constant(text) => Out::Constant(quoted(text)),
                PointerNode::Id => Out::Cell {
                    slot: presence,
                    storage: id.part.storage,
                },
                PointerNode::Type => Out::TypeName {
                    slot: builder.slot(at, of_type.clone(), shown.clone()),
                    names: Arc::clone(&names),
                },
                PointerNode::Record { object, selection } => {
                    let joined = self.join_target(builder, (at, &readable), object);
                    let Some(joined) = joined else {
                        self.unknown(&entry.place, object);
                        continue;
                    };
                    self.target_record(builder, joined, selection, depth + 1)?
                }
            };
            outs.push((key(&entry.key), out));
        }
        Ok(Some(Out::Object {
            presence: Some(presence),
            entries: outs,
        }))
    }

    /// Follows a pointer to records of the object type with this name; `None` when it is none of the
    /// targets that the caller may read.
    pub(in crate::plan) fn join_target(
        &mut self,
        builder: &mut Builder,
        (from, readable): (At, &ReadableField),
        object: &str,
    ) -> Option<At> {
        let field = &readable.field;
        let target = self.checker.catalog().find_target(field, object)?;
        let grant = self.checker.grant_read(target.id)?;
        let visible = readable.visibility.clone().into_option();
        let known = builder.known_join(from, (field.column(), visible.as_deref()), target.id);
        if known.is_some() {
            return known;
        }
        if builder.joins() >= LIMITS.joins {
            self.too_many_joins();
            return None;
        }
        let join = Join {
            from,
            column: field.column().clone(),
            visible,
            object: target.id,
            of_type: field.columns.get(1).cloned(),
            table: grant.table().to_owned(),
            rows: grant.rows().into_condition(),
        };
        Some(builder.add_join(join, grant))
    }
}

/// The value of a pointer with the name of its object type as the id that is stored. The type must be
/// one of the targets that `knows` lets through. What is no such value is for the field type to refuse.
pub(crate) fn with_type_id(
    catalog: &Catalog,
    field: &Field,
    json: &Json,
    knows: impl Fn(&ObjectType) -> bool,
) -> Result<Json, String> {
    let Some(name) = type_member(field, json) else {
        return Ok(json.clone());
    };
    let known = catalog.find_target(field, name).filter(|it| knows(it));
    let Some(target) = known else {
        let names = target_names(catalog, field, knows);
        return Err(format!(
            "{name:?} is no object type that it may point at; there are {names}"
        ));
    };
    Ok(with_type(json, &target.id.to_string()))
}

/// The value of a pointer with the id of its object type as the name that it has now.
pub(crate) fn with_type_name(catalog: &Catalog, field: &Field, json: &Json) -> Json {
    let id = type_member(field, json).and_then(|id| id.parse().ok());
    match id.and_then(|id| catalog.find_object(id)) {
        Some(object) => with_type(json, object.name.as_str()),
        None => json.clone(),
    }
}

/// The names of the targets of a reference, for messages.
pub(crate) fn target_names(
    catalog: &Catalog,
    field: &Field,
    knows: impl Fn(&ObjectType) -> bool,
) -> String {
    const SHOWN: usize = 20;
    let targets = catalog.targets(field).into_iter();
    let mut names: Vec<&str> = targets
        .filter(|target| knows(target))
        .map(|target| target.name.as_str())
        .collect();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…");
    }
    names.join(", ")
}

fn type_member<'j>(field: &Field, json: &'j Json) -> Option<&'j str> {
    let members = json.as_object().filter(|_| field.is_polymorphic())?;
    members.get("type")?.as_str()
}

fn with_type(json: &Json, text: &str) -> Json {
    let mut members = json.as_object().cloned().unwrap_or_else(Map::new);
    members.insert("type".to_owned(), Json::from(text));
    Json::Object(members)
}

impl Planner<'_> {
    /// Says once that a level follows too many references.
    pub(in crate::plan) fn too_many_joins(&mut self) {
        if self.faults.is_empty() {
            let message = format!("a level follows more than {} references", LIMITS.joins);
            let nowhere = crate::error::Place::Pointer(String::new());
            self.fault(&nowhere, FaultCode::InvalidRequest, message);
        }
    }
}
