//! One-time codes by the time (TOTP, RFC 6238): SHA-1, six digits, steps of 30 seconds, as all apps have it.

#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt as _;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::Secret;

/// Seconds of a step.
const STEP: i64 = 30;
/// How many steps a clock may be behind or ahead.
const WINDOW: i64 = 1;
/// Bytes of a secret: as many as the hash has (RFC 4226, section 4).
const SECRET: usize = 20;
/// Digits of a code.
const DIGITS: usize = 6;
/// Codes are smaller than this.
const MODULUS: u32 = 1_000_000;
/// What base32 is written with (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters of a recovery code: 80 bits.
const RECOVERY_LENGTH: usize = 16;
/// How many recovery codes a user has.
const RECOVERY_CODES: usize = 10;

/// The secret that an app and the server share.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TotpSecret(Vec<u8>);

impl TotpSecret {
    pub(crate) fn random() -> Self {
        Self(rand::random::<[u8; SECRET]>().to_vec())
    }

    /// The secret in base32, as people type it into an app.
    pub(crate) fn text(&self) -> String {
        let bits = self
            .0
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let bits: Vec<u8> = bits.collect();
        let digits = bits.chunks(5).map(|five| {
            let value = five.iter().fold(0_u8, |value, bit| value << 1 | bit) << (5 - five.len());
            char::from(BASE32[usize::from(value)])
        });
        digits.collect()
    }

    /// Reads what [`Self::text`] has written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bits = Vec::with_capacity(text.len() * 5);
        for character in text.bytes() {
            let value = BASE32.iter().position(|known| *known == character)?;
            bits.extend(
                (0..5)
                    .rev()
                    .map(|bit| u8::try_from(value >> bit & 1).unwrap_or(0)),
            );
        }
        let bytes = bits.chunks_exact(8);
        let bytes = bytes.map(|eight| eight.iter().fold(0_u8, |value, bit| value << 1 | bit));
        Some(Self(bytes.collect()))
    }

    /// The address that an app reads, mostly as a QR code.
    pub(crate) fn uri(&self, account: &str) -> String {
        let account = url::form_urlencoded::byte_serialize(account.as_bytes());
        let account: String = account.collect::<String>().replace('+', "%20");
        let secret = self.text();
        format!(
            "otpauth://totp/Relata:{account}?secret={secret}&issuer=Relata&algorithm=SHA1&digits={DIGITS}&period={STEP}"
        )
    }

    /// The step whose code this is: one of those around now, and later than the last one that was used.
    pub(crate) fn matching_step(
        &self,
        code: &str,
        now: OffsetDateTime,
        last_used: Option<i64>,
    ) -> Option<i64> {
        let current = now.unix_timestamp().div_euclid(STEP);
        let steps = current - WINDOW..=current + WINDOW;
        let unused = steps.filter(|step| last_used.is_none_or(|last| *step > last));
        // The search ends at the one that fits: that tells at most which of them a right code is of.
        let mut unused = unused;
        unused.find(|step| self.code(*step).as_deref() == Some(code))
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub(crate) fn code(&self, step: i64) -> Option<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let offset = usize::from(mac.last()? & 0xf);
        let word: [u8; 4] = mac.get(offset..offset + 4)?.try_into().ok()?;
        let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % MODULUS;
        Some(format!("{number:0DIGITS$}"))
    }
}

/// A code as somebody has typed it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TypedCode {
    /// Six digits of an app.
    Totp(String),
    /// One of the codes for whoever has lost the app, by its hash.
    Recovery(Vec<u8>),
}

impl TypedCode {
    /// Blanks and dashes are for the eye.
    pub(crate) fn read(text: &str) -> Self {
        let plain = text.chars().filter(|it| !it.is_whitespace() && *it != '-');
        let plain: String = plain.collect::<String>().to_ascii_uppercase();
        if plain.len() == DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Totp(plain)
        } else {
            Self::Recovery(Sha256::digest(plain.as_bytes()).to_vec())
        }
    }
}

/// New recovery codes, and what is stored of each. 80 random bits need no slow hash.
pub(crate) fn random_recovery_codes() -> Vec<(Secret, Vec<u8>)> {
    let mut rng = rand::rng();
    let codes = (0..RECOVERY_CODES).map(|_| {
        let letters = (0..RECOVERY_LENGTH).map(|_| BASE32[rng.random_range(0..BASE32.len())]);
        let plain: String = letters.map(char::from).collect();
        let hash = Sha256::digest(plain.as_bytes()).to_vec();
        let groups = plain.as_bytes().chunks(4);
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        (Secret::new(groups.join("-").to_ascii_lowercase()), hash)
    });
    codes.collect()
}
