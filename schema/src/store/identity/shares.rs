//! Shares of records. They are data: making one moves no version.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect as _,
};
use uuid::Uuid;

use super::{AccessChange, failed, failed_unique};
use crate::{
    error::{Error, Result},
    identity::Draft,
    store::{Store, audit},
};

use entity::record_share::{Column, Entity, Model};

/// How often making a share is tried when others make the same one.
const ATTEMPTS: u32 = 5;
/// How many shares a record has at most.
const MOST_SHARES: u64 = 500;

impl Store {
    /// The shares of a record, oldest first.
    pub(crate) async fn list_shares(&self, (object, record): (Uuid, Uuid)) -> Result<Vec<Model>> {
        Entity::find()
            .filter(Column::ObjectTypeId.eq(object))
            .filter(Column::RecordId.eq(record))
            .order_by_asc(Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed("listing shares"))
    }

    pub(crate) async fn find_share(&self, id: Uuid) -> Result<Option<Model>> {
        Entity::find_by_id(id)
            .one(&self.reader)
            .await
            .map_err(failed("finding a share"))
    }

    /// Makes a share, or changes the one that there is of the same record with the same grantee; gives it as it is
    /// then. The entry is made of that and of what was there before.
    pub(crate) async fn put_share(
        &self,
        share: &Model,
        entry: impl Fn(&Model, Option<&Model>) -> Draft,
    ) -> Result<Model> {
        for _ in 0..ATTEMPTS {
            match self.try_to_put_share(share, &entry).await {
                // Somebody else has made the first one meanwhile: now it is there to be changed.
                Err(Error::UniqueConflict { .. }) => {}
                result => return result,
            }
        }
        Err(Error::Busy)
    }

    async fn try_to_put_share(
        &self,
        share: &Model,
        entry: impl Fn(&Model, Option<&Model>) -> Draft,
    ) -> Result<Model> {
        let context = "sharing a record";
        let tx = self.begin_write().await?;
        let of_record = Entity::find()
            .filter(Column::ObjectTypeId.eq(share.object_type_id))
            .filter(Column::RecordId.eq(share.record_id));
        let before = of_record
            .clone()
            .filter(Column::GranteeId.eq(share.grantee_id))
            .lock_exclusive()
            .one(&tx)
            .await
            .map_err(failed(context))?;
        let share = if let Some(before) = &before {
            let share = Model {
                id: before.id,
                ..share.clone()
            };
            let changed = share.clone().into_active_model().reset_all();
            changed.update(&tx).await.map_err(failed(context))?;
            share
        } else {
            if of_record.count(&tx).await.map_err(failed(context))? >= MOST_SHARES {
                return Err(Error::Conflict(format!(
                    "the record is shared with {MOST_SHARES} already; share it with a team"
                )));
            }
            Entity::insert(share.clone().into_active_model().reset_all())
                .exec_without_returning(&tx)
                .await
                .map_err(failed_unique(context, "with"))?;
            share.clone()
        };
        audit::append(&tx, &[entry(&share, before.as_ref())]).await?;
        tx.commit().await.map_err(failed(context))?;
        Ok(share)
    }

    /// Ends a share; false when there is none any more, and then nothing has happened.
    pub(crate) async fn delete_share(&self, id: Uuid, entry: Draft) -> Result<bool> {
        let context = failed("ending a share");
        let tx = self.begin_write().await?;
        let deleted = Entity::delete_by_id(id).exec(&tx).await.map_err(&context)?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(&context)?;
        Ok(true)
    }

    /// Whether there is such a user, team or partner.
    pub(crate) async fn has_grantee(&self, kind: &str, id: Uuid) -> Result<bool> {
        let db = &self.reader;
        let found = match kind {
            "user" => count(entity::user::Entity::find_by_id(id), db).await,
            "team" => count(entity::team::Entity::find_by_id(id), db).await,
            _ => count(entity::partner::Entity::find_by_id(id), db).await,
        };
        Ok(found? > 0)
    }
}

async fn count<E, C>(select: sea_orm::Select<E>, db: &C) -> Result<u64>
where
    E: EntityTrait,
    E::Model: Sync,
    C: ConnectionTrait,
{
    select
        .count(db)
        .await
        .map_err(failed("finding with whom a record is shared"))
}

impl AccessChange {
    /// What is shared with somebody, oldest first.
    pub(crate) async fn shares_with(&self, grantee: Uuid) -> Result<Vec<Model>> {
        Entity::find()
            .filter(Column::GranteeId.eq(grantee))
            .order_by_asc(Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed("listing shares"))
    }

    /// Ends the shares with somebody who goes.
    pub(crate) async fn delete_shares_with(&self, grantee: Uuid) -> Result<()> {
        Entity::delete_many()
            .filter(Column::GranteeId.eq(grantee))
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("ending shares"))
    }
}
