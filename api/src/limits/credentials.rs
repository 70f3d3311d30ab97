//! How often credentials may be wrong. Attempts are counted by what nobody can choose: where they come from, and the
//! account that they are for. An attempt is counted before it is checked, so that many at once are not more than as
//! many in a row, and given back when it was right.
//!
//! Strangers shut nobody out of where he has been: an account that many guess at stays open to networks from which its
//! user has signed in, and an address from which many wrong keys come stays open to those keys and refresh tokens that
//! were right there before. What they can do for a while is to keep somebody out who comes from a new network, or
//! brings from their own address what was not right there yet.

use moka::sync::Cache;
use schema::UserId;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::{
    Limits, Origin,
    bucket::{Buckets, Quota, Refusal},
};
use crate::{code::Code, problem::Problem};

/// Wrong passwords of an origin, for all accounts together.
const OF_ORIGIN: Quota = quota(30, Duration::minutes(5));
/// Wrong passwords of an origin for one account.
const OF_PAIR: Quota = quota(10, Duration::minutes(20));
/// Wrong passwords for one account from all origins that are strange to it.
const OF_STRANGERS: Quota = quota(50, Duration::hours(1));
/// Wrong keys and refresh tokens of an origin.
const OF_TOKENS: Quota = quota(30, Duration::minutes(1));
/// How many credentials that were right are remembered.
const REMEMBERED: u64 = 50_000;
/// How long one is remembered that is not used: the life of a refresh token.
const IDLE: std::time::Duration = std::time::Duration::from_hours(14 * 24);

const fn quota(units: u64, window: Duration) -> Quota {
    Quota { units, window }
}

/// Whom somebody wants to sign in as. Names that are nobody's are counted as accounts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Account {
    /// A user.
    User(UserId),
    /// The hash of a name that no user has.
    Name([u8; 32]),
}

impl Account {
    /// The account of a sign-in name.
    pub(crate) fn of(user: Option<UserId>, name: &str) -> Self {
        user.map_or_else(|| Self::Name(hash(&name.trim().to_lowercase())), Self::User)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counter {
    Origin(Origin),
    Pair(Account, Origin),
    Strangers(Account),
    Tokens(Origin),
}

impl Counter {
    fn quota(self) -> Quota {
        match self {
            Self::Origin(_) => OF_ORIGIN,
            Self::Pair(..) => OF_PAIR,
            Self::Strangers(_) => OF_STRANGERS,
            Self::Tokens(_) => OF_TOKENS,
        }
    }
}

/// The counters of wrong credentials.
#[derive(Debug)]
pub(super) struct Credentials {
    wrong: Buckets<Counter>,
    /// Keys and refresh tokens that were right, with where they came from.
    right: Cache<(Origin, [u8; 32]), ()>,
}

impl Default for Credentials {
    fn default() -> Self {
        let right = Cache::builder().max_capacity(REMEMBERED).time_to_idle(IDLE);
        Self {
            wrong: Buckets::default(),
            right: right.build(),
        }
    }
}

/// Credentials that were let through to be checked, counted as if they were wrong.
#[derive(Debug)]
#[must_use = "right credentials are to be given back"]
pub(crate) struct Attempt {
    counted: Vec<Counter>,
}

impl Limits {
    /// Lets a password through to be checked. `known` tells whether the account has signed in from there before.
    pub(crate) fn begin_sign_in(
        &self,
        (account, origin): (Account, Origin),
        known: bool,
        now: OffsetDateTime,
    ) -> Result<Attempt, Problem> {
        let pair = Counter::Pair(account, origin);
        let counters = if known {
            vec![pair]
        } else {
            vec![Counter::Origin(origin), pair, Counter::Strangers(account)]
        };
        self.begin(counters, now)
    }

    /// Lets a key or a refresh token through to be checked.
    pub(crate) fn begin_token(
        &self,
        origin: Origin,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<Attempt, Problem> {
        let known = self.credentials.right.contains_key(&(origin, hash(token)));
        let counters = if known {
            Vec::new()
        } else {
            vec![Counter::Tokens(origin)]
        };
        self.begin(counters, now)
    }

    /// Takes an attempt out of the count: it was right, or could not be checked.
    pub(crate) fn give_back(&self, attempt: Attempt) {
        for counter in attempt.counted {
            self.credentials
                .wrong
                .give_back(&counter, 1, counter.quota());
        }
    }

    /// Remembers a key or a refresh token as one that was right there.
    pub(crate) fn remember(&self, origin: Origin, token: &str) {
        let entry = (origin, hash(token));
        // Reading it makes it stay.
        if self.rates.is_some() && self.credentials.right.get(&entry).is_none() {
            self.credentials.right.insert(entry, ());
        }
    }

    /// Forgets a key or a refresh token that is right no more.
    pub(crate) fn forget(&self, origin: Origin, token: &str) {
        self.credentials.right.invalidate(&(origin, hash(token)));
    }

    fn begin(&self, counters: Vec<Counter>, now: OffsetDateTime) -> Result<Attempt, Problem> {
        let mut attempt = Attempt {
            counted: Vec::with_capacity(counters.len()),
        };
        if self.rates.is_none() {
            return Ok(attempt);
        }
        for counter in counters {
            let taken = self
                .credentials
                .wrong
                .take(counter, 1, (counter.quota(), now));
            if let Err(refusal) = taken {
                self.give_back(attempt);
                if let Counter::Strangers(Account::User(user)) = counter {
                    tracing::warn!(user.id = %user, "too many wrong passwords; strange networks are refused");
                }
                return Err(too_many(refusal));
            }
            attempt.counted.push(counter);
        }
        Ok(attempt)
    }
}

/// One answer for all that is counted here: what was counted, nobody must learn.
fn too_many(refusal: Refusal) -> Problem {
    let seconds = match refusal {
        Refusal::Wait(seconds) => seconds,
        // One is never more than a bucket holds.
        Refusal::Never => 1,
    };
    let detail = format!("credentials were wrong too often; try again in {seconds} s");
    Problem::new(Code::TooManyAttempts, detail).after(seconds, None)
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests;
