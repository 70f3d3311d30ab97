//! The locks of a transaction, taken before its first write: those of all records that its steps name, and
//! of those that the server will write to because of them, in one order for everybody (by table and id)
//! and each as strongly as any step needs it. Two writers who want the same records then wait for one
//! another, and never each for the other.
//!
//! It is a help, not a proof: what a step finds out later it locks later, and who is given up by the
//! database for that is begun anew. What is malformed, unknown or hidden is passed over here; the step
//! itself says so. A row that the caller names is locked only if it may see it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{
    Writing,
    link::{Hold, Record, end_columns, far_end},
};
use crate::{
    access::{Condition, Grant, Read},
    catalog::{
        Collection, CollectionKind, Column, Direction, Field, ObjectType, RelationType, Subject,
    },
    error::Result,
    id::{FieldId, ObjectTypeId, RecordId},
    plan::{derivation::Input, read::parse_id},
    request::{
        WriteRequest, WriteStep,
        sets::{CollectionChange, Named},
    },
    sql::{
        Sight, Why,
        sets::{Rows, live_rows, lock_rows},
        write::Lock,
    },
};

/// The rows to lock.
#[derive(Default)]
pub(super) struct Locks(BTreeMap<(String, Uuid), Wanted>);

/// How a row is locked.
#[derive(Clone, Copy, PartialEq)]
struct Wanted {
    subject: Subject,
    lock: Lock,
    /// Whether the caller names it, so that it must be in its sight.
    is_named: bool,
}

/// The lock that holds off more.
fn stronger(one: Lock, other: Lock) -> Lock {
    if one == Lock::Change { one } else { other }
}

impl Locks {
    fn add(&mut self, (subject, table): (Subject, &str), id: Uuid, (lock, is_named): (Lock, bool)) {
        let wanted = Wanted {
            subject,
            lock,
            is_named,
        };
        let known = self.0.entry((table.to_owned(), id)).or_insert(wanted);
        known.lock = stronger(known.lock, lock);
        known.is_named &= is_named;
    }

    /// The rows in order, those together that one statement can lock.
    fn runs(self) -> Vec<(String, Wanted, Vec<Uuid>)> {
        let mut runs: Vec<(String, Wanted, Vec<Uuid>)> = Vec::new();
        for ((table, id), wanted) in self.0 {
            match runs.last_mut() {
                Some((of, how, ids)) if *of == table && *how == wanted => ids.push(id),
                Some(_) | None => runs.push((table, wanted, vec![id])),
            }
        }
        runs
    }
}

/// What a change of a collection holds on to.
pub(super) fn hold_of(change: &CollectionChange) -> Hold {
    if change.set.is_some() {
        Hold::Collection
    } else if change.add.is_empty() {
        Hold::Ends
    } else {
        Hold::Limits
    }
}

/// The change that names one link.
fn one_link(link: &str) -> Json {
    json!({ "remove": [{ "link": link }] })
}

/// The id in a value of a reference, and the object type that it points at.
fn pointed_at(writing: &Writing<'_>, field: &Field, json: &Json) -> Option<(ObjectTypeId, Uuid)> {
    let id = json.as_str().or_else(|| json["id"].as_str())?;
    let object = if let Some(target) = field.target() {
        target
    } else {
        let named = json["type"].as_str()?;
        writing.catalog.find_target(field, named)?.id
    };
    Some((object, parse_id(id)?.uuid()))
}

