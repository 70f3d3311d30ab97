//! Members of collections of several object types: what is shown of them, and what they are sorted by.
//!
//! Their level reads the links. A link points at its member as a reference to several types does, so that
//! a member is shown as the target of such a reference: its id and type, and the record under its type.

use std::{collections::HashMap, sync::Arc};

use crate::{
    access::{Checker, Condition, ReadableField, Visibility},
    catalog::Field,
    error::Result,
    plan::{
        pointer::{points_at, targets},
        read::{At, Key, Out, Planner},
        selection::{Builder, key, quoted},
    },
    request::{Entry, Node, Selection},
};

/// Which links lead to a member that is there for the caller.
pub(in crate::plan) fn in_sight(checker: &Checker<'_>, pointer: &Field) -> Condition {
    points_at(pointer, None, targets(checker, pointer))
}

/// The pointer to the members. Who may walk the collection may follow it.
pub(in crate::plan) fn followed(pointer: &Arc<Field>) -> ReadableField {
    ReadableField {
        field: Arc::clone(pointer),
        visibility: Visibility::Always,
        masked: Vec::new(),
    }
}

impl Planner<'_> {
    /// What is shown of a member.
    pub(in crate::plan) fn member(
        &mut self,
        builder: &mut Builder,
        pointer: &Arc<Field>,
        selection: &Selection,
        depth: usize,
    ) -> Result<Vec<(Key, Out)>> {
        let mut entries = Vec::with_capacity(selection.entries.len());
        for entry in &selection.entries {
            self.count_selected(&entry.place)?;
            if let Some(out) = self.member_entry(builder, pointer, entry, depth)? {
                entries.push((key(&entry.key), out));
            }
        }
        Ok(entries)
    }

    fn member_entry(
        &mut self,
        builder: &mut Builder,
        pointer: &Arc<Field>,
        entry: &Entry,
        depth: usize,
    ) -> Result<Option<Out>> {
        let name = match &entry.node {
            Node::Constant(text) => return Ok(Some(Out::Constant(quoted(text)))),
            Node::Link { .. } => return self.entry(builder, At::Link, entry, depth),
            Node::Field { name, parts: None } => name,
            Node::Reference { name, selection } => {
                let from = (At::Link, &followed(pointer));
                let Some(joined) = self.join_target(builder, from, name) else {
                    self.unknown(&entry.place, name);
                    return Ok(None);
                };
                let record = self.target_record(builder, joined, selection, depth + 1)?;
                return Ok(Some(record));
            }
            Node::DisplayName => {
                self.unknown(&entry.place, "displayName");
                return Ok(None);
            }
            Node::Field { name, .. }
            | Node::Pointer { name, .. }
            | Node::Collection { name, .. } => {
                self.unknown(&entry.place, name);
                return Ok(None);
            }
        };
        let out = match (name.as_str(), pointer.columns.as_slice()) {
            ("id", [id, _]) => Some(Out::Cell {
                slot: builder.slot(At::Link, id.clone(), None),
                storage: id.part.storage,
            }),
            ("type", [_, of_type]) => Some(Out::TypeName {
                slot: builder.slot(At::Link, of_type.clone(), None),
                names: self.type_names(pointer),
            }),
            _ => None,
        };
        if out.is_none() {
            self.unknown(&entry.place, name);
        }
        Ok(out)
    }

    fn type_names(&self, pointer: &Field) -> Arc<HashMap<uuid::Uuid, String>> {
        let targets = targets(self.checker, pointer).into_iter();
        let named = targets.map(|(object, _)| (object.id.uuid(), quoted(object.name.as_str())));
        Arc::new(named.collect())
    }
}
