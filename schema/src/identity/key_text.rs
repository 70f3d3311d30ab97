//! The text of an API key: `rlt_<key id>_<secret><checksum>`, all base62.
//!
//! The checksum lets a scanner, and the server, refuse a made-up or mistyped text without a look-up.
//! It protects nothing: the 256-bit secret does.

use rand::RngExt as _;
use sha2::{Digest, Sha256};

const PREFIX: &str = "rlt_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY_ID: usize = 12;
/// 43 characters of base62 hold 256 bits.
const SECRET: usize = 43;
/// 6 characters of base62 hold 32 bits.
const CHECKSUM: usize = 6;

/// A key's text, well-formed and with the right checksum.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    key_id: String,
    secret: String,
}

/// The secret stays out of every log.
impl std::fmt::Debug for KeyText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KeyText({})", self.key_id)
    }
}

impl KeyText {
    /// Whether a bearer token claims to be an API key.
    pub fn claims_to_be(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Parses a key and checks its checksum.
    pub fn parse(text: &str) -> Option<Self> {
        let (key_id, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let well_formed = key_id.len() == KEY_ID
            && rest.len() == SECRET + CHECKSUM
            && key_id
                .bytes()
                .chain(rest.bytes())
                .all(|byte| ALPHABET.contains(&byte));
        if !well_formed {
            return None;
        }
        let (secret, checksum) = rest.split_at(SECRET);
        let parsed = Self {
            key_id: key_id.to_owned(),
            secret: secret.to_owned(),
        };
        (parsed.checksum() == checksum).then_some(parsed)
    }

    /// A new random key.
    pub(crate) fn random() -> Self {
        Self::with_new_secret(random_text(KEY_ID))
    }

    /// The key with this public part and a new random secret.
    pub(crate) fn with_new_secret(key_id: String) -> Self {
        Self {
            key_id,
            secret: random_text(SECRET),
        }
    }

    /// The public part.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The whole text.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}_{}{}", self.key_id, self.secret, self.checksum())
    }

    /// What is stored of the secret.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret.as_bytes()).to_vec()
    }

    fn checksum(&self) -> String {
        let mut rest = crc32(&[PREFIX, &self.key_id, "_", &self.secret].concat());
        let mut digits = [b'0'; CHECKSUM];
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
        digits.iter().map(|digit| char::from(*digit)).collect()
    }
}

/// A text of uniformly random base62 characters.
pub(super) fn random_text(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]))
        .collect()
}

/// CRC-32 as zip and PNG use it (reflected, polynomial `EDB88320`).
fn crc32(text: &str) -> u32 {
    let remainder = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    !remainder
}
