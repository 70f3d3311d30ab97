//! Selections: from the members that were asked for to columns, joins, child levels and their shape.

use std::sync::Arc;

use crate::{
    access::{Condition, Grant, Mask, Masked, Read, ReadableField},
    catalog::{Column, Field, SystemField},
    error::{Error, FaultCode, Place, Result},
    id::ObjectTypeId,
    plan::{
        member::in_sight,
        read::{
            At, Child, Join, Key, Level, Members, NotedRead, Out, OutEdge, OutList, OutPart,
            Planner, SelectedColumn, Source,
        },
    },
    request::{
        CollectionQuery, EdgePart, Entry, LIMITS, ListPart, ListShape, Node, PartEntry, PartNode,
        Selection,
    },
};

/// A level while it is planned.
pub(in crate::plan) struct Builder {
    source: Source,
    grant: Grant<Read>,
    links: Option<Grant<Read>>,
    /// The pointer to the members, where they are of several types: the rows are then the links.
    pub(in crate::plan) pointer: Option<Arc<Field>>,
    pub(in crate::plan) columns: Vec<SelectedColumn>,
    joins: Vec<(Join, Grant<Read>)>,
    children: Vec<Child>,
    noted: Vec<NotedRead>,
}

impl Builder {
    pub(in crate::plan) fn new(
        grant: Grant<Read>,
        links: Option<Grant<Read>>,
        source: Source,
    ) -> Self {
        Self {
            source,
            grant,
            links,
            pointer: None,
            columns: Vec::new(),
            joins: Vec::new(),
            children: Vec::new(),
            noted: Vec::new(),
        }
    }

    /// Notes that the answer shows a field, if the audit log is to tell that.
    pub(in crate::plan) fn note_read(&mut self, at: At, field: &Field) {
        let read = NotedRead {
            subject: self.grant_at(at).subject(),
            field: field.id,
        };
        if field.attributes.audit_reads && !self.noted.contains(&read) {
            self.noted.push(read);
        }
    }

    /// Whether the rows are reached through links.
    pub(in crate::plan) fn has_links(&self) -> bool {
        self.links.is_some()
    }

    /// The grant under which the columns at this place are read.
    pub(in crate::plan) fn grant_at(&self, at: At) -> &Grant<Read> {
        match at {
            At::Row => &self.grant,
            At::Join(join) => &self.joins[join].1,
            At::Link => self.links.as_ref().unwrap_or(&self.grant),
        }
    }

    /// The slot of a column; a column is read once however often it is asked for. What the engine reads
    /// for itself has no mask and never shares a slot with what the caller reads under one.
    pub(in crate::plan) fn slot(
        &mut self,
        at: At,
        column: Column,
        visible: Option<Box<Condition>>,
    ) -> usize {
        let known = self.columns.iter().position(|known| {
            known.at == at && known.column.name == column.name && known.visible == visible
        });
        known.unwrap_or_else(|| {
            self.columns.push(SelectedColumn {
                at,
                column,
                visible,
            });
            self.columns.len() - 1
        })
    }

    /// How many references are followed.
    pub(in crate::plan) fn joins(&self) -> usize {
        self.joins.len()
    }

    /// The join that follows this column to this type already, on the same rows.
    pub(in crate::plan) fn known_join(
        &self,
        from: At,
        (column, visible): (&Column, Option<&Condition>),
        object: ObjectTypeId,
    ) -> Option<At> {
        let is_it = |join: &Join| {
            (join.from, join.object) == (from, object)
                && join.column == *column
                && join.visible.as_deref() == visible
        };
        let known = self.joins.iter().position(|(join, _)| is_it(join));
        known.map(At::Join)
    }

    /// Adds a join with the grant under which its columns are read.
    pub(in crate::plan) fn add_join(&mut self, join: Join, grant: Grant<Read>) -> At {
        self.joins.push((join, grant));
        At::Join(self.joins.len() - 1)
    }

