//! What was refused and is not yet in the log.
//!
//! Whoever hammers must not flood the log: the same refusal of the same caller makes two entries a minute
//! at most, the first at once, the second with the count of those that followed when the minute is over.
//! Nor must it flood the memory: of more than [`MOST`] different ones, the rest is counted in one entry.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value as Json, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    access::{Origin, Principal},
    identity::{AuditKind, AuditObject, Draft},
    value::instant_text,
};

/// The most different refusals that are told apart at a time.
pub(super) const MOST: usize = 1_000;
/// How long the same ones are counted together.
const TOGETHER: Duration = Duration::minutes(1);

/// What makes refusals the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal {
    pub(super) kind: AuditKind,
    pub(super) principal: Principal,
    pub(super) origin: Origin,
    pub(super) object: Option<(AuditObject, Uuid)>,
    pub(super) reason: Reason,
}

/// Why something is noted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// In a word, or the request that was refused.
    Text(String),
    /// Fields that were read, by the names of their types.
    Fields(BTreeMap<String, Vec<String>>),
}

impl Reason {
    /// A word.
    pub(super) fn of(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A refusal that is being counted.
#[derive(Debug)]
struct Counted {
    /// When its minute began.
    began: OffsetDateTime,
    /// Whether the first entry of the minute was made.
    is_told: bool,
    /// How many there are since.
    count: u64,
    first: OffsetDateTime,
    last: OffsetDateTime,
    /// The path of the first.
    path: Option<Json>,
    /// How many records were read.
    records: u64,
}

/// Refusals that make an entry.
#[derive(Clone, Debug)]
pub(super) struct Noted {
    refusal: Refusal,
    count: u64,
    first: OffsetDateTime,
    last: OffsetDateTime,
    path: Option<Json>,
    records: u64,
}

/// What waits to be written.
#[derive(Debug, Default)]
pub(in crate::engine) struct Queue {
    waiting: Mutex<HashMap<Refusal, Counted>>,
    /// Held by whoever writes.
    pub(super) writing: tokio::sync::Mutex<()>,
}

impl Queue {
    /// Counts a refusal.
    pub(super) fn note(
        &self,
        refusal: Refusal,
        (path, records): (Option<Json>, u64),
        now: OffsetDateTime,
    ) {
        let noted = Noted {
            refusal,
            count: 1,
            first: now,
            last: now,
            path,
            records,
        };
        count(&mut self.waiting(), noted, now);
    }

    /// What is to be written now: what was not told yet, and the counts of minutes that are over; or all.
    pub(super) fn take_due(&self, now: OffsetDateTime, all: bool) -> Vec<Noted> {
        let mut due = Vec::new();
        self.waiting().retain(|refusal, counted| {
            // A clock that was set back ends the minute.
            let is_over = all || !(Duration::ZERO..TOGETHER).contains(&(now - counted.began));
            if counted.count > 0 && (is_over || !counted.is_told) {
                due.push(Noted {
                    refusal: refusal.clone(),
                    count: std::mem::take(&mut counted.count),
                    first: counted.first,
                    last: counted.last,
                    path: counted.path.take(),
                    records: std::mem::take(&mut counted.records),
                });
                counted.is_told = true;
            }
            !is_over
        });
        due.sort_by_key(|noted| noted.first);
        due
    }

    /// Takes back what could not be written.
    pub(super) fn give_back(&self, due: Vec<Noted>) {
        let mut waiting = self.waiting();
        for noted in due {
            let began = noted.first;
            count(&mut waiting, noted, began);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Refusal, Counted>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts refusals together with those that are the same; with all others that find no room if there is
/// none, which is never lost.
fn count(waiting: &mut HashMap<Refusal, Counted>, noted: Noted, began: OffsetDateTime) {
    let noted = if waiting.len() >= MOST && !waiting.contains_key(&noted.refusal) {
        Noted {
            refusal: the_rest(),
            path: None,
            ..noted
        }
    } else {
        noted
    };
    let Noted {
        refusal,
        count,
        first,
        last,
        path,
        records,
    } = noted;
    let counted = waiting.entry(refusal).or_insert(Counted {
        began,
        is_told: false,
        count: 0,
        first,
        last,
        path: None,
        records: 0,
    });
    if counted.count == 0 {
        (counted.first, counted.last, counted.path) = (first, last, path);
    }
    counted.count += count;
    counted.records += records;
    counted.first = counted.first.min(first);
    counted.last = counted.last.max(last);
}

/// What stands for all refusals that found no room.
fn the_rest() -> Refusal {
    Refusal {
        kind: AuditKind::EntriesDropped,
        principal: Principal::System {
            reason: "audit log",
        },
        origin: Origin::default(),
        object: None,
        reason: Reason::of("too many at a time"),
    }
}

impl Noted {
    /// The entry that it makes.
    pub(super) fn draft(&self) -> Draft {
        let Refusal {
            kind,
            principal,
            origin,
            object,
            reason,
        } = self.refusal.clone();
        let draft = Draft {
            at: self.first,
            kind,
            principal,
            origin,
            object,
            details: Map::new(),
        };
        let draft = match reason {
            Reason::Text(reason) => draft.with("reason", json!(reason)),
            Reason::Fields(fields) => draft
                .with("fields", json!(fields))
                .with("records", json!(self.records)),
        };
        let draft = draft.with("count", json!(self.count));
        let draft = match &self.path {
            Some(path) => draft.with("path", path.clone()),
            None => draft,
        };
        if self.count == 1 {
            return draft;
        }
        draft.with("until", json!(instant_text(self.last)))
    }
}
