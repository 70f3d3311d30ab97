//! What comes back with a restored record: exactly what went because of it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::cascade::{CHUNK, Known, Levels, MOST, ROUNDS, by_type};
use crate::{
    access::Condition,
    catalog::{Catalog, Column, Field, ObjectType, Subject},
    engine::write::{Done, Writing, formula::afterwards},
    error::{Error, Result},
    id::ObjectTypeId,
    plan::derivation::Input,
    sql::{
        deletion::{self as sql, Fallen, Rows},
        write::{Lock, RowState},
    },
};

impl Writing<'_> {
    /// Locks what would come back with a record, the furthest first. Gives what is locked.
    pub(super) async fn lock_returning(&self, root: Known) -> Result<HashSet<Known>> {
        let mut locked = HashSet::new();
        if self.dialect().has_row_locks() {
            let found = self.returning(root).await?;
            self.lock(&found, RowState::Deleted, &mut locked).await?;
        }
        Ok(locked)
    }

    /// What comes back with a record that is locked, all of it locked too.
    pub(super) async fn returning_for_good(
        &self,
        root: Known,
        mut locked: HashSet<Known>,
    ) -> Result<Levels> {
        for _ in 0..ROUNDS {
            let found = self.returning(root).await?;
            if self.lock(&found, RowState::Deleted, &mut locked).await? {
                return Ok(found);
            }
        }
        Err(Error::Aborted)
    }

    /// Everything that went because of a record, level by level. What is of a type that is no more stays
    /// away.
    async fn returning(&self, root: Known) -> Result<Levels> {
        let mut found = Levels::below(root);
        let mut frontier = vec![root];
        while !frontier.is_empty() {
            let causes: HashSet<Known> = frontier.iter().copied().collect();
            let ids: Vec<Uuid> = frontier.iter().map(|(_, id)| *id).collect();
            let mut next = Vec::new();
            for ids in ids.chunks(CHUNK) {
                let limit = u64::try_from(MOST).unwrap_or(u64::MAX) + 2;
                let select = sql::caused_by(self.catalog, self.dialect(), ids, limit);
                for row in self.tx.connection().fetch(select).await? {
                    let ids = (row.uuid(0)?, row.uuid(1)?, row.uuid(2)?, row.uuid(3)?);
                    let (Some(object), Some(id), Some(of), Some(cause)) = ids else {
                        continue;
                    };
                    let fallen = Fallen {
                        object: ObjectTypeId::new(object),
                        id,
                        cause: (ObjectTypeId::new(of), cause),
                        owned: row.integer(4)? == Some(1),
                    };
                    let is_there = self.catalog.find_object(fallen.object).is_some();
                    if is_there && causes.contains(&fallen.cause) {
                        next.push(fallen);
                    }
                }
            }
            frontier = found.add(next)?;
        }
        Ok(found)
    }

    /// Restores what comes back with a record that is back. Parts come back with it; of anything else
    /// each needs the right to delete it. No part comes back to what is deleted.
    pub(super) async fn restore_returning(&self, root: Known, returning: &Levels) -> Result<()> {
        let refused = || {
            let message = "other records would be restored with it that your roles don't let you \
                           restore";
            Error::Forbidden(message.to_owned())
        };
        for level in &returning.steps {
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
                        let Some(rows) = self.rows_of(object, ids, RowState::Deleted) else {
                            continue;
                        };
                        if !self.mark_rows(rows, &right).await? {
                            return Err(refused());
                        }
                    }
                }
            }
        }
        let others = returning.all().map(|one| (one.object, one.id));
        for (object, ids) in by_type(others.chain([root])) {
            for ids in ids.chunks(CHUNK) {
                let forget = sql::forget_causes(self.catalog, self.dialect(), (object, ids));
                self.execute(forget, &[]).await?;
                self.owners_are_there(object, ids).await?;
                if let Some(object) = self.catalog.find_object(object) {
                    self.keep_returned(object, ids).await?;
                }
            }
        }
        Ok(())
    }

    /// What these records are parts of is there, and stays until the transaction ends.
    async fn owners_are_there(&self, object: ObjectTypeId, ids: &[Uuid]) -> Result<()> {
        let Some(object) = self.catalog.find_object(object) else {
            return Ok(());
        };
        let Some(field) = Catalog::owning(object) else {
            return Ok(());
        };
        let Some(rows) = self.rows_of(object.id, ids, RowState::Live) else {
            return Ok(());
        };
        let mut has_owner = Vec::new();
        for target in self.catalog.targets(field) {
            let owner = (&**field, &**target);
            let hold = sql::pointed_at(self.catalog, self.dialect(), rows, owner, Lock::Keep);
            self.tx.connection().fetch(hold).await?;
            has_owner.push(Condition::Through {
                field: field.id,
                target: target.id,
                visible: None,
                inner: Box::new(Condition::TRUE),
            });
        }
        let has_owner = Condition::any_of(has_owner);
        let looked_at: (&[&Column], &Condition, Lock) = (&[], &has_owner, Lock::None);
        let select = sql::rows(self.catalog, self.dialect(), rows, looked_at)?;
        for row in self.tx.connection().fetch(select).await? {
            if row.integer(1)? != Some(1) {
                return Err(self.refuse_part(object, field));
            }
        }
        Ok(())
    }

    fn refuse_part(&self, object: &Arc<ObjectType>, field: &Arc<Field>) -> Error {
        let name = field.name.as_str();
        Error::Conflict(if self.can_read(object, name) {
            format!(
                "a part can't come back while what it is a part of is deleted: restore the {name} of \
                 the {} first",
                object.name
            )
        } else {
            "a part can't come back while what it is a part of is deleted; that one has to be restored \
             first"
                .to_owned()
        })
    }

    /// Holds the records behind references of rows that are back, so far as anything is computed of them:
    /// who changes one did not find the rows while they were deleted.
    pub(in crate::engine::write) async fn hold_inputs(&self, rows: Rows<'_>) -> Result<()> {
        let subject = Subject::Object(rows.object);
        let object = self.catalog.find_object(rows.object);
        let (Some(object), Some(inputs), true) = (
            object,
            self.derivations.on(subject),
            self.dialect().has_row_locks(),
        ) else {
            return Ok(());
        };
        let is_input = |field: &&Arc<Field>| inputs.contains_key(&Input::Field(field.id));
        for field in object.fields.iter().filter(is_input) {
            let target = field.target().and_then(|id| self.catalog.find_object(id));
            let Some(target) = target.filter(|_| field.is_reference()) else {
                continue;
            };
            let lock = self.lock_of_target(subject, field.id);
            let hold = sql::pointed_at(self.catalog, self.dialect(), rows, (field, target), lock);
            self.tx.connection().fetch(hold).await?;
        }
        Ok(())
    }

    /// Computes the formulas of rows that are back: what they refer to may have changed meanwhile.
    pub(super) async fn recompute_rows(
        &self,
        rows: Rows<'_>,
        marked: &mut [(Done, Map<String, Json>)],
    ) -> Result<()> {
        let subject = Subject::Object(rows.object);
        self.hold_inputs(rows).await?;
        let computed = self.computing().recompute(subject, rows.ids).await?;
        let mut computed: HashMap<Uuid, _> =
            computed.into_iter().map(|it| (it.id, it.fields)).collect();
        for (done, changes) in marked {
            if let Some(formulas) = computed.remove(&done.id.uuid()) {
                changes.extend(afterwards(&formulas));
            }
        }
        Ok(())
    }
}
