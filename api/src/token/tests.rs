//! Tokens that must not pass.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use schema::{
    SessionId, UserId,
    identity::{Secret, SessionTokens},
};
use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{LIFETIME, Tokens};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn tokens() -> Tokens {
    Tokens::of_seed(&[7; 32]).expect("any 32 bytes are a seed")
}

fn session() -> SessionTokens {
    SessionTokens {
        user: UserId::new(Uuid::from_u128(1)),
        session: SessionId::new(Uuid::from_u128(2)),
        auth_epoch: 3,
        refresh_token: Secret::new(String::new()),
    }
}

fn claims() -> Json {
    json!({
        "iss": "relata", "aud": "relata-api", "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2),
        "exp": 600, "iat": 0, "jti": Uuid::from_u128(4), "auth_epoch": 3,
    })
}

/// A token with our key, and with what a test changes of header and claims.
fn signed(change: impl FnOnce(&mut Header, &mut Json)) -> String {
    let tokens = tokens();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(tokens.key_id.clone());
    let mut claims = claims();
    change(&mut header, &mut claims);
    jsonwebtoken::encode(&header, &claims, &tokens.signing).expect("it can be signed")
}

#[track_caller]
fn refuse(token: &str) {
    assert_eq!(tokens().verify(token, NOW), None, "{token}");
}

#[test]
fn a_token_names_its_user_until_it_expires() {
    let tokens = tokens();
    let token = tokens.issue(&session(), NOW).expect("it can be signed");
    let named = tokens.verify(&token, NOW).expect("it is good");
    assert_eq!((named.user, named.auth_epoch), (session().user, 3));
    assert!(
        tokens
            .verify(&token, NOW + LIFETIME - Duration::SECOND)
            .is_some()
    );
    assert!(tokens.verify(&token, NOW + LIFETIME).is_none());
    assert!(
        tokens.verify(&signed(|_, _| {}), NOW).is_some(),
        "the other tests prove something"
    );
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let token = signed(|_, _| {});
    let payload = token.split('.').nth(1).expect("three parts");
    for header in [
        json!({ "alg": "none", "typ": "at+jwt" }),
        json!({ "alg": "None", "typ": "at+jwt" }),
        json!({ "typ": "at+jwt" }),
    ] {
        let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        refuse(&format!("{header}.{payload}."));
        refuse(&format!("{header}.{payload}"));
    }
}

#[test]
fn a_token_signed_with_the_public_key_as_a_shared_secret_is_refused() {
    let public = serde_json::to_value(tokens().public_key()).expect("JSON");
    let x = public["x"].as_str().expect("the public key");
    let raw = BASE64_URL_SAFE_NO_PAD.decode(x).expect("base64");
    for secret in [raw.as_slice(), x.as_bytes()] {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(tokens().key_id);
        let key = EncodingKey::from_secret(secret);
        refuse(&jsonwebtoken::encode(&header, &claims(), &key).expect("it can be signed"));
    }
}

#[test]
fn a_token_of_another_key_issuer_audience_or_kind_is_refused() {
    let foreign = Tokens::of_seed(&[8; 32]).expect("any 32 bytes are a seed");
    refuse(&foreign.issue(&session(), NOW).expect("it can be signed"));
    refuse(&signed(|_, claims| claims["iss"] = json!("other")));
    refuse(&signed(|_, claims| claims["aud"] = json!("other")));
    refuse(&signed(|_, claims| claims["exp"] = json!(0)));
    for claim in ["iss", "aud", "sub", "sid", "exp", "auth_epoch"] {
        refuse(&signed(|_, claims| {
            claims.as_object_mut().expect("an object").remove(claim);
        }));
    }
    refuse(&signed(|header, _| header.typ = Some("JWT".to_owned())));
    refuse(&signed(|header, _| header.typ = None));
    refuse(&signed(|header, _| header.kid = Some("other".to_owned())));
    refuse(&signed(|header, _| header.kid = None));
}

#[test]
fn a_token_that_was_changed_is_refused() {
    let token = signed(|_, _| {});
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut other = claims();
    other["sub"] = json!(Uuid::from_u128(9));
    parts[1] = BASE64_URL_SAFE_NO_PAD.encode(other.to_string());
    refuse(&parts.join("."));
    for wrong in ["", ".", "..", "a.b.c", &token[1..], &"a".repeat(5_000)] {
        refuse(wrong);
    }
}

#[test]
fn the_public_key_holds_nothing_private() {
    let public = serde_json::to_value(tokens().public_key()).expect("JSON");
    let key = public.as_object().expect("one key");
    let names: Vec<&str> = key.keys().map(String::as_str).collect();
    assert!(
        names
            .iter()
            .all(|name| ["use", "key_ops", "alg", "kid", "kty", "crv", "x"].contains(name)),
        "{names:?}"
    );
    assert!(!format!("{:?}", tokens()).contains("encoding"));
}
