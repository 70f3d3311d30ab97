//! Keys with which the provider signs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value as Json, json};

/// What stands before the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A key that signs.
#[derive(Clone)]
pub(in crate::people) struct Key {
    id: &'static str,
    algorithm: Algorithm,
    signing: EncodingKey,
}

impl Key {
    /// An Ed25519 key out of a seed.
    pub(in crate::people) fn ed25519(id: &'static str, seed: u8) -> Self {
        Self {
            id,
            algorithm: Algorithm::EdDSA,
            signing: EncodingKey::from_ed_der(&[&PKCS8_HEAD, [seed; 32].as_slice()].concat()),
        }
    }

    /// The RSA key of the tests. To make one takes long.
    pub(in crate::people) fn rsa(id: &'static str) -> Self {
        let key = STANDARD.decode(RSA).expect("base64");
        Self {
            id,
            algorithm: Algorithm::RS256,
            signing: EncodingKey::from_rsa_der(&key),
        }
    }

    /// A key that the client could make as well.
    pub(in crate::people) fn shared(id: &'static str, secret: &str) -> Self {
        Self {
            id,
            algorithm: Algorithm::HS256,
            signing: EncodingKey::from_secret(secret.as_bytes()),
        }
    }

    /// Its public half.
    pub(in crate::people) fn public(&self) -> Json {
        let mut key = Jwk::from_encoding_key(&self.signing, self.algorithm).expect("a key");
        key.common.key_id = Some(self.id.to_owned());
        let mut key = serde_json::to_value(&key).expect("JSON");
        key["use"] = json!("sig");
        key
    }

    /// A signed token.
    pub(super) fn sign(&self, claims: &Json) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.signing).expect("a token")
    }
}

/// A key of 2048 bits (PKCS #1, DER), made for these tests and used nowhere else.
const RSA: &str = concat!(
    "MIIEogIBAAKCAQEAoLeo5eNDpP2Jz0Bzl68M2gDsyyF/2mBifcIWTkYDCvFX2JaM+nvjvjKDzSREf2MFhlXH2q+eI+QVd7eYYw7A",
    "Pb0at5yok4zofXJymFU4Nlzg+zxGP3SCy/xKyWwVCuAmgJFnOe3xf4WcXnN9jM0NVZ0cM0Uiwkyj/Onpd3GaibroKhlSW/CtT+8R",
    "DNh5IfKbG/oBzhzvHwCzJfGwo9pUDRe5CXAtDq9GPiUMqJM0ngLfw4Qfx3KT2gNQ3TU7bB6Sn/7nT0UAUwLm6RiTQxl2C6d261Nn",
    "QhaG1fEqahbPmRg2WcRfnpdCvbv58/e61P1Tk42aIw99GKj4TaACGeiO6QIDAQABAoIBACBuPxo4fFdoQ+0607h5fc3l3uJ0fZCq",
    "32UCC686yHVmUvQlGQiYhFHGbrswBNRxvlUnrR7vTilu5ngUZ58hhGBQ7vm7FndDuUxLEl2z4JZzsoBv3rsCPzx7SfoQIcTii1Jp",
    "RNu3LIKviuiyRFTrsbOjcuPToRp1DahE6TQNjAIbj5x8v4Db4FNnE/LxqlzFHf+1rDPsTRat6hj7hV2v3opfUq6G8TKbYJgOSGLK",
    "8XOAkgAeWfqnppVoD5sDTBBC1Q1U6HBaeDhNfutyaTwGBoicVhlcrOOW0TR/+aL8snY4cL9GGHnrV1xzY+fHK5IfY7QY0dgZmRdA",
    "K7PNcx2W9KkCgYEA2Uaf1Q7GVYu72rsWkNuplyedd4788pn+rNPzPJZ6T2tyezgnzD8cyVPaQxibZniOFXMXvCMe+AODmZdMz68q",
    "E9ZhLd5dwT1lG8/ZrQ8Q2zvx3GHARb7Px3TNwtRMDGwXzADcnoBeuEsxm8sfZDvYl6KnToYoUZaUbD3HOzbyFvUCgYEAvVyDZCm5",
    "JK9Vf4L2moPByOz2oaiChzNigmNEyK5y0esfFuQ2Y+XBSq615/F8vd4GVVvsx4J+91AkTqHF8ViRAiXZHoOJg3YaKgz+z5+XY2f2",
    "cHMB9dh++hYOBWRxJ7kPCAYYQr0uxO6XaIDOcIhDmpZhjwJl7qPJhDGB5lU416UCgYBmQEBTyiI4fAwqAcW64kVLZ09JxrbvjN03",
    "hH+B0ec5nP1BU8oW6tSnQpkC3n+zl6R2H7XZykV2vmCeVX/GdU6+CzOsnGtO14/PqN9t/BsYsXs/FZmguQ2bdjKnL7WiWvRQA0/Q",
    "H+VzoZ91DAB38Voa8mb+I1CyJMUws1ohWdhQSQKBgF9pxBKuK0nextfPJ27HwNb6/3KJM+vn6lUEq93qeJRpQmsIZpeDZxe4XJQY",
    "S+BnhQ1xmicVC+CVkxXD0bdAByDr7TDA2oNQ+PIDRklbgq5l7fjPGkfD5IciocH50EJRrs8+Mu8939j+12+ip2JwZo/4AgRLEw1h",
    "neJsB6YFfvS5AoGAI6vzKvkHtWmugEc8iCMAlGP7ASQo9Qy+b5KViBUc2gbOrHT2W8MadMeHL1XLdVQob9ZdwaqPHHBmuKuDHO8e",
    "P6ViMbuSxvcC0hbYnzfFPRqA0kYsYsBPQSsb6wxAT7xgEwP1ar9qQNrS83whHKt64ibYylwayiSzzxr7uaSnbOc=",
);
