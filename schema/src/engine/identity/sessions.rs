//! Sessions of people: listed and ended, by themselves and by admins.

use serde_json::json;

use super::{Judged, Managing, managing::load_user_in, not_found};
use crate::{
    access::{Caller, Principal},
    engine::Engine,
    error::{Error, Result},
    id::{SessionId, UserId},
    identity::{AuditKind, AuditObject, Draft, Listed, Listing, SessionDescription},
    store::identity::UserRow,
    value::instant_text,
};

impl Engine {
    /// One page of the caller's own open sessions, oldest first.
    pub async fn list_own_sessions(
        &self,
        caller: &Caller,
        listing: Listing,
    ) -> Result<Listed<SessionDescription>> {
        self.sessions_of(caller, own(caller)?, listing).await
    }

    /// Ends one of the caller's own sessions, which may be the one that it asks with.
    pub async fn revoke_own_session(&self, caller: &Caller, session: SessionId) -> Result<()> {
        let user = own(caller)?;
        self.end_sessions(caller, user, Some(session)).await
    }

    /// One page of the open sessions of a user, oldest first.
    pub async fn list_sessions(
        &self,
        caller: &Caller,
        user: UserId,
        listing: Listing,
    ) -> Result<Listed<SessionDescription>> {
        let managing = self.managing(caller)?;
        self.load_managed(&managing, user).await?;
        self.sessions_of(caller, user, listing).await
    }

    /// Ends one session of a user, or all of them. That there is none to end is a failure only of the one.
    pub async fn revoke_sessions(
        &self,
        caller: &Caller,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<()> {
        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let row = load_user_in(&change, &managing, user).await?;
        managing.check_reaches_user(&row)?;
        let now = self.clock.now();
        let ended = change.revoke_open_sessions(user, session, now).await?;
        if ended.is_empty() {
            return none_ended(session);
        }
        let object = (AuditObject::User, user.uuid());
        let entry = Draft::of(caller, AuditKind::SessionsRevoked, object);
        let entry = entry.with("sessions", json!(ended));
        self.commit_access(change, entry).await
    }

    /// A user, if it is one of those that are managed.
    pub(super) async fn load_managed(&self, managing: &Managing, user: UserId) -> Result<UserRow> {
        let found = self.store.find_user(user).await?;
        let seen = found.filter(|row| managing.sees(row.user.partner_id));
        seen.ok_or_else(|| not_found("user", user))
    }

    async fn sessions_of(
        &self,
        caller: &Caller,
        user: UserId,
        listing: Listing,
    ) -> Result<Listed<SessionDescription>> {
        let now = self.clock.now();
        let listed = self.store.list_sessions(user, listing, now).await?;
        let shown = listed.items.into_iter().map(|row| shown(caller, row));
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    async fn end_sessions(
        &self,
        caller: &Caller,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<()> {
        let object = (AuditObject::User, user.uuid());
        let entry = Draft {
            at: self.clock.now(),
            ..Draft::of(caller, AuditKind::SessionsRevoked, object)
        };
        let ended = self.store.revoke_sessions_of(user, session, entry).await?;
        self.principals.forget();
        if ended == 0 {
            return none_ended(session);
        }
        Ok(())
    }
}

/// That there was nothing to end is a failure only where one session was named.
fn none_ended(session: Option<SessionId>) -> Result<()> {
    match session {
        Some(session) => Err(not_found("session", session)),
        None => Ok(()),
    }
}

/// The user who asks. Keys have no sessions.
fn own(caller: &Caller) -> Result<UserId> {
    match caller.principal {
        Principal::User(user) => Ok(user),
        Principal::Key(_) | Principal::Anonymous | Principal::System { .. } => Err(
            Error::Forbidden("only people have sessions; a key is revoked instead".to_owned()),
        ),
    }
}

fn shown(caller: &Caller, row: entity::session::Model) -> SessionDescription {
    let id = SessionId::new(row.family_id);
    SessionDescription {
        id,
        created_at: instant_text(row.signed_in_at.unwrap_or(row.created_at)),
        last_used_at: instant_text(row.created_at),
        expires_at: instant_text(row.expires_at),
        address: row.address,
        user_agent: row.user_agent,
        current: caller.origin.session == Some(id),
    }
}
