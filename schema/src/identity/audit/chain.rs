//! The chain: each entry holds the hash of the one before, so that none can be changed, taken out or
//! moved without all that follow showing it.
//!
//! The hash is SHA-256 over the members of an entry, in a fixed order, each as `<bytes>:<text>,` (a
//! netstring), and `-` for one that is missing. Lengths make it plain where a member ends. This is a
//! promise to whoever checks an export by other means: docs/audit.md has it, and a test holds it.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Draft, at_text, micros};
use crate::{access::Caller, id::SessionId};

/// What stands in the place of the hash before the first entry.
pub(crate) const END_OF_NOTHING: [u8; 32] = [0; 32];
/// The first member: another way to write entries down would have another one.
const FORM: &str = "relata audit 1";

type Entry = entity::audit_entry::Model;

/// The rows of drafts, behind the entry with this place and hash.
pub(crate) fn chained(head: &entity::audit_head::Model, drafts: &[Draft]) -> Vec<Entry> {
    let (mut sequence, mut previous) = (head.sequence, head.hash.clone());
    let rows = drafts.iter().map(|draft| {
        sequence += 1;
        let mut row = row_of(draft, sequence);
        row.previous_hash = std::mem::take(&mut previous);
        row.hash = hash_of(&row);
        previous.clone_from(&row.hash);
        row
    });
    rows.collect()
}

fn row_of(draft: &Draft, sequence: i64) -> Entry {
    let caller = Caller {
        principal: draft.principal,
        ..Caller::anonymous(draft.at)
    };
    Entry {
        sequence,
        at: micros(draft.at),
        kind: draft.kind.text().to_owned(),
        principal_kind: caller.actor_kind().to_owned(),
        principal_id: caller.actor(),
        object_type: draft.object.map(|(kind, _)| kind.text().to_owned()),
        object_id: draft.object.map(|(_, id)| id),
        address: draft.origin.address.map(|address| address.to_string()),
        session_id: draft.origin.session.map(SessionId::uuid),
        details: serde_json::Value::Object(draft.details.clone()).to_string(),
        previous_hash: Vec::new(),
        hash: Vec::new(),
    }
}

/// The hash that an entry should have.
fn hash_of(row: &Entry) -> Vec<u8> {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string());
    let members = [
        Some(FORM.to_owned()),
        Some(row.sequence.to_string()),
        Some(at_text(row.at)),
        Some(row.kind.clone()),
        Some(row.principal_kind.clone()),
        id(row.principal_id),
        row.object_type.clone(),
        id(row.object_id),
        row.address.clone(),
        id(row.session_id),
        Some(row.details.clone()),
        Some(hex(&row.previous_hash)),
    ];
    let mut hash = Sha256::new();
    for member in members {
        match member {
            Some(text) => hash.update(format!("{}:{text},", text.len())),
            None => hash.update("-"),
        }
    }
    hash.finalize().to_vec()
}

/// The first entry that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditBreak {
    /// The place in the log.
    pub sequence: i64,
    /// What is wrong there.
    pub what: &'static str,
}

/// What the check of the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// How many entries fit, from the first on.
    pub entries: i64,
    /// The hash of the last one of them: to be noted outside of the database.
    pub head: String,
    /// The first entry that does not fit.
    pub broken: Option<AuditBreak>,
    /// Whether the hash that was noted is that of an entry; none when there was none to look for.
    pub noted_is_there: Option<bool>,
}

/// Walks along the chain.
#[derive(Debug)]
pub(crate) struct Verifier {
    sequence: i64,
    hash: Vec<u8>,
    noted: Option<(Vec<u8>, bool)>,
    broken: Option<AuditBreak>,
}

impl Verifier {
    /// At the beginning, looking for the hash that was noted.
    pub(crate) fn new(noted: Option<[u8; 32]>) -> Self {
        Self {
            sequence: 0,
            hash: END_OF_NOTHING.to_vec(),
            noted: noted.map(|hash| (hash.to_vec(), hash == END_OF_NOTHING)),
            broken: None,
        }
    }

    /// Takes the next entry; whether it is worth going on.
    pub(crate) fn take(&mut self, row: &Entry) -> bool {
        let next = self.sequence + 1;
        let (sequence, what) = if row.sequence > next {
            (next, "it is missing")
        } else if row.sequence < next {
            (row.sequence, "its place comes twice or before the first")
        } else if row.hash != hash_of(row) {
            (
                next,
                "it was changed: its hash is not that of what it holds",
            )
        } else if row.previous_hash != self.hash {
            (next, "it does not follow the entry before it")
        } else {
            self.sequence = next;
            self.hash.clone_from(&row.hash);
            if let Some((noted, found)) = &mut self.noted {
                *found |= *noted == row.hash;
            }
            return true;
        };
        self.broken = Some(AuditBreak { sequence, what });
        false
    }

    /// Compares the end with the head that is stored.
    pub(crate) fn finish(mut self, head: &entity::audit_head::Model) -> AuditReport {
        if self.broken.is_none() {
            let what = if self.sequence < head.sequence {
                Some((self.sequence + 1, "it is missing"))
            } else if self.sequence > head.sequence {
                Some((
                    head.sequence + 1,
                    "it lies behind the stored end of the log",
                ))
            } else if self.hash != head.hash {
                Some((self.sequence, "its hash is not the stored end of the log"))
            } else {
                None
            };
            self.broken = what.map(|(sequence, what)| AuditBreak { sequence, what });
        }
        AuditReport {
            entries: self.sequence,
            head: hex(&self.hash),
            broken: self.broken,
            noted_is_there: self.noted.map(|(_, found)| found),
        }
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A hash in hexadecimal digits.
pub(crate) fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}
