//! Second factors: recovery codes, and sign-ins that wait for a code.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, Set,
};
use uuid::Uuid;

use super::{AccessChange, HeldUser, failed, sessions::insert as insert_session};
use crate::{error::Result, id::UserId, store::Store};

pub(crate) use entity::sign_in_challenge::Model as ChallengeRow;

impl Store {
    /// A challenge by the hash of its token.
    pub(crate) async fn find_challenge(&self, token_hash: &[u8]) -> Result<Option<ChallengeRow>> {
        find_challenge(&self.reader, token_hash).await
    }
}

impl HeldUser {
    /// The same look after the row is held: what is found now stays until the end.
    pub(crate) async fn find_challenge(&self, token_hash: &[u8]) -> Result<Option<ChallengeRow>> {
        let found = find_challenge(&self.tx, token_hash).await?;
        Ok(found.filter(|challenge| challenge.user_id == self.user.id))
    }

    /// Adds a challenge, and drops those of the user that have expired.
    pub(crate) async fn insert_challenge(&self, row: ChallengeRow) -> Result<()> {
        use entity::sign_in_challenge::{Column, Entity};
        Entity::delete_many()
            .filter(Column::UserId.eq(self.user.id))
            .filter(Column::ExpiresAt.lt(row.created_at))
            .exec(&self.tx)
            .await
            .map_err(failed("deleting expired challenges"))?;
        Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("writing a challenge"))
    }

    /// How many challenges the user has.
    pub(crate) async fn count_challenges(&self) -> Result<u64> {
        use entity::sign_in_challenge::{Column, Entity};
        Entity::find()
            .filter(Column::UserId.eq(self.user.id))
            .count(&self.tx)
            .await
            .map_err(failed("counting challenges"))
    }

    /// Ends one challenge.
    pub(crate) async fn delete_challenge(&self, id: Uuid) -> Result<()> {
        entity::sign_in_challenge::Entity::delete_by_id(id)
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("ending a challenge"))
    }

    /// Ends all challenges of the user.
    pub(crate) async fn delete_challenges(&self) -> Result<()> {
        delete_challenges(&self.tx, self.user.id).await
    }

    /// Uses a recovery code up; false when it is none.
    pub(crate) async fn use_recovery_code(&self, hash: &[u8]) -> Result<bool> {
        use entity::recovery_code::{Column, Entity};
        let used = Entity::delete_many()
            .filter(Column::UserId.eq(self.user.id))
            .filter(Column::CodeHash.eq(hash.to_vec()))
            .exec(&self.tx)
            .await
            .map_err(failed("using a recovery code"))?;
        Ok(used.rows_affected > 0)
    }

    /// Puts these recovery codes, by id and hash, in the place of those that the user had.
    pub(crate) async fn replace_recovery_codes(&self, codes: Vec<(Uuid, Vec<u8>)>) -> Result<()> {
        delete_recovery_codes(&self.tx, self.user.id).await?;
        if codes.is_empty() {
            return Ok(());
        }
        let rows = codes
            .into_iter()
            .map(|(id, hash)| entity::recovery_code::ActiveModel {
                id: Set(id),
                user_id: Set(self.user.id),
                code_hash: Set(hash),
            });
        entity::recovery_code::Entity::insert_many(rows)
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("writing recovery codes"))
    }

    /// Opens a session of the user.
    pub(crate) async fn insert_session(&self, row: entity::session::Model) -> Result<()> {
        insert_session(&self.tx, row).await
    }
}

impl AccessChange {
    /// Drops what hangs on the second factor of a user, whose row is locked already.
    pub(crate) async fn delete_second_factor(&self, user: UserId) -> Result<()> {
        delete_recovery_codes(&self.tx, user.uuid()).await?;
        delete_challenges(&self.tx, user.uuid()).await
    }
}

async fn find_challenge<C: ConnectionTrait>(
    db: &C,
    token_hash: &[u8],
) -> Result<Option<ChallengeRow>> {
    use entity::sign_in_challenge::{Column, Entity};
    Entity::find()
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .one(db)
        .await
        .map_err(failed("finding a challenge"))
}

async fn delete_challenges<C: ConnectionTrait>(db: &C, user: Uuid) -> Result<()> {
    use entity::sign_in_challenge::{Column, Entity};
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .exec(db)
        .await
        .map(drop)
        .map_err(failed("ending challenges"))
}

async fn delete_recovery_codes<C: ConnectionTrait>(db: &C, user: Uuid) -> Result<()> {
    use entity::recovery_code::{Column, Entity};
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .exec(db)
        .await
        .map(drop)
        .map_err(failed("deleting recovery codes"))
}
