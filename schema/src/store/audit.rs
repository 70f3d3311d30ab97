//! The audit log in the database. Rows are only ever added, each behind the last one.
//!
//! Whoever adds locks the row of the head, so that the chain is one however many nodes write. That lock
//! is the last one that a transaction takes: nobody who holds it waits for another, so it can't be part of a
//! circle, and it is held no longer than it takes to insert and commit.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    error::{Error, Result},
    identity::{AuditQuery, Draft, Listed, chained, micros},
    store::{Store, rows},
};

use entity::{
    audit_entry::{Column, Entity, Model},
    audit_head,
};

/// How many rows are written by one statement, and read at a time.
const BATCH: usize = 500;

/// Adds entries to the log, in a transaction that has taken all its other locks.
pub(in crate::store) async fn append<C: ConnectionTrait>(db: &C, drafts: &[Draft]) -> Result<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let context = "writing the audit log";
    let failed = |error| rows::failed(error, context);
    let head = audit_head::Entity::find_by_id(1).lock_exclusive().one(db);
    let head = head.await.map_err(failed)?;
    let head = head.ok_or_else(|| Error::internal(context, "audit_head is empty"))?;
    let entries = chained(&head, drafts);
    let Some(last) = entries.last().cloned() else {
        return Ok(());
    };
    for batch in entries.chunks(BATCH) {
        let rows = batch.iter().cloned();
        let rows = rows.map(|row| row.into_active_model().reset_all());
        let inserted = Entity::insert_many(rows).exec_without_returning(db).await;
        inserted.map_err(failed)?;
    }
    audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Sequence, Expr::value(last.sequence))
        .col_expr(audit_head::Column::Hash, Expr::value(last.hash))
        .filter(audit_head::Column::Id.eq(1))
        .exec(db)
        .await
        .map(drop)
        .map_err(failed)
}

impl Store {
    /// Adds entries that belong to no change.
    pub(crate) async fn write_audit(&self, drafts: &[Draft]) -> Result<()> {
        let tx = self.begin_write().await?;
        append(&tx, drafts).await?;
        let committed = tx.commit().await;
        committed.map_err(|error| rows::failed(error, "writing the audit log"))
    }

    /// One page of entries, newest first.
    pub(crate) async fn list_audit(&self, query: &AuditQuery) -> Result<Listed<Model>> {
        let mut select = Entity::find()
            .order_by_desc(Column::Sequence)
            .limit(query.limit + 1);
        let conditions = [
            query.before.map(|place| Column::Sequence.lt(place)),
            query.from.map(|from| Column::At.gte(micros(from))),
            query.until.map(|until| Column::At.lt(micros(until))),
            query.principal.map(|id| Column::PrincipalId.eq(id)),
            query.kind.map(|kind| Column::Kind.eq(kind.text())),
            query.object_type.map(|of| Column::ObjectType.eq(of.text())),
            query.object.map(|id| Column::ObjectId.eq(id)),
        ];
        for condition in conditions.into_iter().flatten() {
            select = select.filter(condition);
        }
        let read = select.all(&self.reader).await;
        let mut items = read.map_err(|error| rows::failed(error, "reading the audit log"))?;
        let most = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let has_next = items.len() > most;
        items.truncate(most);
        Ok(Listed { items, has_next })
    }

    /// Hands every entry over, oldest first, as long as `take` wants more; then the head, all as at one
    /// instant.
    pub(crate) async fn walk_audit(
        &self,
        mut take: impl FnMut(Model) -> bool + Send,
    ) -> Result<audit_head::Model> {
        let context = "reading the audit log";
        let failed = |error| rows::failed(error, context);
        let tx = self.begin_snapshot().await?;
        let head = audit_head::Entity::find_by_id(1).one(&tx).await;
        let head = head.map_err(failed)?;
        let head = head.ok_or_else(|| Error::internal(context, "audit_head is empty"))?;
        let mut after = i64::MIN;
        loop {
            let page = Entity::find()
                .filter(Column::Sequence.gt(after))
                .order_by_asc(Column::Sequence)
                .limit(BATCH as u64);
            let page = page.all(&tx).await.map_err(failed)?;
            let Some(last) = page.last().map(|row| row.sequence) else {
                return Ok(head);
            };
            after = last;
            for row in page {
                if !take(row) {
                    return Ok(head);
                }
            }
        }
    }
}
