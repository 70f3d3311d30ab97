//! Sign-in: sessions of people. These work on credentials and so take no caller: they make one.
//!
//! The check of the password is the face's, since hashing is slow and needs threads. It verifies
//! against a hash of its own when there is no user, and only then comes back to open the session.

use std::net::IpAddr;

use serde_json::json;
use time::Duration;

use super::principals::unauthenticated;
use crate::{
    access::Origin,
    engine::Engine,
    error::Result,
    id::{SessionId, UserId},
    identity::{Arrival, AuditKind, Draft, Secret, SessionTokens, SignIn, TokenKind, check_email},
    store::identity::Rotation,
};

/// How long a network counts as one of a user after the last sign-in from it.
const NETWORK_LIFETIME: Duration = Duration::days(90);

/// How many networks of a user are kept.
const MOST_NETWORKS: u64 = 20;

/// How long a refresh token can wait to be used.
const REFRESH_LIFETIME: Duration = Duration::days(14);

impl Engine {
    /// The user behind a sign-in name, whether or not it may sign in.
    pub async fn find_user_for_sign_in(&self, email: &str) -> Result<Option<SignIn>> {
        let Ok(email) = check_email(email) else {
            return Ok(None);
        };
        let Some(user) = self.store.find_user_by_email(&email).await? else {
            return Ok(None);
        };
        let partner_is_active = self.partner_is_active(&user).await?;
        let found = SignIn::of(user);
        Ok(Some(SignIn {
            active: found.active && partner_is_active,
            ..found
        }))
    }

    /// Whether the user has signed in from this network in the last 90 days. Without a user it takes as
    /// long and answers false.
    pub async fn knows_network(&self, user: Option<UserId>, network: &str) -> Result<bool> {
        let since = self.clock.now() - NETWORK_LIFETIME;
        let id = user.map_or(uuid::Uuid::nil(), UserId::uuid);
        self.store.knows_network(id, network, since).await
    }

    /// Notes that the user has signed in from this network.
    pub async fn note_network(&self, user: UserId, network: &str) -> Result<()> {
        let now = self.clock.now();
        let known = (user.uuid(), network);
        self.store.note_network(known, now, MOST_NETWORKS).await
    }

    /// Opens a session for a user whose first factor was verified.
    pub async fn create_session(&self, verified: &SignIn, from: &Arrival) -> Result<SessionTokens> {
        let (session, refresh_token) =
            self.new_session_of(verified.user, verified.auth_epoch, from);
        let entry = signed_in(&session, from, verified.provider.as_deref());
        if !self.store.insert_session(session.clone(), entry).await? {
            self.note_failed_sign_in(Some(verified.user), origin_at(from.address));
            return Err(unauthenticated());
        }
        tracing::info!(user.id = %verified.user, session.id = %session.family_id, "signed in");
        Ok(tokens_of(&session, refresh_token))
    }

    /// Exchanges a refresh token for the next one. A token that was used before ends the session: it
    /// is in two hands.
    pub async fn rotate_session(
        &self,
        refresh_token: &str,
        from: Option<IpAddr>,
    ) -> Result<SessionTokens> {
        let hash = TokenKind::REFRESH
            .hash(refresh_token)
            .ok_or_else(unauthenticated)?;
        let (next, refresh_token) = self.new_session();
        match self.store.rotate_session(&hash, next, from).await? {
            Rotation::Rotated(session) => Ok(tokens_of(&session, refresh_token)),
            Rotation::Refused => Err(unauthenticated()),
            Rotation::Reused { user } => {
                self.principals.forget();
                tracing::warn!(user.id = %user, "a refresh token was used twice; its session has ended");
                Err(unauthenticated())
            }
        }
    }

    /// Ends the session of a refresh token. What is no token is no failure: nothing is left to end.
    pub async fn revoke_session(&self, refresh_token: &str, from: Option<IpAddr>) -> Result<()> {
        let Some(hash) = TokenKind::REFRESH.hash(refresh_token) else {
            return Ok(());
        };
        let now = self.clock.now();
        self.store.revoke_session(&hash, now, from).await?;
        self.principals.forget();
        Ok(())
    }

    /// The first row of a session, and the token that it holds.
    pub(super) fn new_session_of(
        &self,
        user: UserId,
        auth_epoch: i32,
        from: &Arrival,
    ) -> (entity::session::Model, Secret) {
        let (blank, refresh_token) = self.new_session();
        let session = entity::session::Model {
            family_id: blank.id,
            user_id: user.uuid(),
            auth_epoch,
            signed_in_at: Some(blank.created_at),
            address: from.address.map(|address| address.to_string()),
            user_agent: from.kept_agent(),
            ..blank
        };
        (session, refresh_token)
    }

    /// A row of which family, user and epoch are still missing, and the token that it holds.
    fn new_session(&self) -> (entity::session::Model, Secret) {
        let now = self.clock.now();
        let token = TokenKind::REFRESH.random();
        let token_hash = TokenKind::hash_of(token.reveal());
        let row = entity::session::Model {
            id: self.ids.uuid(now),
            family_id: uuid::Uuid::nil(),
            user_id: uuid::Uuid::nil(),
            token_hash,
            auth_epoch: 0,
            expires_at: now + REFRESH_LIFETIME,
            used_at: None,
            revoked_at: None,
            created_at: now,
            signed_in_at: None,
            address: None,
            user_agent: None,
        };
        (row, token)
    }
}

/// The entry of a sign-in, by a provider where one is named.
pub(super) fn signed_in(
    session: &entity::session::Model,
    from: &Arrival,
    provider: Option<&str>,
) -> Draft {
    let origin = Origin {
        address: from.address,
        session: Some(SessionId::new(session.family_id)),
    };
    let at = (origin, session.created_at);
    let entry = Draft::of_session(UserId::new(session.user_id), AuditKind::SignIn, at);
    let entry = entry.with("userAgent", json!(session.user_agent));
    match provider {
        Some(provider) => entry.with("provider", json!(provider)),
        None => entry,
    }
}

/// The origin of a request that has no session yet.
pub(super) fn origin_at(address: Option<IpAddr>) -> Origin {
    Origin {
        address,
        session: None,
    }
}

pub(super) fn tokens_of(session: &entity::session::Model, refresh_token: Secret) -> SessionTokens {
    SessionTokens {
        user: UserId::new(session.user_id),
        session: SessionId::new(session.family_id),
        auth_epoch: session.auth_epoch,
        refresh_token,
    }
}
