//! Sign-in: sessions of people. These work on credentials and so take no caller: they make one.
//!
//! The check of the password is the face's, since hashing is slow and needs threads. It verifies
//! against a hash of its own when there is no user, and only then comes back to open the session.

use time::Duration;

use super::principals::unauthenticated;
use crate::{
    engine::Engine,
    error::{Error, Result},
    id::{SessionId, UserId},
    identity::{
        Secret, SessionTokens, SignIn, check_email, hash_refresh_token, random_refresh_token,
    },
    store::identity::Rotation,
};

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
        Ok(Some(SignIn {
            active: user.active && self.partner_is_active(&user).await?,
            user: UserId::new(user.id),
            password_hash: user.password_hash.map(Secret::new),
            auth_epoch: user.auth_epoch,
        }))
    }

    /// Opens a session for a user whose password was verified.
    pub async fn create_session(&self, verified: &SignIn) -> Result<SessionTokens> {
        let (blank, refresh_token) = self.new_session()?;
        let session = entity::session::Model {
            family_id: blank.id,
            user_id: verified.user.uuid(),
            auth_epoch: verified.auth_epoch,
            ..blank
        };
        if !self.store.insert_session(session.clone()).await? {
            return Err(unauthenticated());
        }
        tracing::info!(user.id = %verified.user, session.id = %session.family_id, "signed in");
        Ok(tokens_of(&session, refresh_token))
    }

    /// Exchanges a refresh token for the next one. A token that was used before ends the session: it
    /// is in two hands.
    pub async fn rotate_session(&self, refresh_token: &str) -> Result<SessionTokens> {
        let hash = hash_refresh_token(refresh_token).ok_or_else(unauthenticated)?;
        let (next, refresh_token) = self.new_session()?;
        match self.store.rotate_session(&hash, next).await? {
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
    pub async fn revoke_session(&self, refresh_token: &str) -> Result<()> {
        let Some(hash) = hash_refresh_token(refresh_token) else {
            return Ok(());
        };
        self.store.revoke_session(&hash, self.clock.now()).await?;
        self.principals.forget();
        Ok(())
    }

    /// The seed of the key that access tokens are signed with; all nodes share it.
    pub async fn load_signing_seed(&self) -> Result<Vec<u8>> {
        let now = self.clock.now();
        self.store.load_or_create_secret("jwt", now).await
    }

    /// A row of which family, user and epoch are still missing, and the token that it holds.
    fn new_session(&self) -> Result<(entity::session::Model, Secret)> {
        let now = self.clock.now();
        let token = random_refresh_token();
        let token_hash = hash_refresh_token(token.reveal())
            .ok_or_else(|| Error::internal("making a refresh token", "its form is wrong"))?;
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
        };
        Ok((row, token))
    }
}

fn tokens_of(session: &entity::session::Model, refresh_token: Secret) -> SessionTokens {
    SessionTokens {
        user: UserId::new(session.user_id),
        session: SessionId::new(session.family_id),
        auth_epoch: session.auth_epoch,
        refresh_token,
    }
}
