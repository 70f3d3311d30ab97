//! Refresh sessions. All tokens that came from one sign-in share a family, which ends as a whole.
//!
//! Whoever opens, prolongs or ends a session locks the row of its user first, so that no token is
//! made in a family while another request ends it.

use std::net::IpAddr;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{AccessChange, failed, lock_user};
use crate::{
    access::Origin,
    error::Result,
    id::{SessionId, UserId},
    identity::{AuditKind, Draft, Listed, Listing},
    store::{Store, audit},
};

/// A token may be used a second time this long, for a client that lost the answer or asked twice.
const GRACE: Duration = Duration::seconds(10);

/// What became of the exchange of a refresh token.
#[derive(Debug)]
pub(crate) enum Rotation {
    /// A new token stands in its place.
    Rotated(entity::session::Model),
    /// The token is unknown, expired or revoked, or its user may not sign in any more.
    Refused,
    /// The token was used before: somebody has a copy, so the whole family has ended.
    Reused {
        /// Whose session it was.
        user: UserId,
    },
}

impl Store {
    /// Opens a session for a user who is still active in the same epoch.
    pub(crate) async fn insert_session(
        &self,
        row: entity::session::Model,
        entry: Draft,
    ) -> Result<bool> {
        let context = "opening a session";
        let tx = self.begin_write().await?;
        let user = lock_user(&tx, row.user_id).await?;
        if !user.is_some_and(|user| user.active && user.auth_epoch == row.auth_epoch) {
            return Ok(false);
        }
        entity::session::Entity::delete_many()
            .filter(entity::session::Column::UserId.eq(row.user_id))
            .filter(entity::session::Column::ExpiresAt.lt(row.created_at))
            .exec(&tx)
            .await
            .map_err(failed("deleting expired sessions"))?;
        insert(&tx, row).await?;
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(failed(context))?;
        Ok(true)
    }

    /// Exchanges a token for `next`, of which family, user and epoch are taken from the token.
    pub(crate) async fn rotate_session(
        &self,
        token_hash: &[u8],
        next: entity::session::Model,
        from: Option<IpAddr>,
    ) -> Result<Rotation> {
        let now = next.created_at;
        let tx = self.begin_write().await?;
        let Some(found) = find_by_hash(&tx, token_hash).await? else {
            return Ok(Rotation::Refused);
        };
        let user = lock_user(&tx, found.user_id).await?;
        // Read again: only now does it stand still.
        let Some(session) = find_by_hash(&tx, token_hash).await? else {
            return Ok(Rotation::Refused);
        };
        let is_good = session.revoked_at.is_none()
            && now < session.expires_at
            && user.is_some_and(|user| user.active && user.auth_epoch == session.auth_epoch);
        if !is_good {
            return Ok(Rotation::Refused);
        }
        if session.used_at.is_some_and(|used_at| now - used_at > GRACE) {
            revoke_family(&tx, session.family_id, now).await?;
            let user = UserId::new(session.user_id);
            let origin = origin_of(&session, from);
            let entry = Draft::of_session(user, AuditKind::RefreshReused, (origin, now));
            audit::append(&tx, &[entry]).await?;
            tx.commit().await.map_err(failed("ending a session"))?;
            return Ok(Rotation::Reused { user });
        }
        let next = entity::session::Model {
            family_id: session.family_id,
            user_id: session.user_id,
            auth_epoch: session.auth_epoch,
            signed_in_at: session.signed_in_at,
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            ..next
        };
        if session.used_at.is_none() {
            let mut used = session.into_active_model();
            used.used_at = sea_orm::Set(Some(now));
            used.update(&tx)
                .await
                .map_err(failed("using a refresh token"))?;
        }
        insert(&tx, next.clone()).await?;
        tx.commit().await.map_err(failed("prolonging a session"))?;
        Ok(Rotation::Rotated(next))
    }

    /// Ends the family of a token; nothing happens when there is none.
    pub(crate) async fn revoke_session(
        &self,
        token_hash: &[u8],
        now: OffsetDateTime,
        from: Option<IpAddr>,
    ) -> Result<()> {
        let tx = self.begin_write().await?;
        let Some(session) = find_by_hash(&tx, token_hash).await? else {
            return Ok(());
        };
        lock_user(&tx, session.user_id).await?;
        if revoke_family(&tx, session.family_id, now).await? == 0 {
            return Ok(());
        }
        let user = UserId::new(session.user_id);
        let origin = origin_of(&session, from);
        let entry = Draft::of_session(user, AuditKind::SignOut, (origin, now));
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(failed("ending a session"))
    }

