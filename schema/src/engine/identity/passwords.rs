//! Passwords that people choose themselves: by a mailed link, or with the one that they have.
//!
//! Hashing is the face's, as with sign-in. Nothing here tells whether somebody has an account.

use std::net::IpAddr;

use time::Duration;

use super::{
    Judged, managing::load_user_in, member, principals::unauthenticated, sign_in::origin_at,
};
use crate::{
    access::{Caller, Origin, Principal},
    engine::Engine,
    error::{Error, FaultCode, Result},
    id::UserId,
    identity::{
        AuditKind, AuditObject, Draft, LinkPurpose, MailedLink, Secret, SignIn, TokenKind,
        check_email,
    },
    store::identity::MailedLinkRow,
};

/// The most links that somebody who has forgotten the password is sent within an hour, whoever asks.
const MOST_RESETS: u64 = 5;

impl Engine {
    /// Makes a link with which a user chooses a password; one that was made before ends.
    pub async fn invite_user(&self, caller: &Caller, id: UserId) -> Result<MailedLink> {
        self.managing(caller)?;
        if caller.principal == Principal::User(id) {
            return Err(Error::Forbidden(
                "your own password is changed by POST /v1/auth/password/change".to_owned(),
            ));
        }
        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let mut known = load_user_in(&change, &managing, id).await?;
        managing.check_reaches_user(&known)?;
        if !known.user.active {
            return Err(Error::Conflict(
                "the user is not active; activate it first".to_owned(),
            ));
        }
        let (row, link) = self.new_link(&known.user, LinkPurpose::Invitation);
        change.insert_link(row).await?;
        if managing.is_of_lead() {
            // The link may be given to the lead to be passed on.
            known.user.known_to_lead = true;
            change.update_user(known).await?;
        }
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(caller, AuditKind::UserInvited, object);
        self.commit_access(change, entry).await?;
        Ok(link)
    }

    /// Makes a link for whoever has forgotten the password of this sign-in name: nothing when there is no
    /// active user with a password, and nothing when links enough were made.
    pub async fn make_reset_link(
        &self,
        email: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<MailedLink>> {
        let Ok(email) = check_email(email) else {
            return Ok(None);
        };
        let Some(found) = self.store.find_user_by_email(&email).await? else {
            return Ok(None);
        };
        let Some(held) = self.store.hold_user(UserId::new(found.id)).await? else {
            return Ok(None);
        };
        let is_theirs =
            held.user.active && held.user.password_hash.is_some() && held.user.email == email;
        let since = self.clock.now() - Duration::hours(1);
        if !is_theirs || held.count_links(LinkPurpose::Reset, since).await? >= MOST_RESETS {
            return Ok(None);
        }
        let (row, link) = self.new_link(&held.user, LinkPurpose::Reset);
        held.insert_link(row).await?;
        let who = (Principal::Anonymous, origin_at(from), self.clock.now());
        let user = UserId::new(found.id);
        let entry = Draft::of_credentials(user, AuditKind::PasswordForgotten, who);
        held.commit_noted(&entry).await?;
        tracing::info!(user.id = %found.id, "a link to choose a password was made");
        Ok(Some(link))
    }

    /// Refuses a token with which nobody can choose a password, before a password is hashed for it.
    pub async fn check_link(&self, token: &str) -> Result<()> {
        let hash = TokenKind::LINK.hash(token).ok_or_else(void_link)?;
        let found = self.store.find_link(&hash, self.clock.now()).await?;
        found.map(drop).ok_or_else(void_link)
    }

    /// Sets the password of the user whom a link was mailed to. It ends the link, all others of the user,
    /// and all of the user's sessions.
    pub async fn reset_password(
        &self,
        token: &str,
        password_hash: String,
        from: Option<IpAddr>,
    ) -> Result<()> {
        let hash = TokenKind::LINK.hash(token).ok_or_else(void_link)?;
        let now = self.clock.now();
        let link = self.store.find_link(&hash, now).await?;
        let user = UserId::new(link.ok_or_else(void_link)?.user_id);
        let held = self.store.hold_user(user).await?;
        let mut held = held.ok_or_else(void_link)?;
        if !held.user.active || held.find_link(&hash, now).await?.is_none() {
            return Err(void_link());
        }
        held.set_password(password_hash, now).await?;
        let who = (Principal::User(user), origin_at(from), now);
        let entry = Draft::of_credentials(user, AuditKind::PasswordReset, who);
        held.commit_noted(&entry).await?;
        self.principals.forget();
        tracing::info!(user.id = %user, "password set by a mailed link");
        Ok(())
    }

    /// The caller's own password, to be verified before it changes. Only people have one.
    pub async fn load_own_sign_in(&self, caller: &Caller) -> Result<SignIn> {
        let Principal::User(id) = caller.principal else {
            return Err(Error::Forbidden("only people have passwords".to_owned()));
        };
        let found = self.store.find_user(id).await?;
        let user = found.ok_or_else(unauthenticated)?.user;
        Ok(SignIn::of(user))
    }

    /// Changes the password of a user whose old one was verified. It ends all sessions and links of the
    /// user; the answer is what a new session is made of.
    pub async fn change_own_password(
        &self,
        verified: &SignIn,
        password_hash: String,
        origin: Origin,
    ) -> Result<SignIn> {
        let held = self.store.hold_user(verified.user).await?;
        let mut held = held.ok_or_else(unauthenticated)?;
        if !held.user.active || held.user.auth_epoch != verified.auth_epoch {
            return Err(unauthenticated());
        }
        held.set_password(password_hash, self.clock.now()).await?;
        let after = SignIn::of(held.user.clone());
        let who = (Principal::User(verified.user), origin, self.clock.now());
        let entry = Draft::of_credentials(verified.user, AuditKind::PasswordChanged, who);
        held.commit_noted(&entry).await?;
        self.principals.forget();
        tracing::info!(user.id = %verified.user, "password changed");
        Ok(after)
    }

    /// The row of a link, and the link itself.
    pub(super) fn new_link(
        &self,
        user: &entity::user::Model,
        purpose: LinkPurpose,
    ) -> (MailedLinkRow, MailedLink) {
        let now = self.clock.now();
        let token = TokenKind::LINK.random();
        let row = MailedLinkRow {
            id: self.ids.uuid(now),
            user_id: user.id,
            purpose: purpose.text().to_owned(),
            token_hash: TokenKind::hash_of(token.reveal()),
            expires_at: now + purpose.lifetime(),
            ended_at: None,
            created_at: now,
        };
        let link = MailedLink {
            purpose,
            email: user.email.clone(),
            token,
            expires_at: row.expires_at,
        };
        (row, link)
    }
}

impl SignIn {
    pub(super) fn of(user: entity::user::Model) -> Self {
        Self {
            user: UserId::new(user.id),
            password_hash: user.password_hash.map(Secret::new),
            active: user.active,
            auth_epoch: user.auth_epoch,
            second_factor: user.totp_confirmed_at.is_some(),
            provider: None,
        }
    }
}

/// One answer for all that can be wrong with a link.
fn void_link() -> Error {
    Error::fault(
        member("token"),
        FaultCode::InvalidValue,
        "is no token of a link that still works: it may be mistyped, used, replaced by a later one or expired; ask for a new link",
    )
}
