//! The keys that access tokens are signed with.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use time::OffsetDateTime;

use super::{failed, failed_unique};
use crate::{
    error::{Error, Result},
    store::Store,
};

/// What the keys of access tokens are kept as.
pub(crate) const KIND: &str = "jwt";

pub(crate) use entity::signing_key::Model as SigningKeyRow;

impl Store {
    /// The keys, oldest first.
    pub(crate) async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>> {
        use entity::signing_key::{Column, Entity};
        Entity::find()
            .filter(Column::Kind.eq(KIND))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed("loading the signing keys"))
    }

    /// Adds the key that follows another one. Where a second node is first, its key counts.
    pub(crate) async fn add_signing_key(
        &self,
        after: &SigningKeyRow,
        now: OffsetDateTime,
    ) -> Result<()> {
        match insert(&self.writer, after, now).await {
            Err(Error::UniqueConflict { .. }) => Ok(()),
            added => added,
        }
    }

    /// Puts a new key in the place of all others.
    pub(crate) async fn replace_signing_keys(
        &self,
        last: &SigningKeyRow,
        now: OffsetDateTime,
    ) -> Result<()> {
        use entity::signing_key::{Column, Entity};
        let tx = self.begin_write().await?;
        Entity::delete_many()
            .filter(Column::Kind.eq(KIND))
            .exec(&tx)
            .await
            .map_err(failed("deleting the signing keys"))?;
        insert(&tx, last, now).await?;
        tx.commit()
            .await
            .map_err(failed("replacing the signing keys"))
    }

    /// Deletes keys that nothing is checked with any more.
    pub(crate) async fn delete_signing_keys(&self, ids: Vec<String>) -> Result<()> {
        use entity::signing_key::{Column, Entity};
        Entity::delete_many()
            .filter(Column::Kind.eq(KIND))
            .filter(Column::Id.is_in(ids))
            .exec(&self.writer)
            .await
            .map(drop)
            .map_err(failed("deleting signing keys"))
    }
}

/// The name of a key says which one it follows: of two nodes that make it, one succeeds.
async fn insert<C: ConnectionTrait>(
    db: &C,
    after: &SigningKeyRow,
    now: OffsetDateTime,
) -> Result<()> {
    let secret: [u8; 32] = rand::random();
    let row = entity::signing_key::ActiveModel {
        id: Set(format!(
            "{KIND}-{}",
            after.created_at.unix_timestamp_nanos()
        )),
        kind: Set(KIND.to_owned()),
        secret: Set(secret.to_vec()),
        created_at: Set(now),
    };
    entity::signing_key::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
        .map_err(failed_unique("adding a signing key", "id"))
}
