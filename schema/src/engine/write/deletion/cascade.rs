//! What goes with a deleted record: found, locked, deleted, and what stands in the way of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    access::{Condition, Delete, Grant, Visibility},
    catalog::{Bond, Column, Subject, Way},
    engine::write::{
        Done, Writing, any_flag,
        record::{recorded, whole},
    },
    error::{Error, Result},
    field_type::OnDelete,
    id::{ObjectTypeId, RecordId},
    sql::{
        Sight, Why,
        deletion::{self as sql, Fallen, Rows, Scope},
        write::{Assignment, Event, Lock, RowState, events},
    },
    value::{Storage, Value},
};

/// The most records that one deletion takes along.
pub(super) const MOST: usize = 10_000;
/// The most records that one statement is about.
pub(super) const CHUNK: usize = 500;
/// How often it is looked for what has come to hang on records in the meantime.
pub(super) const ROUNDS: usize = 5;

/// A record by its type and id.
pub(super) type Known = (ObjectTypeId, Uuid);

/// Records by their types.
pub(super) fn by_type(
    records: impl IntoIterator<Item = Known>,
) -> BTreeMap<ObjectTypeId, Vec<Uuid>> {
    let distinct: BTreeSet<Known> = records.into_iter().collect();
    let mut by_type: BTreeMap<ObjectTypeId, Vec<Uuid>> = BTreeMap::new();
    for (object, id) in distinct {
        by_type.entry(object).or_default().push(id);
    }
    by_type
}

/// What is found level by level, each record once.
#[derive(Default)]
pub(super) struct Levels {
    pub(super) steps: Vec<Vec<Fallen>>,
    known: HashSet<Known>,
    parts: HashSet<Known>,
}

impl Levels {
    pub(super) fn below(root: Known) -> Self {
        Self {
            known: HashSet::from([root]),
            ..Self::default()
        }
    }

    /// Adds a level; gives the records of it.
    pub(super) fn add(&mut self, mut found: Vec<Fallen>) -> Result<Vec<Known>> {
        let parts = found.iter().filter(|one| one.owned);
        self.parts.extend(parts.map(|one| (one.object, one.id)));
        found.sort_by_key(|one| (one.object, one.id));
        found.retain(|one| self.known.insert((one.object, one.id)));
        if self.known.len() > MOST + 1 {
            return Err(Error::Conflict(format!(
                "more than {MOST} records would go or come back with it, too many at a time; begin \
                 with some of those that hang on it"
            )));
        }
        let next = found.iter().map(|one| (one.object, one.id)).collect();
        if !found.is_empty() {
            self.steps.push(found);
        }
        Ok(next)
    }

