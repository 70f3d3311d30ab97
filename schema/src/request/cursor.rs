//! Cursors: opaque, signed, bound to the list that they come from.
//!
//! A cursor is the sort values and the id of one record as JSON, in front of it a MAC over them and
//! over the *context*: a hash of type, sort, filter and the caller's rights. It is good for nothing in
//! another list. The values are covered by a stream of bytes that is made of the MAC: places in an order are no
//! value that a caller is shown.

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
    let mut covered = values.to_vec();
    cover(key, &bytes, &mut covered);
    bytes.extend_from_slice(&covered);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the values of a cursor; `None` when it is damaged or belongs elsewhere.
pub(crate) fn decode(key: &[u8], context: &Context, cursor: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    if bytes.len() < TAG_LENGTH {
        return None;
    }
    let mut values = bytes.split_off(TAG_LENGTH);
    cover(key, &bytes, &mut values);
    mac(key, context, &values)
        .verify_truncated_left(&bytes)
        .ok()?;
    Some(values)
}

/// Covers bytes, or uncovers them: the same tag gives the same stream, and no two contents have one tag.
fn cover(key: &[u8], tag: &[u8], bytes: &mut [u8]) {
    for (block, part) in (0_u64..).zip(bytes.chunks_mut(32)) {
        let mut context = Context::default();
        context[..8].copy_from_slice(&block.to_be_bytes());
        context[8..16].copy_from_slice(b"covering");
        let stream = mac(key, &context, tag).finalize().into_bytes();
        for (byte, cover) in part.iter_mut().zip(stream) {
            *byte ^= cover;
        }
    }
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
