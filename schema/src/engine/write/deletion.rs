//! Deletes and restores of records, with all that goes and comes back with them.
//!
//! What goes is locked before what it hangs on, as writers of it do who then turn to what it hangs on;
//! whoever makes something new hang on a record holds that record until its transaction ends.

mod cascade;
mod returning;

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, Writing, any_flag, path_id, record::recorded};
use crate::{
    access::{Condition, Delete, Grant},
    catalog::{Column, Field, ObjectType, Subject},
    error::{Error, Result},
    plan::read::not_found,
    sql::{
        Sight,
        write::{Lock, RowState, Target},
    },
    store::Row,
};

/// What the caller is told who lacks the right to delete a record.
const NOT_ALLOWED: &str = "no rule of your roles lets you delete or restore this record";

/// A record that the caller may delete or restore, as it is stored.
struct Deletable<'a> {
    object: &'a Arc<ObjectType>,
    id: Uuid,
    state: RowState,
    row: Row,
    fields: Vec<&'a Arc<Field>>,
}

impl<'a> Deletable<'a> {
    fn target(&self) -> Target<'a> {
        Target {
            subject: Subject::Object(self.object.id),
            table: &self.object.table,
            id: self.id,
            state: self.state,
        }
    }
}

impl Writing<'_> {
    /// Deletes a record and all that goes with it.
    pub(super) async fn delete(&self, path: (&str, &str), if_match: Option<i64>) -> Result<Done> {
        let object = self.object(path.0)?;
        if self.catalog.bonds(object.id).is_empty() {
            let found = self.deletable(path, if_match, (RowState::Live, Lock::Change));
            return self.mark(&found.await?, ("delete", "before")).await;
        }
        let first = self.deletable(path, if_match, (RowState::Live, Lock::None));
        let root = (object.id, first.await?.id);
        let locked = self.lock_falling(root).await?;
        let found = self.deletable(path, if_match, (RowState::Live, Lock::Change));
        let found = found.await?;
        let falling = self.falling_for_good(root, locked).await?;
        let done = self.mark(&found, ("delete", "before")).await?;
        self.delete_falling(&falling).await?;
        self.nothing_restricts(root, &falling).await?;
        Ok(done)
    }

    /// Restores a record and what went with it.
    pub(super) async fn restore(&self, path: (&str, &str)) -> Result<Done> {
        let object = self.object(path.0)?;
        let first = self.deletable(path, None, (RowState::Deleted, Lock::None));
        let root = (object.id, first.await?.id);
        let locked = self.lock_returning(root).await?;
        let found = self.deletable(path, None, (RowState::Deleted, Lock::Change));
        let found = found.await?;
        let returning = self.returning_for_good(root, locked).await?;
        let done = self.mark(&found, ("restore", "after")).await?;
        self.restore_returning(root, &returning).await?;
        Ok(done)
    }

    /// A record that the caller may delete or restore; both need the right to delete it.
    async fn deletable(
        &self,
        path: (&str, &str),
        if_match: Option<i64>,
        (state, lock): (RowState, Lock),
    ) -> Result<Deletable<'_>> {
        let object = self.object(path.0)?;
        let id = path_id(path)?;
        let grant: Grant<Delete> = match self.may(object, "delete or restore") {
            Ok(grant) => grant,
            Err(error) => return Err(self.unless_hidden(object, path, error).await?),
        };
        let fields = recorded(&object.fields);
        let columns: Vec<&Column> = fields.iter().flat_map(|field| &field.columns).collect();
        let rows = grant.rows().into_condition();
        let target = Target {
            subject: Subject::Object(object.id),
            table: &object.table,
            id: id.uuid(),
            state,
        };
        let mut visible = self.visible(object, &grant);
        if state == RowState::Deleted {
            // A deleted record shows to nobody: who may not restore it does not learn that it was there.
            visible = visible.and(rows.clone());
        }
        let looked_at: (&[&Column], &[&Condition], Lock) = (&columns, &[&rows], lock);
        let row = self.inspect(target, Sight::Of(&visible), looked_at).await?;
        let row = row.ok_or_else(|| not_found(path.0, path.1))?;
        if !any_flag(&row, columns.len(), 1)? {
            return Err(Error::Forbidden(NOT_ALLOWED.to_owned()));
        }
        let version = row.integer(0)?.unwrap_or(0);
        self.check_version((target.subject, id), if_match, version)?;
        Ok(Deletable {
            object,
            id: id.uuid(),
            state,
            row,
            fields,
        })
    }

    async fn mark(&self, found: &Deletable<'_>, operation: (&str, &str)) -> Result<Done> {
        self.mark_deleted(found.target(), &found.row, &found.fields, operation)
            .await
    }
}
