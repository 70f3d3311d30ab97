//! The keys that tokens are signed and checked with, as they follow each other.
//!
//! A new key stands among the public ones for a while before it signs, so that whoever checks tokens has
//! it in time; an old one goes on until the last token that it has signed is over.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::JwkSet;
use schema::{SigningSeed, identity::SessionTokens};
use time::{Duration, OffsetDateTime};

use super::{LIFETIME, Named, TokenError, Tokens};

/// How long a key is public before it signs: twice as long as answers with public keys may be kept.
const LEAD: Duration = Duration::minutes(10);
/// How long after its successor was made a key is of use.
pub(crate) const OVERLAP: Duration = Duration::minutes(10 + 10);

/// One key.
#[derive(Debug)]
struct Key {
    seed: Vec<u8>,
    made_at: OffsetDateTime,
    tokens: Tokens,
}

/// All keys, oldest first; never none.
pub struct KeyRing {
    keys: RwLock<Arc<[Arc<Key>]>>,
}

/// Shows which keys they are and nothing of the keys.
impl std::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys();
        let tokens = keys.iter().map(|key| &key.tokens);
        formatter.debug_list().entries(tokens).finish()
    }
}

impl KeyRing {
    /// The keys of these seeds, oldest first.
    pub fn of(seeds: &[SigningSeed]) -> Result<Self, TokenError> {
        let keys = seeds.iter().map(|seed| Key::of(seed).map(Arc::new));
        let keys = keys.collect::<Result<_, TokenError>>()?;
        Ok(Self {
            keys: RwLock::new(keys),
        })
    }

    /// Takes over the keys of these seeds; those that are known go on with what they remember.
    pub fn put(&self, seeds: &[SigningSeed]) -> Result<(), TokenError> {
        let known = self.keys();
        let same = known.iter().map(|key| &key.seed);
        if seeds.is_empty() || same.eq(seeds.iter().map(|seed| &seed.seed)) {
            return Ok(());
        }
        let keys = seeds.iter().map(|seed| {
            let found = known.iter().find(|key| key.seed == seed.seed);
            found.map_or_else(|| Key::of(seed).map(Arc::new), |key| Ok(Arc::clone(key)))
        });
        let keys = keys.collect::<Result<_, TokenError>>()?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The public keys, for those who check tokens themselves.
    pub fn public_keys(&self, now: OffsetDateTime) -> JwkSet {
        let keys = self.keys();
        let keys = in_use(&keys, now).iter();
        JwkSet {
            keys: keys.map(|key| key.tokens.public_key()).collect(),
        }
    }

    /// A token for a session that was just opened or prolonged.
    pub fn issue(&self, of: &SessionTokens, now: OffsetDateTime) -> Result<String, TokenError> {
        let keys = self.keys();
        let keys = in_use(&keys, now);
        let known_for_long = |key: &&Arc<Key>| key.made_at + LEAD <= now;
        let key = keys.iter().rfind(known_for_long).or(keys.first());
        let key = key.ok_or(TokenError::NoKey)?;
        key.tokens.issue(of, now)
    }

    /// Whom a token names, if we signed it, as an access token, and it has not expired.
    pub fn verify(&self, token: &str, now: OffsetDateTime) -> Option<Named> {
        let keys = self.keys();
        let mut keys = in_use(&keys, now).iter();
        keys.find_map(|key| key.tokens.verify(token, now))
    }

    fn keys(&self) -> Arc<[Arc<Key>]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Key {
    fn of(seed: &SigningSeed) -> Result<Self, TokenError> {
        Ok(Self {
            tokens: Tokens::of_seed(&seed.seed)?,
            seed: seed.seed.clone(),
            made_at: seed.made_at,
        })
    }
}

/// The keys without those whose tokens are all over.
fn in_use(keys: &[Arc<Key>], now: OffsetDateTime) -> &[Arc<Key>] {
    let followed = |key: &Arc<Key>| key.made_at + LEAD + LIFETIME <= now;
    let first = keys.iter().rposition(followed).unwrap_or(0);
    keys.get(first..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
