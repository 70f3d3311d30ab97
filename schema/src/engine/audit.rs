//! The audit log: who reads it, and how what is refused gets into it.
//!
//! What changes is written by the change itself, in its transaction. What is refused is noted in memory and
//! written by [`Engine::write_audit`], so that no request waits for it; so are reads of which the log tells.

mod queue;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    access::{Caller, Origin, Principal},
    engine::Engine,
    error::{Error, FaultCode, Place, Result},
    id::{KeyId, UserId},
    identity::{
        AuditEntry, AuditKind, AuditObject, AuditQuery, AuditReport, Listed, RefusedIdentity,
        Verifier, parse_hash,
    },
};

pub(in crate::engine) use queue::Queue;
use queue::{Reason, Refusal};

/// What somebody was refused.
#[derive(Clone, Copy, Debug)]
pub struct Denied<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The address that the API has for it, such as `/v1/meta/users/{id}`.
    pub route: &'a str,
    /// The path that was asked.
    pub path: &'a str,
}

/// What is being written. Should that fail, or be given up with the request that does it, it goes back: better
/// told twice than never.
struct Taken<'a> {
    queue: &'a Queue,
    due: Vec<queue::Noted>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.queue.give_back(std::mem::take(&mut self.due));
    }
}

/// The most characters of a path that are kept.
const LONGEST_PATH: usize = 300;

impl Engine {
    /// One page of the log, newest first. What this process has noted so far is in it.
    pub async fn list_audit(
        &self,
        caller: &Caller,
        query: &AuditQuery,
    ) -> Result<Listed<AuditEntry>> {
        self.manage_access(caller)?;
        self.write_audit().await?;
        let listed = self.store.list_audit(query).await?;
        let shown = listed.items.into_iter().map(AuditEntry::shown);
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    /// Checks the whole log, and looks in it for a hash that was noted, if there is one.
    pub async fn verify_audit(&self, caller: &Caller, noted: Option<&str>) -> Result<AuditReport> {
        self.manage_access(caller)?;
        let noted = noted.map(|text| {
            let place = Place::Parameter("head".to_owned());
            let message = "must be a hash, 64 hexadecimal digits";
            parse_hash(text).ok_or_else(|| Error::fault(place, FaultCode::InvalidValue, message))
        });
        let mut verifier = Verifier::new(noted.transpose()?);
        let head = self.store.walk_audit(|row| verifier.take(&row)).await?;
        Ok(verifier.finish(&head))
    }

    /// Hands over every entry, oldest first, as it is exported: `details` is the text that was hashed.
    pub async fn export_audit(
        &self,
        caller: &Caller,
        mut take: impl FnMut(AuditEntry) -> bool + Send,
    ) -> Result<()> {
        self.manage_access(caller)?;
        let walk = self.store.walk_audit(|row| take(AuditEntry::exported(row)));
        walk.await.map(drop)
    }

    /// Notes that somebody was refused what it has no right to.
    pub fn note_denied(&self, principal: Principal, origin: Origin, denied: Denied<'_>) {
        let Denied {
            method,
            route,
            path,
        } = denied;
        let refusal = Refusal {
            kind: AuditKind::AccessDenied,
            principal,
            origin,
            object: None,
            reason: Reason::Text(format!("{method} {route}")),
        };
        let path: String = path.chars().take(LONGEST_PATH).collect();
        self.note(refusal, Some(path));
    }

    /// Notes a sign-in that was refused, and for whom it was tried if there is such a user.
    pub fn note_failed_sign_in(&self, user: Option<UserId>, origin: Origin) {
        let refusal = Refusal {
            kind: AuditKind::SignInFailed,
            principal: Principal::Anonymous,
            origin,
            object: user.map(|user| (AuditObject::User, user.uuid())),
            reason: Reason::of(if user.is_some() { "refused" } else { "unknown" }),
        };
        self.note(refusal, None);
    }

    /// Notes a sign-in by a provider that was refused, and why.
    pub(in crate::engine) fn note_refused_identity(
        &self,
        refused: &RefusedIdentity<'_>,
        origin: Origin,
    ) {
        let refusal = Refusal {
            kind: AuditKind::SignInFailed,
            principal: Principal::Anonymous,
            origin,
            object: refused.user.map(|user| (AuditObject::User, user.uuid())),
            reason: Reason::Text(format!("{}: {}", refused.provider, refused.reason)),
        };
        self.note(refusal, None);
    }

    /// Notes a text that claims to be a key and can't be one.
    pub fn note_malformed_key(&self, origin: Origin) {
        self.note_refused_key(None, origin, "malformed");
    }

    pub(in crate::engine) fn note_refused_key(
        &self,
        key: Option<KeyId>,
        origin: Origin,
        reason: &'static str,
    ) {
        self.note_refused_credentials(
            key.map(|key| (AuditObject::Key, key.uuid())),
            origin,
            reason,
        );
    }

    /// Notes a token of a session that has ended.
    pub(in crate::engine) fn note_ended_session(&self, user: UserId, origin: Origin) {
        self.note_refused_credentials(Some((AuditObject::User, user.uuid())), origin, "ended");
    }

    fn note_refused_credentials(
        &self,
        object: Option<(AuditObject, uuid::Uuid)>,
        origin: Origin,
        reason: &'static str,
    ) {
        let refusal = Refusal {
            kind: AuditKind::CredentialsRefused,
            principal: Principal::Anonymous,
            origin,
            object,
            reason: Reason::of(reason),
        };
        self.note(refusal, None);
    }

    /// Notes that fields were read, by the names of their types.
    pub(in crate::engine) fn note_personal_read(
        &self,
        (principal, origin): (Principal, Origin),
        fields: BTreeMap<String, Vec<String>>,
        records: u64,
    ) {
        let read = Refusal {
            kind: AuditKind::PersonalDataRead,
            principal,
            origin,
            object: None,
            reason: Reason::Fields(fields),
        };
        self.audit.note(read, (None, records), self.clock.now());
    }

    fn note(&self, refusal: Refusal, path: Option<String>) {
        let path = path.map(|path| json!(path));
        self.audit.note(refusal, (path, 0), self.clock.now());
    }

    /// Writes what was noted and is due. What can't be written waits for the next time.
    pub async fn write_audit(&self) -> Result<()> {
        self.write_noted(false).await
    }

    /// Writes all that was noted, before the process ends.
    pub async fn write_all_audit(&self) -> Result<()> {
        self.write_noted(true).await
    }

    async fn write_noted(&self, all: bool) -> Result<()> {
        // One at a time: whoever reads the log waits for what another one is writing.
        let _writing = self.audit.writing.lock().await;
        let due = self.audit.take_due(self.clock.now(), all);
        let mut taken = Taken {
            queue: &self.audit,
            due,
        };
        let drafts: Vec<_> = taken.due.iter().map(queue::Noted::draft).collect();
        if !drafts.is_empty() {
            self.store.write_audit(&drafts).await?;
            taken.due.clear();
        }
        Ok(())
    }
}
