//! Token buckets, one for each key of a kind.
//!
//! A bucket is one number, the instant at which it would be full again (GCRA: the generic cell rate algorithm). So it
//! refills without anybody doing it, and one that is full is the same as none and is not kept.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

/// How many buckets of a kind are kept. Above it, full ones go, then those that are nearest to it.
const MOST: usize = 100_000;

/// How much a bucket holds, and how long an empty one takes to be full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    pub(super) units: u64,
    pub(super) window: Duration,
}

/// Why units can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// They will be there after this many seconds.
    Wait(u64),
    /// The bucket never holds as many.
    Never,
}

/// How a bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// The units that can be taken now.
    pub(super) remaining: u64,
    /// The seconds until it is full, rounded up.
    pub(super) full_in: u64,
}

/// The buckets of one kind.
#[derive(Debug)]
pub(super) struct Buckets<K> {
    /// When each is full again, in nanoseconds since 1970.
    full_at: Mutex<HashMap<K, i128>>,
    most: usize,
}

impl Quota {
    /// The nanoseconds in which one unit comes back.
    fn interval(self) -> i128 {
        (self.window.whole_nanoseconds() / i128::from(self.units.max(1))).max(1)
    }

    fn capacity(self) -> i128 {
        self.interval() * i128::from(self.units)
    }
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self {
            full_at: Mutex::default(),
            most: MOST,
        }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// Takes units, all of them or none.
    pub(super) fn take(
        &self,
        key: K,
        units: u64,
        (quota, now): (Quota, OffsetDateTime),
    ) -> Result<(), Refusal> {
        self.take_beside(key, (units, 0), (quota, now))
    }

    /// Takes units. Where they are not there, the wait is until they and `others` are: what the caller takes of the
    /// same bucket each time that it tries.
    pub(super) fn take_beside(
        &self,
        key: K,
        (units, others): (u64, u64),
        (quota, now): (Quota, OffsetDateTime),
    ) -> Result<(), Refusal> {
        let all = units.saturating_add(others);
        if all > quota.units {
            return Err(Refusal::Never);
        }
        let now = now.unix_timestamp_nanos();
        let mut buckets = self.lock();
        let full_at = until(buckets.get(&key), quota, now);
        let taken = full_at + quota.interval() * i128::from(units);
        if taken - now > quota.capacity() {
            let all_taken = full_at + quota.interval() * i128::from(all);
            return Err(Refusal::Wait(
                seconds(all_taken - now - quota.capacity()).max(1),
            ));
        }
        if taken > now {
            buckets.insert(key, taken);
            make_room(&mut buckets, (self.most, now));
        }
        Ok(())
    }

    /// Gives units back that were taken for nothing.
    pub(super) fn give_back(&self, key: &K, units: u64, quota: Quota) {
        if let Some(full_at) = self.lock().get_mut(key) {
            *full_at -= quota.interval() * i128::from(units);
        }
    }

    /// How a bucket stands.
    pub(super) fn standing(&self, key: &K, quota: Quota, now: OffsetDateTime) -> Standing {
        let now = now.unix_timestamp_nanos();
        let missing = until(self.lock().get(key), quota, now) - now;
        let remaining = (quota.capacity() - missing) / quota.interval();
        Standing {
            remaining: u64::try_from(remaining).unwrap_or_default(),
            full_in: seconds(missing),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, i128>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the bucket is full. A clock that was set back empties it at the most.
fn until(full_at: Option<&i128>, quota: Quota, now: i128) -> i128 {
    let known = full_at.copied().unwrap_or(now);
    known.clamp(now, now + quota.capacity())
}

fn seconds(nanoseconds: i128) -> u64 {
    const SECOND: i128 = 1_000_000_000;
    u64::try_from((nanoseconds + SECOND - 1) / SECOND).unwrap_or_default()
}

/// Drops the buckets that are full when there are too many; if that is not enough, the half that will be full first.
fn make_room<K: Eq + Hash>(buckets: &mut HashMap<K, i128>, (most, now): (usize, i128)) {
    if buckets.len() <= most {
        return;
    }
    buckets.retain(|_, full_at| *full_at > now);
    if buckets.len() <= most {
        return;
    }
    let mut instants: Vec<i128> = buckets.values().copied().collect();
    let middle = instants.len() / 2;
    let (_, median, _) = instants.select_nth_unstable(middle);
    let median = *median;
    buckets.retain(|_, full_at| *full_at > median);
}

#[cfg(test)]
mod tests;
