//! The keys that access tokens are signed with.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use time::OffsetDateTime;

use super::{AccessChange, failed, failed_unique};
use crate::{
    error::{Error, Result},
    identity::Draft,
    store::{Store, audit},
};

/// What the keys of access tokens are kept as.
pub(crate) const KIND: &str = "jwt";

pub(crate) use entity::signing_key::Model as SigningKeyRow;

impl Store {
    /// The keys, oldest first.
    pub(crate) async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>> {
        read(&self.reader).await
    }

    /// Adds the key that follows another one, with its entry in the audit log. Where a second node is first, its
    /// key and its entry count.
    pub(crate) async fn add_signing_key(&self, after: &SigningKeyRow, entry: Draft) -> Result<()> {
        let tx = self.begin_write().await?;
        match insert(&tx, after, entry.at).await {
            Err(Error::UniqueConflict { .. }) => return Ok(()),
            added => added?,
        }
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(failed("adding a signing key"))
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

impl AccessChange {
    /// Adds a key behind the last one, which it replaces together with all others where they end. A node that
    /// rotates by age at the same time is in the way: then it has to be tried again.
    pub(crate) async fn rotate_signing_keys(
        &self,
        old_ones_end: bool,
        now: OffsetDateTime,
    ) -> Result<()> {
        use entity::signing_key::{Column, Entity};
        let rows = read(&self.tx).await?;
        let last = rows.last().ok_or(Error::Busy)?;
        if old_ones_end {
            Entity::delete_many()
                .filter(Column::Kind.eq(KIND))
                .exec(&self.tx)
                .await
                .map_err(failed("deleting the signing keys"))?;
        }
        match insert(&self.tx, last, now).await {
            Err(Error::UniqueConflict { .. }) => Err(Error::Busy),
            added => added,
        }
    }
}

async fn read<C: ConnectionTrait>(db: &C) -> Result<Vec<SigningKeyRow>> {
    use entity::signing_key::{Column, Entity};
    Entity::find()
        .filter(Column::Kind.eq(KIND))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
        .map_err(failed("loading the signing keys"))
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
