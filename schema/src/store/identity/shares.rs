//! Shares of records. They are data: making one moves no version.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{AccessChange, failed};
use crate::{
    error::{Error, Result},
    identity::Draft,
    store::{Store, audit},
};

/// How many shares a record has at most.
const MOST_SHARES: u64 = 500;

impl Store {
    /// The shares of a record, oldest first.
    pub(crate) async fn list_shares(
        &self,
        (object, record): (Uuid, Uuid),
    ) -> Result<Vec<entity::record_share::Model>> {
        use entity::record_share::{Column, Entity};
        Entity::find()
            .filter(Column::ObjectTypeId.eq(object))
            .filter(Column::RecordId.eq(record))
            .order_by_asc(Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed("listing shares"))
    }

    pub(crate) async fn find_share(&self, id: Uuid) -> Result<Option<entity::record_share::Model>> {
        entity::record_share::Entity::find_by_id(id)
            .one(&self.reader)
            .await
            .map_err(failed("finding a share"))
    }

    /// Puts a share in the place of one with the same record and grantee.
    pub(crate) async fn put_share(
        &self,
        share: entity::record_share::Model,
        entry: Draft,
    ) -> Result<()> {
        use entity::record_share::{Column, Entity};
        let context = failed("sharing a record");
        let tx = self.begin_write().await?;
        Entity::delete_many()
            .filter(Column::ObjectTypeId.eq(share.object_type_id))
            .filter(Column::RecordId.eq(share.record_id))
            .filter(Column::GranteeId.eq(share.grantee_id))
            .exec(&tx)
            .await
            .map_err(&context)?;
        let others = Entity::find()
            .filter(Column::ObjectTypeId.eq(share.object_type_id))
            .filter(Column::RecordId.eq(share.record_id))
            .count(&tx)
            .await
            .map_err(&context)?;
        if others >= MOST_SHARES {
            return Err(Error::Conflict(format!(
                "the record is shared with {MOST_SHARES} already; share it with a team"
            )));
        }
        Entity::insert(share.into_active_model().reset_all())
            .exec_without_returning(&tx)
            .await
            .map_err(&context)?;
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(&context)
    }

    pub(crate) async fn delete_share(&self, id: Uuid, entry: Draft) -> Result<()> {
        let context = failed("ending a share");
        let tx = self.begin_write().await?;
        entity::record_share::Entity::delete_by_id(id)
            .exec(&tx)
            .await
            .map_err(&context)?;
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(&context)
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
    /// Ends the shares with somebody who goes.
    pub(crate) async fn delete_shares_with(&self, grantee: Uuid) -> Result<()> {
        entity::record_share::Entity::delete_many()
            .filter(entity::record_share::Column::GranteeId.eq(grantee))
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("ending shares"))
    }
}
