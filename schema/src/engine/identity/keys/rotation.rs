//! Another secret for a key. For a while the old one may work beside it, never more than these two.

use time::{Duration, OffsetDateTime};

use super::{Judged, Managing, held_roles, load_in};
use crate::{
    access::Caller,
    engine::{Engine, identity::member},
    error::{Error, FaultCode, Result},
    id::KeyId,
    identity::{AuditKind, AuditObject, Draft, KeyRotation, KeyText, KeyWithSecret},
    value::span,
};

/// The longest time for which the old secret stays.
const LONGEST_OVERLAP: Duration = Duration::days(30);

impl Engine {
    /// Makes the secret of a key anew. The answer is the only place where it ever shows.
    pub async fn rotate_key(
        &self,
        caller: &Caller,
        id: KeyId,
        wanted: KeyRotation,
    ) -> Result<KeyWithSecret> {
        self.managing(caller)?;
        let KeyRotation { overlap } = wanted;
        let overlap = overlap
            .as_deref()
            .map_or(Ok(Duration::ZERO), parse_overlap)?;
        let (
            change,
            Judged {
                managing,
                caller: judged,
            },
        ) = self.change_managed(caller).await?;
        let mut row = load_in(&change, &managing, id).await?;
        managing.check_reaches(&held_roles(&row))?;
        let now = self.clock.now();
        check_is_live(&row, now)?;
        let before = self.show_key(caller, &Managing::Everything, row.clone());
        let text = KeyText::with_new_secret(row.key_id.clone());
        let old = std::mem::replace(&mut row.secret_hash, text.hash());
        // A secret that has ended stays so.
        let stays = overlap > Duration::ZERO && !old.is_empty();
        row.known_to_lead = managing.is_of_lead() || (stays && row.known_to_lead);
        row.old_secret_hash = stays.then_some(old);
        row.old_secret_until = stays.then(|| now + overlap);
        change.update_key(row.clone()).await?;
        let key = self.show_key(caller, &Managing::Everything, row.clone());
        let entry = Draft::of(caller, AuditKind::KeyRotated, (AuditObject::Key, id.uuid()));
        let entry = entry.before(&before).after(&key);
        self.commit_access(change, entry).await?;
        Ok(KeyWithSecret {
            key: self.show_key(&judged, &managing, row),
            secret: text.text(),
        })
    }
}

/// Refuses a key that no secret would make work.
fn check_is_live(row: &entity::api_key::Model, now: OffsetDateTime) -> Result<()> {
    let message = if row.revoked_at.is_some() {
        "the key was revoked and can't be rotated; make a new one"
    } else if row.expires_at.is_some_and(|end| end <= now) {
        "the key has expired and can't be rotated; give it a later expiresAt first, or make a new one"
    } else {
        return Ok(());
    };
    Err(Error::Conflict(message.to_owned()))
}

fn parse_overlap(text: &str) -> Result<Duration> {
    let overlap = span::parse_duration(text).map(Duration::microseconds);
    let overlap = overlap.filter(|it| (Duration::ZERO..=LONGEST_OVERLAP).contains(it));
    overlap.ok_or_else(|| {
        let message = format!(
            "must be a duration of days, hours, minutes and seconds such as \"PT24H\", at most P{}D",
            LONGEST_OVERLAP.whole_days()
        );
        Error::fault(member("overlap"), FaultCode::InvalidValue, message)
    })
}