impl Writing<'_> {
    /// Locks what the steps will lock. One row alone needs no order: the step locks it.
    pub(super) async fn lock_in_advance(&self, steps: &[WriteStep]) -> Result<()> {
        if !self.dialect().has_row_locks() {
            return Ok(());
        }
        let mut locks = Locks::default();
        for step in steps {
            self.gather(&step.write, &mut locks).await?;
        }
        if locks.0.len() < 2 {
            return Ok(());
        }
        for (table, wanted, ids) in locks.runs() {
            let visible = if wanted.is_named {
                let Some(grant) = self.read_grant(wanted.subject) else {
                    continue;
                };
                Some(grant.rows().into_condition())
            } else {
                None
            };
            let rows = Rows {
                subject: wanted.subject,
                table: &table,
                ids: &ids,
                visible: visible.as_ref().map_or(Sight::Engine(Why::Lock), Sight::Of),
            };
            let statement = lock_rows(self.catalog, self.dialect(), rows, wanted.lock)?;
            self.tx.connection().fetch(statement).await?;
        }
        Ok(())
    }

    async fn gather(&self, write: &WriteRequest, locks: &mut Locks) -> Result<()> {
        let (plural, id) = match write {
            WriteRequest::Create { object, .. } => (object, None),
            WriteRequest::Update { object, id, .. }
            | WriteRequest::Delete { object, id, .. }
            | WriteRequest::Restore { object, id }
            | WriteRequest::ChangeCollection { object, id, .. }
            | WriteRequest::Link { object, id, .. }
            | WriteRequest::UpdateLink { object, id, .. }
            | WriteRequest::Unlink { object, id, .. } => (object, Some(id)),
        };
        let id = id.map(|id| parse_id(id).map(RecordId::uuid));
        let (Some(object), false) = (self.checker.find_object(plural), id == Some(None)) else {
            return Ok(());
        };
        let id = id.flatten();
        match write {
            WriteRequest::Create { values, .. } => {
                self.gather_values(object, id, values, locks).await
            }
            WriteRequest::Update { patch, .. } => {
                self.gather_values(object, id, patch, locks).await
            }
            WriteRequest::Delete { .. } | WriteRequest::Restore { .. } => {
                self.gather_record(object, id, locks, |_| true).await
            }
            WriteRequest::ChangeCollection {
                collection, change, ..
            } => {
                let change = (change, None);
                self.gather_change((object, id), collection, change, locks)
                    .await
            }
            WriteRequest::Link {
                relation,
                target,
                values,
                ..
            } => {
                let item = json!({ "id": target, "type": values.get("type") });
                let change = (&json!({ "add": [item] }), Some(Hold::Limits));
                self.gather_change((object, id), relation, change, locks)
                    .await
            }
            WriteRequest::UpdateLink { relation, link, .. } => {
                let change = (&one_link(link), Some(Hold::Limits));
                self.gather_change((object, id), relation, change, locks)
                    .await
            }
            WriteRequest::Unlink { relation, link, .. } => {
                let change = (&one_link(link), Some(Hold::Ends));
                self.gather_change((object, id), relation, change, locks)
                    .await
            }
        }
    }

    async fn gather_values(
        &self,
        object: &Arc<ObjectType>,
        id: Option<Uuid>,
        values: &Map<String, Json>,
        locks: &mut Locks,
    ) -> Result<()> {
        let subject = Subject::Object(object.id);
        let inputs = self.derivations.on(subject);
        let mut is_written = false;
        let mut is_input = false;
        for (name, json) in values {
            let Some(field) = object.fields.find(name) else {
                self.gather_change((object, id), name, (json, None), locks)
                    .await?;
                continue;
            };
            is_written = true;
            is_input |= inputs.is_some_and(|it| it.contains_key(&Input::Field(field.id)));
            if let Some(pointed_at) = pointed_at(self, field, json).filter(|_| field.is_reference())
            {
                let lock = self.lock_of_target(subject, field.id);
                self.add_record(locks, pointed_at, (lock, true));
            }
        }
        if is_written {
            self.gather_record(object, id, locks, |_| is_input).await?;
        }
        Ok(())
    }

    /// The record itself, and the records that it points at now and that the server writes to.
    async fn gather_record(
        &self,
        object: &Arc<ObjectType>,
        id: Option<Uuid>,
        locks: &mut Locks,
        follows: impl Fn(&Field) -> bool,
    ) -> Result<()> {
        let Some(id) = id else { return Ok(()) };
        self.add_record(locks, (object.id, id), (Lock::Change, true));
        let subject = Subject::Object(object.id);
        let references = object.fields.iter().filter(|field| field.is_reference());
        let followed = references.filter(|field| self.is_written(subject, field) && follows(field));
        for field in followed {
            self.gather_targets(object, field, &[id], locks).await?;
        }
        Ok(())
    }

    fn is_written(&self, subject: Subject, field: &Field) -> bool {
        self.lock_of_target(subject, field.id) == Lock::Change
    }

    /// The records that a reference of these records points at now.
    async fn gather_targets(
        &self,
        object: &Arc<ObjectType>,
        field: &Field,
        ids: &[Uuid],
        locks: &mut Locks,
    ) -> Result<()> {
        let columns: Vec<&Column> = field.columns.iter().collect();
        let rows = Rows {
            subject: Subject::Object(object.id),
            table: &object.table,
            ids,
            visible: Sight::Engine(Why::Lock),
        };
        let select = live_rows(self.catalog, self.dialect(), rows, &columns)?;
        for row in self.fetch(select).await? {
            let of_type = match field.target() {
                Some(target) => Some(target),
                None => row.uuid(2)?.map(ObjectTypeId::new),
            };
            if let (Some(of_type), Some(id)) = (of_type, row.uuid(1)?) {
                self.add_record(locks, (of_type, id), (Lock::Change, false));
            }
        }
        Ok(())
    }

    fn add_record(&self, locks: &mut Locks, (object, id): (ObjectTypeId, Uuid), how: (Lock, bool)) {
        if let Some(object) = self.catalog.find_object(object) {
            locks.add((Subject::Object(object.id), &object.table), id, how);
        }
    }

    /// What a change of a collection locks.
    async fn gather_change(
        &self,
        (object, near): (&Arc<ObjectType>, Option<Uuid>),
        name: &str,
        (json, hold): (&Json, Option<Hold>),
        locks: &mut Locks,
    ) -> Result<()> {
        let nowhere = crate::error::Place::Pointer(String::new());
        let Ok(change) = CollectionChange::parse(json, &nowhere, true) else {
            return Ok(());
        };
        let hold = hold.unwrap_or_else(|| hold_of(&change));
        let Some(granted) = self.checker.find_collection(object.id, name) else {
            return Ok(());
        };
        let collection = granted.collection;
        match (collection.kind, granted.links) {
            (CollectionKind::Inverse { field }, _) => {
                let near = near.map(|near| (object.id, near));
                self.gather_members((collection, field), near, &change, locks)
                    .await
            }
            (
                CollectionKind::Relation {
                    relation,
                    direction,
                },
                Some(read),
            ) => match self.catalog.find_relation(relation) {
                Some(relation) => {
                    let along = (relation, direction, hold);
                    let start = (object.id, near);
                    self.gather_links(along, (start, &read), &change, locks)
                        .await
                }
                None => Ok(()),
            },
            (CollectionKind::Relation { .. }, None) => Ok(()),
        }
    }

    /// The records whose reference is written, and those that they point at now and then.
    async fn gather_members(
        &self,
        (collection, field): (&Collection, FieldId),
        near: Option<(ObjectTypeId, Uuid)>,
        change: &CollectionChange,
        locks: &mut Locks,
    ) -> Result<()> {
        let found = self.catalog.find_reference(field);
        let Some((object, field)) =
            found.filter(|(object, _)| Some(object.id) == collection.target)
        else {
            return Ok(());
        };
        let subject = Subject::Object(object.id);
        if let Some(near) = near {
            let lock = self.lock_of_target(subject, field.id);
            self.add_record(locks, near, (lock, true));
        }
        let removed = change.remove.iter().filter_map(|one| match &one.named {
            Named::Record(id) => Some(id),
            Named::Link(_) => None,
        });
        let named = change.items().map(|item| &item.id).chain(removed);
        let mut ids: Vec<Uuid> = named.filter_map(|id| Some(parse_id(id)?.uuid())).collect();
        for id in &ids {
            self.add_record(locks, (object.id, *id), (Lock::Change, true));
        }
        if let (Some(_), Some((_, near))) = (&change.set, near) {
            let present = self.referring((object, field), near).await?;
            for id in &present {
                self.add_record(locks, (object.id, *id), (Lock::Change, false));
            }
            ids.extend(present);
        }
        if self.is_written(subject, field) {
            self.gather_targets(object, field, &ids, locks).await?;
        }
        Ok(())
    }

    /// The records at both ends of links, and the links that are named.
    async fn gather_links(
        &self,
        (relation, direction, hold): (&Arc<RelationType>, Direction, Hold),
        ((near_type, near), read): ((ObjectTypeId, Option<Uuid>), &Grant<Read>),
        change: &CollectionChange,
        locks: &mut Locks,
    ) -> Result<()> {
        let near = near.map(|near| (near_type, near));
        let near_lock = self.end_lock((relation, direction), (hold, true));
        let far_lock = self.end_lock((relation, direction.reversed()), (hold, false));
        let types = |name: Option<&str>| self.types_named((relation, direction), name);
        let mut far: Vec<Record> = Vec::new();
        let mut links = Vec::new();
        for item in change.items() {
            let name = item.values.get("type").and_then(Json::as_str);
            let id = parse_id(&item.id).map(RecordId::uuid);
            far.extend(types(name).into_iter().zip(id).take(1));
        }
        for removal in &change.remove {
            match &removal.named {
                Named::Record(id) => {
                    let id = parse_id(id).map(RecordId::uuid);
                    let types = types(removal.of_type.as_deref()).into_iter();
                    far.extend(types.filter_map(|of_type| Some((of_type, id?))));
                }
                Named::Link(id) => links.extend(parse_id(id)),
            }
        }
        for record in far {
            self.add_record(locks, record, (far_lock, true));
        }
        let links: Vec<Uuid> = links.into_iter().map(RecordId::uuid).collect();
        let mut present = self.far_ends((relation, direction), near, &links).await?;
        if let (Some(near), true) = (near, change.set.is_some()) {
            let path = (&**relation, direction, near);
            let linked = self.linked(path, read, &Condition::TRUE).await?;
            present.extend(linked.into_iter().map(|link| link.far));
        }
        for record in present {
            self.add_record(locks, record, (far_lock, false));
        }
        for link in links {
            let table = (Subject::Relation(relation.id), relation.table.as_str());
            locks.add(table, link, (Lock::Change, true));
        }
        if let Some(near) = near {
            self.add_record(locks, near, (near_lock, true));
        }
        Ok(())
    }

    /// The object types that a name stands for at the far end: all of them where none is given.
    fn types_named(
        &self,
        (relation, direction): (&RelationType, Direction),
        name: Option<&str>,
    ) -> Vec<ObjectTypeId> {
        match (relation.far_pointer(direction), name) {
            (Some(pointer), Some(name)) => self.find_type(pointer, name).into_iter().collect(),
            (Some(_), None) | (None, _) => relation.far(direction).types().collect(),
        }
    }

    /// The records at the ends of links that are not the near one. Of a link of another record nothing is
    /// locked: it is refused.
    async fn far_ends(
        &self,
        along: (&RelationType, Direction),
        near: Option<Record>,
        links: &[Uuid],
    ) -> Result<Vec<Record>> {
        let (relation, _) = along;
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Rows {
            subject: Subject::Relation(relation.id),
            table: &relation.table,
            ids: links,
            visible: Sight::Engine(Why::Lock),
        };
        let columns = end_columns(relation);
        let columns: Vec<&Column> = columns.iter().collect();
        let select = live_rows(self.catalog, self.dialect(), rows, &columns)?;
        let mut far = Vec::new();
        for row in self.fetch(select).await? {
            far.extend(far_end(along, near, &row)?);
        }
        Ok(far)
    }
}
