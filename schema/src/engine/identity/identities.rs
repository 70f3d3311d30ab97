//! Identities of users at providers, as they are managed.

use super::{managing::load_user_in, not_found};
use crate::{
    access::Caller,
    engine::Engine,
    error::{Error, Result},
    id::{IdentityId, UserId},
    identity::{
        AuditKind, AuditObject, Draft, NewIdentity, UserIdentity, check_subject, faults_to_result,
    },
    store::identity::IdentityRow,
    value::instant_text,
};

/// The most identities of one user.
const MOST_IDENTITIES: u64 = 20;

impl Engine {
    /// The identities of a user, oldest first.
    pub async fn list_identities(
        &self,
        caller: &Caller,
        user: UserId,
    ) -> Result<Vec<UserIdentity>> {
        let managing = self.managing(caller)?;
        self.load_managed(&managing, user).await?;
        let rows = self.store.list_identities(user).await?;
        Ok(rows.into_iter().map(shown).collect())
    }

    /// One identity of a user.
    pub async fn load_identity(
        &self,
        caller: &Caller,
        user: UserId,
        identity: IdentityId,
    ) -> Result<UserIdentity> {
        let identities = self.list_identities(caller, user).await?;
        let mut identities = identities.into_iter();
        let found = identities.find(|known| known.id == identity);
        found.ok_or_else(|| not_found("identity", identity))
    }

    /// Links an identity to a user, who can sign in by it from now on. Only for those who manage all: that it is
    /// taken would tell anybody else of users out of sight.
    pub async fn link_identity(
        &self,
        caller: &Caller,
        user: UserId,
        new: NewIdentity,
    ) -> Result<UserIdentity> {
        self.manage_access(caller)?;
        faults_to_result(check_subject(&new.subject).into_iter().collect())?;
        let change = self.change_all(caller).await?;
        if change.find_user(user).await?.is_none() {
            return Err(not_found("user", user));
        }
        if change.count_identities(user).await? >= MOST_IDENTITIES {
            let message = format!(
                "the user has {MOST_IDENTITIES} identities, and that is the most; unlink one first"
            );
            return Err(Error::Conflict(message));
        }
        let row = self.new_identity(user, (new.issuer, new.subject));
        change.insert_identity(row.clone()).await?;
        let identity = shown(row);
        let object = (AuditObject::User, user.uuid());
        let entry = Draft::of(caller, AuditKind::IdentityLinked, object)
            .after(&identity)
            .with("provider", new.provider.into());
        self.commit_access(change, entry).await?;
        Ok(identity)
    }

    /// Takes an identity from a user, who can't sign in by it any more. It ends all sessions of the user: which of
    /// them came by it is not known.
    pub async fn unlink_identity(
        &self,
        caller: &Caller,
        user: UserId,
        identity: IdentityId,
    ) -> Result<()> {
        let (change, judged) = self.change_managed(caller).await?;
        let mut row = load_user_in(&change, &judged.managing, user).await?;
        judged.managing.check_reaches_user(&row)?;
        let deleted = change.delete_identity(user, identity).await?;
        let deleted = deleted.ok_or_else(|| not_found("identity", identity))?;
        let now = self.clock.now();
        row.user.auth_epoch += 1;
        row.user.updated_at = now;
        change.revoke_sessions(user, now).await?;
        change.update_user(row).await?;
        let object = (AuditObject::User, user.uuid());
        let entry = Draft::of(caller, AuditKind::IdentityUnlinked, object).before(&shown(deleted));
        self.commit_access(change, entry).await
    }

    /// The row of an identity.
    pub(super) fn new_identity(
        &self,
        user: UserId,
        (issuer, subject): (String, String),
    ) -> IdentityRow {
        let now = self.clock.now();
        IdentityRow {
            id: self.ids.uuid(now),
            user_id: user.uuid(),
            issuer,
            subject,
            created_at: now,
        }
    }
}

/// An identity as the API shows it.
pub(super) fn shown(row: IdentityRow) -> UserIdentity {
    UserIdentity {
        id: IdentityId::new(row.id),
        issuer: row.issuer,
        subject: row.subject,
        created_at: instant_text(row.created_at),
    }
}
