//! Opaque tokens: 256 random bits behind a prefix that tells what they are for. Only their SHA-256 is
//! stored: what is random needs no slow hash.

use sha2::{Digest, Sha256};

use super::{Secret, key_text::random_text};

/// 43 characters of base62 hold 256 bits.
const LENGTH: usize = 43;

/// A kind of token, by its prefix. None passes for another, nor for an API key (`rlt_`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenKind(&'static str);

impl TokenKind {
    /// Prolongs a session, once.
    pub(crate) const REFRESH: Self = Self("rlr_");
    /// Stands in a mailed link: chooses a password, once.
    pub(crate) const LINK: Self = Self("rlm_");
    /// Stands for a sign-in whose password was right, until a code comes.
    pub(crate) const CHALLENGE: Self = Self("rlc_");
    /// Stands for a sign-in by a provider that has begun. It is sealed, not random.
    pub(crate) const TRANSACTION: Self = Self("rlo_");

    /// A new random token.
    pub(crate) fn random(self) -> Secret {
        Secret::new([self.0, &random_text(LENGTH)].concat())
    }

    /// A token that holds a sealed text.
    pub(crate) fn wrap(self, sealed: &str) -> Secret {
        Secret::new([self.0, sealed].concat())
    }

    /// The sealed text in a token; `None` for a text that is none of this kind.
    pub(crate) fn unwrap(self, text: &str) -> Option<&str> {
        text.strip_prefix(self.0)
    }

    /// What is stored of a token; `None` for a text that can't be one of this kind.
    pub(crate) fn hash(self, text: &str) -> Option<Vec<u8>> {
        let well_formed = text.len() == self.0.len() + LENGTH && text.starts_with(self.0);
        well_formed.then(|| Self::hash_of(text))
    }

    /// What is stored of a token that was just made.
    pub(crate) fn hash_of(text: &str) -> Vec<u8> {
        Sha256::digest(text.as_bytes()).to_vec()
    }
}
