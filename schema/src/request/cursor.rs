//! Cursors: opaque, signed, bound to the list that they come from.
//!
//! A cursor is the sort values and the id of one record as JSON, in front of it a MAC over them and
//! over the *context*: a hash of type, sort, filter and the caller's rights. It holds only values
//! that the caller was shown, and is good for nothing in another list.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const TAG_LENGTH: usize = 16;

/// The hash of what a cursor is bound to.
pub(crate) type Context = [u8; 32];

/// Hashes what a cursor is bound to. Each piece counts with its length, so that no two lists of pieces
/// look the same.
pub(crate) fn context(pieces: &[&[u8]]) -> Context {
    let mut sha = Sha256::new();
    for piece in pieces {
        sha.update((piece.len() as u64).to_be_bytes());
        sha.update(piece);
    }
    sha.finalize().into()
}

/// Writes a cursor for a record.
pub(crate) fn encode(key: &[u8], context: &Context, values: &[u8]) -> String {
    let mut bytes = tag(key, context, values);
    bytes.extend_from_slice(values);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the values of a cursor; `None` when it is damaged or belongs elsewhere.
pub(crate) fn decode(key: &[u8], context: &Context, cursor: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    if bytes.len() < TAG_LENGTH {
        return None;
    }
    let values = bytes.split_off(TAG_LENGTH);
    mac(key, context, &values)
        .verify_truncated_left(&bytes)
        .ok()?;
    Some(values)
}

fn tag(key: &[u8], context: &Context, values: &[u8]) -> Vec<u8> {
    mac(key, context, values).finalize().into_bytes()[..TAG_LENGTH].to_vec()
}

fn mac(key: &[u8], context: &Context, values: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(context);
    mac.update(values);
    mac
}
