//! Keys that follow each other, over time.

use schema::{
    SessionId, SigningSeed, UserId,
    identity::{Secret, SessionTokens},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{KeyRing, OVERLAP};
use crate::token::LIFETIME;

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn at(minutes: i64) -> OffsetDateTime {
    START + Duration::minutes(minutes)
}

fn seed(number: u8, minutes: i64) -> SigningSeed {
    SigningSeed {
        seed: vec![number; 32],
        made_at: at(minutes),
    }
}

fn session() -> SessionTokens {
    SessionTokens {
        user: UserId::new(Uuid::from_u128(1)),
        session: SessionId::new(Uuid::from_u128(2)),
        auth_epoch: 3,
        refresh_token: Secret::new(String::new()),
    }
}

/// The key that signs at this time.
fn signs(ring: &KeyRing, now: OffsetDateTime) -> String {
    let token = ring.issue(&session(), now).unwrap();
    assert!(
        ring.verify(&token, now).is_some(),
        "it knows its own tokens"
    );
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

fn public(ring: &KeyRing, now: OffsetDateTime) -> Vec<String> {
    let keys = ring.public_keys(now).keys.into_iter();
    keys.map(|key| key.common.key_id.unwrap()).collect()
}

#[test]
fn a_new_key_is_public_before_it_signs_and_the_old_one_after() {
    let ring = KeyRing::of(&[seed(1, 0)]).unwrap();
    let first = signs(&ring, at(0));
    ring.put(&[seed(1, 0), seed(2, 100)]).unwrap();
    let second = public(&ring, at(100))[1].clone();
    assert_eq!(public(&ring, at(100)), [first.clone(), second.clone()]);
    assert_eq!(signs(&ring, at(109)), first);
    let last_of_first = ring.issue(&session(), at(109)).unwrap();
    assert_eq!(signs(&ring, at(110)), second);
    let good_until = at(109) + LIFETIME - Duration::SECOND;
    assert!(ring.verify(&last_of_first, good_until).is_some());
    assert_eq!(public(&ring, at(119)), [first, second.clone()]);
    assert_eq!(public(&ring, at(120)), [second]);
    assert_eq!(
        OVERLAP,
        Duration::minutes(20),
        "as long as the first is of use"
    );
}

#[test]
fn a_key_that_is_gone_checks_nothing_any_more() {
    let ring = KeyRing::of(&[seed(1, 0)]).unwrap();
    let token = ring.issue(&session(), at(1)).unwrap();
    assert!(ring.verify(&token, at(1)).is_some());
    ring.put(&[seed(2, 1)]).unwrap();
    assert!(ring.verify(&token, at(1)).is_none());
    signs(&ring, at(1));
    // Nothing is no ring.
    ring.put(&[]).unwrap();
    signs(&ring, at(1));
}