    /// One page of the sessions of a user that can still be prolonged, oldest first: of each the latest
    /// token.
    pub(crate) async fn list_sessions(
        &self,
        user: UserId,
        listing: Listing,
        now: OffsetDateTime,
    ) -> Result<Listed<entity::session::Model>> {
        use entity::session::{Column, Entity};
        let context = "listing sessions";
        let open = Entity::find()
            .filter(Column::UserId.eq(user.uuid()))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(now));
        let mut families = open
            .clone()
            .select_only()
            .column(Column::FamilyId)
            .distinct()
            .order_by_asc(Column::FamilyId)
            .limit(listing.limit + 1);
        if let Some(after) = listing.after {
            families = families.filter(Column::FamilyId.gt(after));
        }
        let families: Vec<Uuid> = families
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(failed(context))?;
        let listed = listing.cut(families);
        let tokens = open
            .filter(Column::FamilyId.is_in(listed.items.clone()))
            .order_by_asc(Column::FamilyId)
            .order_by_desc(Column::Id);
        let tokens = tokens.all(&self.reader).await.map_err(failed(context))?;
        let mut items: Vec<entity::session::Model> = Vec::new();
        for token in tokens {
            // The ids of tokens ascend, so the first one of a family is the latest.
            if items
                .last()
                .is_none_or(|last| last.family_id != token.family_id)
            {
                items.push(token);
            }
        }
        Ok(Listed {
            items,
            has_next: listed.has_next,
        })
    }

    /// Ends one session of a user, or all; gives how many were open.
    pub(crate) async fn revoke_sessions_of(
        &self,
        user: UserId,
        session: Option<SessionId>,
        entry: Draft,
    ) -> Result<usize> {
        let now = entry.at;
        let tx = self.begin_write().await?;
        lock_user(&tx, user.uuid()).await?;
        let open = revoke_open(&tx, user, session, now).await?;
        if open.is_empty() {
            return Ok(0);
        }
        let entry = entry.with("sessions", json!(open));
        audit::append(&tx, &[entry]).await?;
        tx.commit().await.map_err(failed("ending sessions"))?;
        Ok(open.len())
    }

    /// Whether the family has a token that was not revoked.
    pub(crate) async fn session_is_open(&self, family: SessionId, user: UserId) -> Result<bool> {
        is_open(&self.reader, family, user).await
    }
}

impl AccessChange {
    /// Ends one session of a user, or all; gives those that were open. The user's row is locked already.
    pub(crate) async fn revoke_open_sessions(
        &self,
        user: UserId,
        session: Option<SessionId>,
        now: OffsetDateTime,
    ) -> Result<Vec<Uuid>> {
        revoke_open(&self.tx, user, session, now).await
    }

    /// Whether the family has a token that was not revoked.
    pub(crate) async fn session_is_open(&self, family: SessionId, user: UserId) -> Result<bool> {
        is_open(&self.tx, family, user).await
    }

    /// Ends every session of a user, whose row is locked already.
    pub(crate) async fn revoke_sessions(&self, user: UserId, now: OffsetDateTime) -> Result<()> {
        revoke_all(&self.tx, user.uuid(), now).await
    }
}

async fn is_open<C: ConnectionTrait>(db: &C, family: SessionId, user: UserId) -> Result<bool> {
    use entity::session::{Column, Entity};
    let open = Entity::find()
        .filter(Column::FamilyId.eq(family.uuid()))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::RevokedAt.is_null())
        .count(db)
        .await
        .map_err(failed("finding a session"))?;
    Ok(open > 0)
}

/// Ends one session of a user, or all; gives the families that were open.
async fn revoke_open<C: ConnectionTrait>(
    db: &C,
    user: UserId,
    session: Option<SessionId>,
    now: OffsetDateTime,
) -> Result<Vec<Uuid>> {
    use entity::session::{Column, Entity};
    let context = "ending sessions";
    let mut open = Entity::find()
        .select_only()
        .column(Column::FamilyId)
        .distinct()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now));
    if let Some(session) = session {
        open = open.filter(Column::FamilyId.eq(session.uuid()));
    }
    let open: Vec<Uuid> = open.into_tuple().all(db).await.map_err(failed(context))?;
    if open.is_empty() {
        return Ok(open);
    }
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::FamilyId.is_in(open.clone()))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await
        .map_err(failed(context))?;
    Ok(open)
}

/// Ends every session of a user, whose row is locked already.
pub(super) async fn revoke_all<C: ConnectionTrait>(
    db: &C,
    user: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    use entity::session::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::UserId.eq(user))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await
        .map(drop)
        .map_err(failed("ending the sessions of a user"))
}

pub(super) async fn insert<C: ConnectionTrait>(db: &C, row: entity::session::Model) -> Result<()> {
    entity::session::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
        .map_err(failed("writing a session"))
}

async fn find_by_hash<C: ConnectionTrait>(
    db: &C,
    token_hash: &[u8],
) -> Result<Option<entity::session::Model>> {
    entity::session::Entity::find()
        .filter(entity::session::Column::TokenHash.eq(token_hash.to_vec()))
        .one(db)
        .await
        .map_err(failed("finding a session"))
}

/// Where a request that brings this token comes from.
fn origin_of(session: &entity::session::Model, address: Option<IpAddr>) -> Origin {
    Origin {
        address,
        session: Some(SessionId::new(session.family_id)),
    }
}

/// Ends a family; gives how many of its tokens that ended.
async fn revoke_family<C: ConnectionTrait>(
    db: &C,
    family: Uuid,
    now: OffsetDateTime,
) -> Result<u64> {
    use entity::session::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::FamilyId.eq(family))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await
        .map(|done| done.rows_affected)
        .map_err(failed("ending a session"))
}
