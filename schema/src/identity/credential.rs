//! Who stands behind a session or a key, and the memory of it that lasts a second at most.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use super::{Network, StoredScope};
use crate::{
    access::{PartnerBinding, RateClass},
    id::{KeyId, RoleId, SessionId, TeamId, UserId},
};

/// How long an answer of the database counts: a revocation bites within this time, on every node.
const MAX_AGE: Duration = Duration::seconds(1);
/// Above this many entries the memory starts anew.
const MOST_ENTRIES: usize = 10_000;

/// The user of a session.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: UserId,
    pub(crate) active: bool,
    pub(crate) auth_epoch: i32,
    pub(crate) roles: BTreeSet<RoleId>,
    pub(crate) teams: BTreeSet<TeamId>,
    /// The partner that the user works for.
    pub(crate) partner: Option<KeyPartner>,
    /// Whether the session has a token that was not revoked.
    pub(crate) session_is_open: bool,
}

/// The key behind a key id.
#[derive(Clone, Debug)]
pub(crate) struct KeyHolder {
    pub(crate) id: KeyId,
    pub(crate) name: String,
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) old_secret: Option<OldSecret>,
    pub(crate) roles: BTreeSet<RoleId>,
    pub(crate) partner: Option<KeyPartner>,
    pub(crate) scopes: Option<BTreeSet<StoredScope>>,
    /// Where it may be used; `None` is everywhere.
    pub(crate) allowed_ips: Option<Vec<Network>>,
    pub(crate) rate_class: RateClass,
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// Whether it can't be used, whatever the time: revoked, or of a kind that this version ignores.
    pub(crate) is_void: bool,
}

/// The secret of before the last rotation.
#[derive(Clone, Debug)]
pub(crate) struct OldSecret {
    pub(crate) hash: Vec<u8>,
    /// From when on it is refused.
    pub(crate) until: OffsetDateTime,
}

/// The partner of a key or of a user.
#[derive(Clone, Debug)]
pub(crate) struct KeyPartner {
    pub(crate) binding: PartnerBinding,
    pub(crate) name: String,
    pub(crate) active: bool,
}

impl KeyHolder {
    /// Whether the key is honoured at this instant.
    pub(crate) fn is_honoured(&self, now: OffsetDateTime) -> bool {
        !self.is_void
            && self.expires_at.is_none_or(|end| now < end)
            && self.partner.as_ref().is_none_or(|partner| partner.active)
    }

    /// Whether this is the hash of a secret of the key that works at this instant.
    pub(crate) fn has_secret(&self, hash: &[u8], now: OffsetDateTime) -> bool {
        let old = self.old_secret.as_ref();
        let is_old = old.is_some_and(|old| is_same(&old.hash, hash) && now < old.until);
        is_same(&self.secret_hash, hash) || is_old
    }

    /// Whether the key may be used from this address. One that is not known is none of those on a list.
    pub(crate) fn allows(&self, address: Option<IpAddr>) -> bool {
        let Some(allowed) = &self.allowed_ips else {
            return true;
        };
        address.is_some_and(|address| allowed.iter().any(|network| network.contains(address)))
    }
}

/// Compares without telling by its time where the first difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).map(|(a, b)| a ^ b);
    one.len() == other.len() && differences.fold(0, std::ops::BitOr::bitor) == 0
}

/// What was read of sessions and keys within the last second, and which keys were used.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    memory: Mutex<Memory>,
    uses: Mutex<Uses>,
}

/// The uses of keys by minute, since they were last written.
#[derive(Debug, Default)]
struct Uses {
    written_at: Option<OffsetDateTime>,
    waiting: HashMap<KeyId, OffsetDateTime>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Moves with each local change of access, so that an answer read before it is not kept after it.
    generation: u64,
    sessions: HashMap<SessionId, (OffsetDateTime, Arc<SignedIn>)>,
    keys: HashMap<String, (OffsetDateTime, Arc<KeyHolder>)>,
}

/// When a look-up began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    at: OffsetDateTime,
    generation: u64,
}

impl Principals {
    /// To be called before the database is asked.
    pub(crate) fn ask(&self, now: OffsetDateTime) -> Asked {
        let generation = self.memory().generation;
        Asked {
            at: now,
            generation,
        }
    }

    pub(crate) fn find_session(&self, id: SessionId, now: OffsetDateTime) -> Option<Arc<SignedIn>> {
        let memory = self.memory();
        let (read_at, signed_in) = memory.sessions.get(&id)?;
        is_young(*read_at, now).then(|| Arc::clone(signed_in))
    }

    pub(crate) fn keep_session(&self, asked: Asked, id: SessionId, signed_in: &Arc<SignedIn>) {
        let mut memory = self.memory();
        if memory.generation == asked.generation {
            make_room(&mut memory.sessions);
            memory
                .sessions
                .insert(id, (asked.at, Arc::clone(signed_in)));
        }
    }

    pub(crate) fn find_key(&self, key_id: &str, now: OffsetDateTime) -> Option<Arc<KeyHolder>> {
        let memory = self.memory();
        let (read_at, holder) = memory.keys.get(key_id)?;
        is_young(*read_at, now).then(|| Arc::clone(holder))
    }

    pub(crate) fn keep_key(&self, asked: Asked, key_id: &str, holder: &Arc<KeyHolder>) {
        let mut memory = self.memory();
        if memory.generation == asked.generation {
            make_room(&mut memory.keys);
            memory
                .keys
                .insert(key_id.to_owned(), (asked.at, Arc::clone(holder)));
        }
    }

    /// Forgets everything: access has changed here.
    pub(crate) fn forget(&self) {
        let mut memory = self.memory();
        memory.generation += 1;
        memory.sessions.clear();
        memory.keys.clear();
    }

    /// Notes the use of a key, to be written later.
    pub(crate) fn note_use(&self, key: KeyId, now: OffsetDateTime) {
        let minute = now.truncate_to_minute();
        self.uses().waiting.insert(key, minute);
    }

    /// The uses to write: all since the last time, if that is long enough ago.
    pub(crate) fn take_uses(
        &self,
        now: OffsetDateTime,
        every: Duration,
    ) -> HashMap<KeyId, OffsetDateTime> {
        let mut uses = self.uses();
        if uses
            .written_at
            .is_some_and(|written_at| (Duration::ZERO..every).contains(&(now - written_at)))
        {
            return HashMap::new();
        }
        uses.written_at = Some(now);
        std::mem::take(&mut uses.waiting)
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether something read then still counts now. A clock that was set back makes it old.
pub(crate) fn is_young(read_at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (Duration::ZERO..MAX_AGE).contains(&(now - read_at))
}

fn make_room<K, V>(entries: &mut HashMap<K, V>) {
    if entries.len() >= MOST_ENTRIES {
        entries.clear();
    }
}