    /// What is a part of one record and hangs loosely on another one counts as a part.
    fn know_parts(&mut self) {
        for one in self.steps.iter_mut().flatten() {
            one.owned |= self.parts.contains(&(one.object, one.id));
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Fallen> {
        self.steps.iter().flatten()
    }
}

impl Writing<'_> {
    /// Locks what would go with a record, the furthest first. Gives what is locked.
    pub(super) async fn lock_falling(&self, root: Known) -> Result<HashSet<Known>> {
        let mut locked = HashSet::new();
        if self.dialect().has_row_locks() {
            let found = self.falling(root).await?;
            self.lock(&found, RowState::Live, &mut locked).await?;
        }
        Ok(locked)
    }

    /// What goes with a record that is locked: all of it is locked too, so that nobody else changes it.
    pub(super) async fn falling_for_good(
        &self,
        root: Known,
        mut locked: HashSet<Known>,
    ) -> Result<Levels> {
        for _ in 0..ROUNDS {
            let found = self.falling(root).await?;
            if self.lock(&found, RowState::Live, &mut locked).await? {
                return Ok(found);
            }
        }
        Err(Error::Aborted)
    }

    /// Locks what is not locked yet, the furthest first; whether there was none.
    pub(super) async fn lock(
        &self,
        found: &Levels,
        state: RowState,
        locked: &mut HashSet<Known>,
    ) -> Result<bool> {
        let mut was_locked = true;
        if !self.dialect().has_row_locks() {
            return Ok(was_locked);
        }
        for level in found.steps.iter().rev() {
            let open = level.iter().map(|one| (one.object, one.id));
            let open = by_type(open.filter(|one| !locked.contains(one)));
            for (object, ids) in open {
                was_locked = false;
                locked.extend(ids.iter().map(|id| (object, *id)));
                for ids in ids.chunks(CHUNK) {
                    let Some(rows) = self.rows_of(object, ids, state) else {
                        continue;
                    };
                    let looked_at: (&[&Column], &Condition, Lock) =
                        (&[], &Condition::TRUE, Lock::Change);
                    let lock = sql::rows(self.catalog, self.dialect(), rows, looked_at)?;
                    self.tx.connection().fetch(lock).await?;
                }
            }
        }
        Ok(was_locked)
    }

    pub(in crate::engine::write) fn rows_of<'i>(
        &'i self,
        object: ObjectTypeId,
        ids: &'i [Uuid],
        state: RowState,
    ) -> Option<Rows<'i>> {
        let object = self.catalog.find_object(object)?;
        Some(Rows {
            object: object.id,
            table: &object.table,
            ids,
            state,
        })
    }

    /// Everything that goes with a record, level by level.
    async fn falling(&self, root: Known) -> Result<Levels> {
        let mut found = Levels::below(root);
        let mut frontier = vec![root];
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for (object, ids) in by_type(frontier) {
                let bonds = self.catalog.bonds(object).iter();
                for bond in bonds.filter(|bond| bond.on_delete == OnDelete::Cascade) {
                    for ids in ids.chunks(CHUNK) {
                        self.add_hanging(*bond, (object, ids), &mut next).await?;
                    }
                }
            }
            frontier = found.add(next)?;
        }
        found.know_parts();
        Ok(found)
    }

    async fn add_hanging(
        &self,
        bond: Bond,
        (on, ids): (ObjectTypeId, &[Uuid]),
        found: &mut Vec<Fallen>,
    ) -> Result<()> {
        let (Way::Reference(object, _) | Way::Links(_, _, object)) = bond.way;
        let all = Scope {
            record: Sight::Engine(Why::Integrity),
            link: &Condition::TRUE,
        };
        let limit = u64::try_from(MOST).unwrap_or(u64::MAX) + 2;
        for (id, on_id) in self.hanging((bond.way, on, ids), all, limit).await? {
            found.push(Fallen {
                object,
                id,
                cause: (on, on_id),
                owned: bond.owned,
            });
        }
        Ok(())
    }

    /// The live records that hang on these in this way, each with the one that it hangs on.
    async fn hanging(
        &self,
        of: (Way, ObjectTypeId, &[Uuid]),
        scope: Scope<'_>,
        limit: u64,
    ) -> Result<Vec<(Uuid, Uuid)>> {
        let bounds = (self.now.date(), limit);
        let select = sql::hanging(self.catalog, self.dialect(), of, scope, bounds)?;
        let rows = self.fetch(select).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.extend(row.uuid(0)?.zip(row.uuid(1)?));
        }
        Ok(found)
    }

    /// Deletes what goes with a record. Parts go with it; of anything else each needs the right to delete
    /// it.
    pub(super) async fn delete_falling(&self, falling: &Levels) -> Result<()> {
        let refused = || {
            let message = "other records would be deleted with it that your roles don't let you \
                           delete";
            Error::Forbidden(message.to_owned())
        };
        for level in &falling.steps {
            for owned in [true, false] {
                let alike = level.iter().filter(|one| one.owned == owned);
                for (object, ids) in by_type(alike.map(|one| (one.object, one.id))) {
                    let right = if owned {
                        Some(Condition::TRUE)
                    } else {
                        self.right_to_delete(object)
                    };
                    let right = right.ok_or_else(refused)?;
                    for ids in ids.chunks(CHUNK) {
                        let Some(rows) = self.rows_of(object, ids, RowState::Live) else {
                            continue;
                        };
                        if !self.mark_rows(rows, &right).await? {
                            return Err(refused());
                        }
                    }
                }
            }
            for fallen in level.chunks(CHUNK) {
                let keep = sql::keep_causes(self.catalog, self.dialect(), fallen)?;
                self.execute(keep, &[]).await?;
            }
        }
        Ok(())
    }

    /// Which records of a type the caller may delete; none when it may delete none at all.
    pub(super) fn right_to_delete(&self, object: ObjectTypeId) -> Option<Condition> {
        let object = self.catalog.find_object(object)?;
        let grant: Grant<Delete> = self.checker.grant(object)?;
        let visible = self.visible(object, &grant);
        Some(visible.and(grant.rows().into_condition()))
    }

    /// Deletes live rows or restores deleted ones, with their events; `false` when the right does not hold
    /// of one of them.
    pub(super) async fn mark_rows(&self, rows: Rows<'_>, right: &Condition) -> Result<bool> {
        let Some(object) = self.catalog.find_object(rows.object) else {
            return Ok(true);
        };
        let subject = Subject::Object(object.id);
        let fields = recorded(&object.fields);
        let columns: Vec<&Column> = fields.iter().flat_map(|field| &field.columns).collect();
        let looked_at = (&*columns, right, Lock::None);
        let select = sql::rows(self.catalog, self.dialect(), rows, looked_at)?;
        let (operation, side, at) = if rows.state == RowState::Live {
            ("delete", "before", Value::Instant(self.now))
        } else {
            ("restore", "after", Value::Null)
        };
        let mut marked = Vec::with_capacity(rows.ids.len());
        for row in self.tx.connection().fetch(select).await? {
            if !any_flag(&row, columns.len(), 1)? {
                return Ok(false);
            }
            let Some(id) = row.uuid(2 + columns.len())? else {
                continue;
            };
            let done = Done {
                subject,
                id: RecordId::new(id),
                version: row.integer(0)?.unwrap_or(0) + 1,
            };
            marked.push((done, whole(&row, &fields, side)?));
        }
        let mut assignments = self.update_values();
        assignments.push(Assignment::new("deleted_at", Storage::Instant, at));
        let update = sql::update_rows(self.catalog, self.dialect(), rows, &assignments);
        self.execute(update, &self.tellable(subject, &fields))
            .await?;
        if rows.state == RowState::Deleted {
            self.recompute_rows(rows, &mut marked).await?;
        }
        self.record_all_events(operation, marked).await?;
        Ok(true)
    }

    /// The events of rows that were marked together.
    async fn record_all_events(
        &self,
        operation: &str,
        marked: Vec<(Done, Map<String, Json>)>,
    ) -> Result<()> {
        let caller = self.checker.caller();
        let mut all = Vec::with_capacity(marked.len());
        for (done, mut changes) in marked {
            self.note_change(&done, operation, &changes);
            for field in self.unaudited(done.subject) {
                changes.shift_remove(&field.id.to_string());
            }
            all.push(Event {
                subject: done.subject,
                record: done.id.uuid(),
                operation,
                version: done.version,
                actor: (caller.actor_kind(), caller.actor()),
                transaction: self.transaction,
                at: self.now,
                changes: Json::Object(changes),
            });
        }
        if all.is_empty() {
            return Ok(());
        }
        let statement = events(self.catalog, self.dialect(), all)?;
        self.execute(statement, &[]).await
    }

    /// Nothing is left that hangs on the deleted records and restricts their deletion. Others are told
    /// what it is only as far as they may see it.
    pub(super) async fn nothing_restricts(&self, root: Known, falling: &Levels) -> Result<()> {
        let others = falling.all().map(|one| (one.object, one.id));
        let deleted = others.chain([root]);
        for (object, ids) in by_type(deleted) {
            let bonds = self.catalog.bonds(object).iter();
            for bond in bonds.filter(|bond| bond.on_delete == OnDelete::Restrict) {
                for ids in ids.chunks(CHUNK) {
                    let of = (bond.way, object, ids);
                    let all = Scope {
                        record: Sight::Engine(Why::Integrity),
                        link: &Condition::TRUE,
                    };
                    if !self.hanging(of, all, 1).await?.is_empty() {
                        let is_root = (object, ids) == (root.0, &[root.1][..]);
                        let is_told = is_root || self.reads_all_of(falling, root);
                        return Err(self.refuse_restricted(of, (is_root, is_told)).await?);
                    }
                }
            }
        }
        Ok(())
    }

    /// What hangs on records that go with the deleted one is named only to those who see the way to it.
    async fn refuse_restricted(
        &self,
        of: (Way, ObjectTypeId, &[Uuid]),
        (is_root, is_told): (bool, bool),
    ) -> Result<Error> {
        let what = if is_root { "it" } else { "what goes with it" };
        let hidden = format!("something that hangs on {what} does not let it be deleted");
        let seen = self.seen_hanging(of.0, of.1).filter(|_| is_told);
        let Some((name, record, link)) = seen else {
            return Ok(Error::Conflict(hidden));
        };
        let scope = Scope {
            record: Sight::Of(&record),
            link: &link,
        };
        let seen = self.hanging(of, scope, 1).await?;
        Ok(Error::Conflict(match seen.first() {
            None => hidden,
            Some((id, _)) if of.0.is_links() => format!(
                "{what} is linked in {name}, for example with {id}, and can't be deleted before the \
                 links are ended"
            ),
            Some((id, _)) => format!(
                "{name} point at {what}, for example {id}, and do not let it be deleted; move or \
                 delete them first"
            ),
        }))
    }

    /// Whether the caller sees every record of the types that are deleted together, with all by which
    /// they hang together.
    fn reads_all_of(&self, falling: &Levels, root: Known) -> bool {
        let types: BTreeSet<ObjectTypeId> = falling
            .all()
            .map(|one| one.object)
            .chain([root.0])
            .collect();
        let relations = self.catalog.relations().into_iter();
        let mut between = relations.filter(|relation| {
            let mut ends = relation.source.types().chain(relation.target.types());
            ends.any(|end| types.contains(&end))
        });
        let all_rows = |subject| {
            let grant = self.read_grant(subject);
            grant.is_some_and(|grant| self.links_in_sight(&grant).is_true())
        };
        between.all(|relation| all_rows(Subject::Relation(relation.id)))
            && types.iter().all(|of_type| {
                let subject = Subject::Object(*of_type);
                let object = self.catalog.find_object(*of_type);
                all_rows(subject)
                    && object.is_some_and(|object| {
                        let mut references = object.fields.iter().filter(|it| it.is_reference());
                        references.all(|field| self.always_reads(subject, field))
                    })
            })
    }

    /// What records hanging on others are called, and which of them and of the links to them the caller
    /// may see; nothing when it may see none.
    fn seen_hanging(&self, way: Way, on: ObjectTypeId) -> Option<(String, Condition, Condition)> {
        match way {
            Way::Reference(object, field) => {
                let object = self.catalog.find_object(object)?;
                let grant = self.checker.grant_read(object.id)?;
                let field = object.fields.find_by_id(field)?;
                let shown = grant.field(field.name.as_str())?.visibility;
                let rows = grant.rows().into_condition();
                let record = match shown {
                    Visibility::Always => rows,
                    Visibility::When(shown) => rows.and(shown),
                };
                Some((object.plural.to_string(), record, Condition::TRUE))
            }
            Way::Links(relation, direction, far) => {
                let relation = self.catalog.find_relation(relation)?;
                let links = self.read_grant(Subject::Relation(relation.id))?;
                let far = self.checker.grant_read(far)?;
                self.checker.grant_read(on)?;
                let name = relation.near(direction).name.to_string();
                let link = self.links_in_sight(&links);
                Some((name, far.rows().into_condition(), link))
            }
        }
    }
}
