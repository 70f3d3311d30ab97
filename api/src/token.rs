//! Access tokens: JSON Web Tokens signed with Ed25519 (RFC 8037, RFC 9068), made and checked here.
//!
//! The algorithm is fixed by this file and never taken from a token. The instants are judged by the
//! server's clock, not by the library's.

mod ring;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, KeyOperations, PublicKeyUse, ThumbprintHash},
};
use moka::sync::Cache;
use schema::{SessionId, UserId, identity::SessionTokens};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use ring::KeyRing;
pub(crate) use ring::OVERLAP;

/// How long an access token is good.
pub const LIFETIME: Duration = Duration::minutes(10);

/// The media type of an access token (RFC 9068), so that no other kind of token passes for one.
const TYPE: &str = "at+jwt";
const ISSUER: &str = "relata";
const AUDIENCE: &str = "relata-api";
/// Ours have about 400 characters; longer ones are not worth a signature check.
const MAX_LENGTH: usize = 2_048;
/// How many tokens with a good signature are remembered, about 100 bytes each.
const MOST_VERIFIED: u64 = 10_000;
/// What stands before the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A signing key.
pub(crate) struct Tokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
    key_id: String,
    /// Tokens whose signature was checked, by their SHA-256: a check costs more than a read of a record.
    verified: Cache<[u8; 32], Verified>,
}

/// Shows which key it is and nothing of the key.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tokens({})", self.key_id)
    }
}

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The key can't be used, or signing failed.
    #[error("signing failed")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// There is no key.
    #[error("there is no signing key")]
    NoKey,
}

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    exp: i64,
    iat: i64,
    jti: Uuid,
    auth_epoch: i32,
}

/// Whom an access token names. Whether user and session still stand is for the engine to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The user.
    pub user: UserId,
    /// The sign-in.
    pub session: SessionId,
    /// The epoch of the user at that time.
    pub auth_epoch: i32,
}

/// What a token says that we signed, as long as it is good.
#[derive(Clone, Copy, Debug)]
struct Verified {
    named: Named,
    expires: i64,
}

impl Tokens {
    /// The key that grows out of a seed of 32 bytes.
    pub(crate) fn of_seed(seed: &[u8]) -> Result<Self, TokenError> {
        let signing = EncodingKey::from_ed_der(&[&PKCS8_HEAD, seed].concat());
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?;
        let key_id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        public.common.key_operations = Some(vec![KeyOperations::Verify]);
        Ok(Self {
            verifying: DecodingKey::from_jwk(&public)?,
            signing,
            public,
            key_id,
            verified: Cache::new(MOST_VERIFIED),
        })
    }

    /// The public key, for those who check tokens themselves.
    fn public_key(&self) -> Jwk {
        self.public.clone()
    }

    /// A token for a session that was just opened or prolonged.
    fn issue(&self, of: &SessionTokens, now: OffsetDateTime) -> Result<String, TokenError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: of.user,
            sid: of.session,
            exp: (now + LIFETIME).unix_timestamp(),
            iat: now.unix_timestamp(),
            jti: uuid::Builder::from_random_bytes(rand::random()).into_uuid(),
            auth_epoch: of.auth_epoch,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    /// Whom a token names, if we signed it, as an access token, and it has not expired.
    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<Named> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let verified = if let Some(known) = self.verified.get(&hash) {
            known
        } else {
            let checked = self.check(token)?;
            self.verified.insert(hash, checked);
            checked
        };
        (now.unix_timestamp() < verified.expires).then_some(verified.named)
    }

    /// Checks everything but the time, which goes on.
    fn check(&self, token: &str) -> Option<Verified> {
        // A token of another key costs no signature check.
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.kid.as_deref() != Some(self.key_id.as_str()) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.algorithms = vec![Algorithm::EdDSA];
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the machine's clock.
        validation.validate_exp = false;
        let data = jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation).ok()?;
        let is_ours = data.header.typ.as_deref() == Some(TYPE);
        is_ours.then_some(Verified {
            named: Named {
                user: data.claims.sub,
                session: data.claims.sid,
                auth_epoch: data.claims.auth_epoch,
            },
            expires: data.claims.exp,
        })
    }
}

#[cfg(test)]
mod tests;
