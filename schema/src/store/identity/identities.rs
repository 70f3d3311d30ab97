//! Identities of users at providers, and sign-ins by providers that were finished.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, Set, sea_query::OnConflict,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AccessChange, HeldUser, failed, failed_unique};
use crate::{
    error::Result,
    id::{IdentityId, UserId},
    store::Store,
};

pub(crate) use entity::user_identity::Model as IdentityRow;

impl Store {
    /// The user who has this identity.
    pub(crate) async fn find_user_by_identity(
        &self,
        (issuer, subject): (&str, &str),
    ) -> Result<Option<entity::user::Model>> {
        use entity::user_identity::{Column, Entity};
        let found = Entity::find()
            .filter(Column::Issuer.eq(issuer))
            .filter(Column::Subject.eq(subject))
            .find_also_related(entity::user::Entity)
            .one(&self.reader)
            .await
            .map_err(failed("finding an identity"))?;
        Ok(found.and_then(|(_, user)| user))
    }

    /// The identities of a user, oldest first.
    pub(crate) async fn list_identities(&self, user: UserId) -> Result<Vec<IdentityRow>> {
        identities_of(&self.reader, user.uuid()).await
    }

    /// Notes that a sign-in by a provider is being finished; false when it was before.
    pub(crate) async fn use_sign_in(
        &self,
        id: Uuid,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool> {
        use entity::used_sign_in::{ActiveModel, Column, Entity};
        let context = "using a sign-in up";
        let row = ActiveModel {
            id: Set(id),
            expires_at: Set(expires_at),
        };
        let tx = self.begin_write().await?;
        Entity::delete_many()
            .filter(Column::ExpiresAt.lt(now))
            .exec(&tx)
            .await
            .map_err(failed(context))?;
        let inserted = Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(&tx)
            .await
            .map_err(failed(context))?;
        tx.commit().await.map_err(failed(context))?;
        Ok(inserted > 0)
    }
}

impl HeldUser {
    /// The identities of the user, which stay as they are until the end.
    pub(crate) async fn identities(&self) -> Result<Vec<IdentityRow>> {
        identities_of(&self.tx, self.user.id).await
    }

    /// Adds an identity.
    pub(crate) async fn insert_identity(&self, row: IdentityRow) -> Result<()> {
        insert_identity(&self.tx, row).await
    }
}

impl AccessChange {
    /// How many identities a user has, whose row is locked already.
    pub(crate) async fn count_identities(&self, user: UserId) -> Result<u64> {
        use entity::user_identity::{Column, Entity};
        Entity::find()
            .filter(Column::UserId.eq(user.uuid()))
            .count(&self.tx)
            .await
            .map_err(failed("counting identities"))
    }

    /// Adds an identity to a user, whose row is locked already, or new.
    pub(crate) async fn insert_identity(&self, row: IdentityRow) -> Result<()> {
        insert_identity(&self.tx, row).await
    }

    /// Takes an identity from a user, whose row is locked already, and gives it.
    pub(crate) async fn delete_identity(
        &self,
        user: UserId,
        id: IdentityId,
    ) -> Result<Option<IdentityRow>> {
        use entity::user_identity::{Column, Entity};
        let context = "taking an identity away";
        let found = Entity::find_by_id(id.uuid())
            .filter(Column::UserId.eq(user.uuid()))
            .one(&self.tx)
            .await
            .map_err(failed(context))?;
        if found.is_some() {
            Entity::delete_by_id(id.uuid())
                .exec(&self.tx)
                .await
                .map_err(failed(context))?;
        }
        Ok(found)
    }
}

async fn identities_of<C: ConnectionTrait>(db: &C, user: Uuid) -> Result<Vec<IdentityRow>> {
    use entity::user_identity::{Column, Entity};
    Entity::find()
        .filter(Column::UserId.eq(user))
        .order_by_asc(Column::Id)
        .all(db)
        .await
        .map_err(failed("listing identities"))
}

async fn insert_identity<C: ConnectionTrait>(db: &C, row: IdentityRow) -> Result<()> {
    entity::user_identity::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
        .map_err(failed_unique("linking an identity", "subject"))
}
