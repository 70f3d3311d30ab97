//! Seals secrets before they are stored: XChaCha20-Poly1305 under a key that all nodes share. The field is
//! bound in, so that a sealed text opens nowhere else.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use crate::{
    error::{Error, Result},
    id::FieldId,
    value::{Secret, Value},
};

/// What a sealed text begins with, so that another way of sealing can be told from this one.
const FORM: &str = "1:";

/// The key.
pub(super) struct Sealer(XChaCha20Poly1305);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sealer")
    }
}

impl Sealer {
    /// A sealer with a key of 32 bytes.
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let cipher = XChaCha20Poly1305::new_from_slice(key);
        let cipher = cipher.map_err(|_| Error::internal("sealing", "the key has no 32 bytes"))?;
        Ok(Self(cipher))
    }

    /// The value as it is stored: a secret sealed, all else as it is.
    pub(super) fn seal(&self, field: FieldId, value: &Value) -> Result<Value> {
        match value {
            Value::Secret(secret) => self.seal_text(field, secret).map(Value::Text),
            Value::Null
            | Value::Text(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Uuid(_)
            | Value::TextSet(_)
            | Value::Json(_) => Ok(value.clone()),
        }
    }

    fn seal_text(&self, field: FieldId, secret: &Secret) -> Result<String> {
        self.seal_for(&field.to_string(), secret.expose())
    }

    /// Seals a text for a purpose, which is bound in as the field of a value is.
    pub(super) fn seal_for(&self, purpose: &str, text: &str) -> Result<String> {
        let nonce: [u8; 24] = rand::random();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: purpose.as_bytes(),
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("sealing", "a secret is too long"))?;
        Ok(FORM.to_owned() + &STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The sealed text, or nothing where it was sealed for another purpose or changed since.
    pub(super) fn open_for(&self, purpose: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed.strip_prefix(FORM)?).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let nonce = <[u8; 24]>::try_from(nonce).ok()?;
        let text = self.0.decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }
}
