//! The keys that access tokens are signed with; all nodes share them. When which of them signs is the
//! face's to say: here they are kept, made and forgotten.

use time::{Duration, OffsetDateTime};

use crate::{
    access::Caller,
    engine::Engine,
    error::Result,
    identity::{AuditKind, Draft},
    store::identity::{SIGNING_KEYS, SigningKeyRow},
};

/// What a key grows out of.
#[derive(Clone)]
pub struct SigningSeed {
    /// 32 random bytes.
    pub seed: Vec<u8>,
    /// When it was made.
    pub made_at: OffsetDateTime,
}

/// Shows nothing of the key.
impl std::fmt::Debug for SigningSeed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SigningSeed({})", self.made_at)
    }
}

impl Engine {
    /// The seeds of the keys, oldest first. The first one is made when there is none.
    pub async fn load_signing_seeds(&self) -> Result<Vec<SigningSeed>> {
        let mut rows = self.store.signing_keys().await?;
        if rows.is_empty() {
            let now = self.clock.now();
            self.store.load_or_create_secret(SIGNING_KEYS, now).await?;
            rows = self.store.signing_keys().await?;
        }
        Ok(rows.into_iter().map(SigningSeed::of).collect())
    }

    /// Makes another key. The old ones go on as long as the face wants; or not at all, when they may be in
    /// the hands of somebody else.
    pub async fn rotate_signing_key(&self, caller: &Caller, old_ones_end: bool) -> Result<()> {
        self.manage_access(caller)?;
        self.load_signing_seeds().await?;
        let change = self.change_all(caller).await?;
        let now = self.clock.now();
        change.rotate_signing_keys(old_ones_end, now).await?;
        let entry = Draft::without_object(caller, AuditKind::SigningKeyRotated);
        let entry = entry.with("oldOnesEnd", old_ones_end.into());
        self.commit_access(change, entry).await
    }

    /// Makes another key when the last one is older than this, and forgets those whose successor is older
    /// than the overlap. Gives the seeds as they are then.
    pub async fn keep_signing_keys(
        &self,
        rotate_after: Option<Duration>,
        overlap: Duration,
    ) -> Result<Vec<SigningSeed>> {
        let now = self.clock.now();
        let mut rows = self.store.signing_keys().await?;
        let is_old =
            |row: &SigningKeyRow| rotate_after.is_some_and(|age| row.created_at + age <= now);
        if let Some(last) = rows.last().filter(|row| is_old(row)) {
            let system = Caller::system("the age of the signing key", now);
            let entry = Draft::without_object(&system, AuditKind::SigningKeyRotated);
            let entry = entry.with("oldOnesEnd", false.into());
            self.store.add_signing_key(last, entry).await?;
            tracing::info!("signing key rotated by its age");
            rows = self.store.signing_keys().await?;
        }
        let followed = |row: &SigningKeyRow| row.created_at + overlap <= now;
        let over = rows.iter().rposition(followed).unwrap_or(0);
        let ids: Vec<String> = rows.drain(..over).map(|row| row.id).collect();
        if !ids.is_empty() {
            self.store.delete_signing_keys(ids).await?;
        }
        Ok(rows.into_iter().map(SigningSeed::of).collect())
    }
}

impl SigningSeed {
    fn of(row: SigningKeyRow) -> Self {
        Self {
            seed: row.secret,
            made_at: row.created_at,
        }
    }
}