    /// The slot of a system column, which the engine reads for itself: it is written only if it was
    /// asked for and granted.
    pub(in crate::plan) fn system_slot(&mut self, at: At, system: SystemField) -> Result<usize> {
        let column = self.grant_at(at).system_column(system).cloned();
        let column = column
            .ok_or_else(|| Error::internal("planning a read", "a system field is missing"))?;
        Ok(self.slot(at, column, None))
    }

    pub(in crate::plan) fn finish(self, scope: Condition, filter: Condition) -> Level {
        Level {
            source: self.source,
            subject: self.grant.subject(),
            table: self.grant.table().to_owned(),
            rows: self.grant.rows().into_condition().and(scope),
            filter,
            columns: self.columns,
            joins: self.joins.into_iter().map(|(join, _)| join).collect(),
            children: self.children,
            noted: self.noted,
        }
    }
}

impl Planner<'_> {
    /// The members of one record.
    pub(in crate::plan) fn entries(
        &mut self,
        builder: &mut Builder,
        at: At,
        selection: &Selection,
        depth: usize,
    ) -> Result<Vec<(Key, Out)>> {
        if let (At::Row, Some(pointer)) = (at, builder.pointer.clone()) {
            return self.member(builder, &pointer, selection, depth);
        }
        let mut entries = Vec::with_capacity(selection.entries.len());
        for entry in &selection.entries {
            self.count_selected(&entry.place)?;
            if let Some(out) = self.entry(builder, at, entry, depth)? {
                entries.push((key(&entry.key), out));
            }
        }
        Ok(entries)
    }

    pub(in crate::plan) fn entry(
        &mut self,
        builder: &mut Builder,
        at: At,
        entry: &Entry,
        depth: usize,
    ) -> Result<Option<Out>> {
        if depth > LIMITS.selection_depth {
            let message = format!(
                "the selection is deeper than {} levels",
                LIMITS.selection_depth
            );
            self.fault(&entry.place, FaultCode::InvalidRequest, message);
            return Ok(None);
        }
        match &entry.node {
            Node::Constant(text) => Ok(Some(Out::Constant(quoted(text)))),
            Node::Field { name, parts } => {
                Ok(self.field(builder, at, name, (parts.as_deref(), &entry.place)))
            }
            Node::DisplayName => {
                let out = self.display_name(builder, at);
                if out.is_none() {
                    self.unknown(&entry.place, "displayName");
                }
                Ok(out)
            }
            Node::Reference { name, selection } => {
                let readable = builder
                    .grant_at(at)
                    .field(name)
                    .filter(|readable| readable.field.target().is_some());
                let Some(joined) = readable.and_then(|readable| self.join(builder, at, readable))
                else {
                    self.unknown(&entry.place, name);
                    return Ok(None);
                };
                self.target_record(builder, joined, selection, depth + 1)
                    .map(Some)
            }
            Node::Pointer { name, entries } => {
                let out = self.pointer(builder, (at, name), entries, depth)?;
                if out.is_none() {
                    self.unknown(&entry.place, name);
                }
                Ok(out)
            }
            Node::Collection { name, query, shape } => {
                let child = self.collection(builder, (at, name), (query, shape), depth + 1)?;
                if child.is_none() {
                    self.unknown(&entry.place, name);
                }
                Ok(child.map(|child| Out::List { child }))
            }
            Node::Link { selection } => {
                let is_member = at == At::Row || builder.pointer.is_some() && at == At::Link;
                if builder.links.is_none() || !is_member {
                    self.unknown(&entry.place, "link");
                    return Ok(None);
                }
                let entries = self.entries(builder, At::Link, selection, depth + 1)?;
                Ok(Some(Out::Object {
                    presence: None,
                    entries,
                }))
            }
        }
    }

    /// The record at the end of a join; null where there is none.
    pub(in crate::plan) fn target_record(
        &mut self,
        builder: &mut Builder,
        joined: At,
        selection: &Selection,
        depth: usize,
    ) -> Result<Out> {
        let presence = Some(builder.system_slot(joined, SystemField::Id)?);
        let entries = self.entries(builder, joined, selection, depth)?;
        Ok(Out::Object { presence, entries })
    }

    pub(in crate::plan) fn unknown(&mut self, place: &Place, name: &str) {
        self.fault(
            place,
            FaultCode::UnknownField,
            format!("there is no field {name:?}"),
        );
    }

    fn field(
        &mut self,
        builder: &mut Builder,
        at: At,
        name: &str,
        (parts, place): (Option<&[PartEntry]>, &Place),
    ) -> Option<Out> {
        let readable = builder
            .grant_at(at)
            .field(name)
            .filter(|readable| !readable.field.is_reference());
        let readable = readable.and_then(|readable| self.followed(builder, at, readable));
        let Some((at, readable)) = readable else {
            self.unknown(place, name);
            return None;
        };
        builder.note_read(at, &readable.field);
        let ReadableField {
            field,
            visibility,
            masked,
        } = readable;
        let visible = visibility.into_option();
        let masks = masked.into_iter().map(|Masked { mask, on }| {
            let slot = builder.slot(at, field.column().clone(), on);
            (mask, slot)
        });
        let masks: Vec<(Mask, usize)> = masks.collect();
        let mut slot = |column: &Column| builder.slot(at, column.clone(), visible.clone());
        let first = slot(field.column());
        if !field.is_composite() {
            if let Some(part) = parts.and_then(<[PartEntry]>::first) {
                self.unknown(place, &format!("{name}.{}", part.key));
            }
            let storage = field.column().part.storage;
            if masks.is_empty() {
                return Some(Out::Cell {
                    slot: first,
                    storage,
                });
            }
            return Some(Out::Masked {
                field: field.id,
                full: (first, storage),
                masks,
            });
        }
        let entries = match parts {
            None => {
                let shown = field.columns.iter().filter(|it| it.part.is_shown());
                shown.map(|column| part(column, slot(column))).collect()
            }
            Some(parts) => self.parts(&field, &mut slot, parts, place),
        };
        Some(Out::Object {
            presence: Some(first),
            entries,
        })
    }

    fn parts(
        &mut self,
        field: &Arc<Field>,
        slot: &mut dyn FnMut(&Column) -> usize,
        parts: &[PartEntry],
        place: &Place,
    ) -> Vec<(Key, Out)> {
        let mut entries = Vec::with_capacity(parts.len());
        for entry in parts {
            match &entry.part {
                PartNode::Constant(text) => {
                    entries.push((key(&entry.key), Out::Constant(quoted(text))));
                }
                PartNode::Part(name) => {
                    let mut columns = field.columns.iter();
                    match columns.find(|column| column.part.key == Some(name.as_str())) {
                        Some(column) => {
                            entries.push((key(&entry.key), part(column, slot(column)).1));
                        }
                        None => self.unknown(place, &format!("{}.{name}", field.name)),
                    }
                }
            }
        }
        entries
    }

    /// Follows a reference; the target's row filter stands in the join, so that a record that the
    /// caller may not see is the same as none. `None` when the type is hidden.
    pub(in crate::plan) fn join(
        &mut self,
        builder: &mut Builder,
        from: At,
        readable: ReadableField,
    ) -> Option<At> {
        let ReadableField {
            field, visibility, ..
        } = readable;
        let column = field.column().clone();
        let object = field.target()?;
        let grant = self.checker.grant_read(object)?;
        let visible = visibility.into_option();
        if let Some(known) = builder.known_join(from, (&column, visible.as_deref()), object) {
            return Some(known);
        }
        if builder.joins() >= LIMITS.joins {
            self.too_many_joins();
            return None;
        }
        let join = Join {
            from,
            column,
            visible,
            object,
            of_type: None,
            table: grant.table().to_owned(),
            rows: grant.rows().into_condition(),
        };
        Some(builder.add_join(join, grant))
    }

    /// Plans a collection of the record at `at` as a child level; `None` when there is none of this name.
    pub(in crate::plan) fn collection(
        &mut self,
        builder: &mut Builder,
        (at, name): (At, &str),
        (query, shape): (&CollectionQuery, &ListShape),
        depth: usize,
    ) -> Result<Option<usize>> {
        let Some(object) = builder
            .grant_at(at)
            .object()
            .map(|object| object.id)
            .filter(|_| at != At::Link)
        else {
            return Ok(None);
        };
        let Some(granted) = self.checker.find_collection(object, name) else {
            return Ok(None);
        };
        let parent = builder.system_slot(at, SystemField::Id)?;
        let links = granted.link_scope();
        let scope = match (granted.pointer, granted.reference) {
            (Some(pointer), _) => in_sight(self.checker, pointer),
            (None, Some(visibility)) => visibility
                .into_option()
                .map_or(Condition::TRUE, |condition| *condition),
            (None, None) => Condition::TRUE,
        };
        let source = Source::Members {
            hop: granted.collection.kind.into(),
            links,
        };
        let members = Members {
            grant: granted.members,
            links: granted.links,
            pointer: granted.pointer.cloned(),
            source,
            scope,
        };
        let list = self.list(members, query, shape, depth)?;
        builder.children.push(Child { parent, list });
        Ok(Some(builder.children.len() - 1))
    }

    /// The shape of a list.
    pub(in crate::plan) fn shape(
        &mut self,
        builder: &mut Builder,
        shape: &ListShape,
        depth: usize,
    ) -> Result<OutList> {
        let mut entries = Vec::with_capacity(shape.entries.len());
        for (name, part) in &shape.entries {
            let out = match part {
                ListPart::Constant(text) => OutPart::Constant(quoted(text)),
                ListPart::Records(selection) => {
                    let entries = self.entries(builder, At::Row, selection, depth)?;
                    OutPart::Records(Out::Object {
                        presence: None,
                        entries,
                    })
                }
                ListPart::Edges(parts) => OutPart::Edges(self.edges(builder, parts, depth)?),
                ListPart::PageInfo(parts) => OutPart::PageInfo(
                    parts
                        .iter()
                        .map(|(name, part)| (key(name), part.clone()))
                        .collect(),
                ),
                ListPart::Count => OutPart::Count,
                ListPart::CountIsExact => OutPart::CountIsExact,
            };
            entries.push((key(name), out));
        }
        Ok(OutList { entries })
    }

    fn edges(
        &mut self,
        builder: &mut Builder,
        parts: &[(String, EdgePart)],
        depth: usize,
    ) -> Result<Vec<(Key, OutEdge)>> {
        let mut edges = Vec::with_capacity(parts.len());
        for (name, part) in parts {
            let out = match part {
                EdgePart::Constant(text) => OutEdge::Constant(quoted(text)),
                EdgePart::Cursor => OutEdge::Cursor,
                EdgePart::Record(selection) => {
                    let entries = self.entries(builder, At::Row, selection, depth)?;
                    OutEdge::Record(Out::Object {
                        presence: None,
                        entries,
                    })
                }
                EdgePart::Link(selection) => {
                    if builder.links.is_none() {
                        self.unknown(&Place::Pointer(String::new()), "link");
                        continue;
                    }
                    let entries = self.entries(builder, At::Link, selection, depth)?;
                    OutEdge::Record(Out::Object {
                        presence: None,
                        entries,
                    })
                }
            };
            edges.push((key(name), out));
        }
        Ok(edges)
    }
}

fn part(column: &Column, slot: usize) -> (Key, Out) {
    (
        key(column.part.key.unwrap_or_default()),
        Out::Cell {
            slot,
            storage: column.part.storage,
        },
    )
}

/// A text as JSON.
pub(in crate::plan) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A member's key with quotes and colon.
pub(in crate::plan) fn key(name: &str) -> Key {
    quoted(name) + ":"
}
