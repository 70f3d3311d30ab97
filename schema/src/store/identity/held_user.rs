//! A user whose row is held: what changes of its credentials, and what hangs on them.
//!
//! No right changes here, so the access version stays as it is; other nodes notice within a second, as
//! they read sessions anew.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::Expr,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AccessChange, failed, lock_user, sessions::revoke_all};
use crate::{
    error::Result,
    id::UserId,
    identity::{Draft, LinkPurpose},
    store::{Store, audit, identity::MailedLinkRow},
};

/// A transaction that holds the row of one user. Dropped without [`HeldUser::commit`], it leaves nothing.
#[derive(Debug)]
pub(crate) struct HeldUser {
    pub(super) tx: DatabaseTransaction,
    /// The user as it is until the end of the transaction.
    pub(crate) user: entity::user::Model,
}

impl Store {
    /// Holds a user.
    pub(crate) async fn hold_user(&self, id: UserId) -> Result<Option<HeldUser>> {
        let tx = self.begin_write().await?;
        let user = lock_user(&tx, id.uuid()).await?;
        Ok(user.map(|user| HeldUser { tx, user }))
    }

    /// A link that has neither ended nor expired, by the hash of its token.
    pub(crate) async fn find_link(
        &self,
        token_hash: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<MailedLinkRow>> {
        find_link(&self.reader, token_hash, now).await
    }
}

impl HeldUser {
    /// The same look after the row is held: what is found now is good until the end.
    pub(crate) async fn find_link(
        &self,
        token_hash: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<MailedLinkRow>> {
        let found = find_link(&self.tx, token_hash, now).await?;
        Ok(found.filter(|link| link.user_id == self.user.id))
    }

    /// How many links of a purpose were made for the user since then.
    pub(crate) async fn count_links(
        &self,
        purpose: LinkPurpose,
        since: OffsetDateTime,
    ) -> Result<u64> {
        use entity::mailed_link::{Column, Entity};
        Entity::find()
            .filter(Column::UserId.eq(self.user.id))
            .filter(Column::Purpose.eq(purpose.text()))
            .filter(Column::CreatedAt.gt(since))
            .count(&self.tx)
            .await
            .map_err(failed("counting links"))
    }

    /// Puts a link in the place of the one of its purpose.
    pub(crate) async fn insert_link(&self, row: MailedLinkRow) -> Result<()> {
        insert_link(&self.tx, row).await
    }

    /// Sets the password: every session and every link of the user ends.
    pub(crate) async fn set_password(&mut self, hash: String, now: OffsetDateTime) -> Result<()> {
        self.user.password_hash = Some(hash);
        self.user.auth_epoch += 1;
        self.user.updated_at = now;
        self.save().await?;
        revoke_all(&self.tx, self.user.id, now).await?;
        end_links(&self.tx, self.user.id, None, now).await
    }

    /// Writes the row as it is here.
    pub(crate) async fn save(&self) -> Result<()> {
        let row = self.user.clone().into_active_model().reset_all();
        let saved = row.update(&self.tx).await;
        saved
            .map(drop)
            .map_err(failed("changing the credentials of a user"))
    }

    /// Makes it last, with its entry in the audit log.
    pub(crate) async fn commit_noted(self, entry: &Draft) -> Result<()> {
        audit::append(&self.tx, std::slice::from_ref(entry)).await?;
        self.commit().await
    }

    /// Makes it last: what is counted and what waits for a second step is not noted.
    pub(crate) async fn commit(self) -> Result<()> {
        let committed = self.tx.commit().await;
        committed.map_err(failed("committing a change of credentials"))
    }
}

impl AccessChange {
    /// Puts a link in the place of the one of its purpose; the user's row is locked already, or new.
    pub(crate) async fn insert_link(&self, row: MailedLinkRow) -> Result<()> {
        insert_link(&self.tx, row).await
    }

    /// Ends all links of a user, whose row is locked already.
    pub(crate) async fn end_links(&self, user: UserId, now: OffsetDateTime) -> Result<()> {
        end_links(&self.tx, user.uuid(), None, now).await
    }
}

async fn find_link<C: ConnectionTrait>(
    db: &C,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<MailedLinkRow>> {
    use entity::mailed_link::{Column, Entity};
    Entity::find()
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .one(db)
        .await
        .map(|found| found.filter(|link| link.ended_at.is_none() && now < link.expires_at))
        .map_err(failed("finding a link"))
}

async fn insert_link<C: ConnectionTrait>(db: &C, row: MailedLinkRow) -> Result<()> {
    use entity::mailed_link::{Column, Entity};
    Entity::delete_many()
        .filter(Column::UserId.eq(row.user_id))
        .filter(Column::ExpiresAt.lt(row.created_at))
        .exec(db)
        .await
        .map_err(failed("deleting expired links"))?;
    end_links(db, row.user_id, Some(&row.purpose), row.created_at).await?;
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
        .map_err(failed("writing a link"))
}

/// Ends the links of a user, of one purpose or of all.
async fn end_links<C: ConnectionTrait>(
    db: &C,
    user: Uuid,
    purpose: Option<&str>,
    now: OffsetDateTime,
) -> Result<()> {
    use entity::mailed_link::{Column, Entity};
    let mut ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::UserId.eq(user))
        .filter(Column::EndedAt.is_null());
    if let Some(purpose) = purpose {
        ending = ending.filter(Column::Purpose.eq(purpose));
    }
    ending
        .exec(db)
        .await
        .map(drop)
        .map_err(failed("ending links"))
}
