//! The chain, without a database.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Arrival, AuditKind, AuditObject, Draft, Verifier,
    chain::{END_OF_NOTHING, hex},
    chained, parse_hash,
};
use crate::{access::Caller, identity::AuditReport};

type Rows = Vec<entity::audit_entry::Model>;

fn draft(number: u128) -> Draft {
    let caller = Caller::system("test", OffsetDateTime::UNIX_EPOCH);
    let object = (AuditObject::Role, Uuid::from_u128(number));
    Draft::of(&caller, AuditKind::RoleCreated, object).with("number", json!(number.to_string()))
}

fn start() -> entity::audit_head::Model {
    entity::audit_head::Model {
        id: 1,
        sequence: 0,
        hash: END_OF_NOTHING.to_vec(),
    }
}

fn rows(count: u128) -> Rows {
    let drafts: Vec<Draft> = (1..=count).map(draft).collect();
    chained(&start(), &drafts)
}

fn head_of(rows: &Rows) -> entity::audit_head::Model {
    rows.last()
        .map_or_else(start, |row| entity::audit_head::Model {
            sequence: row.sequence,
            hash: row.hash.clone(),
            ..start()
        })
}

fn verify(rows: &Rows, head: &entity::audit_head::Model, noted: Option<&str>) -> AuditReport {
    let mut verifier = Verifier::new(noted.and_then(parse_hash));
    for row in rows {
        if !verifier.take(row) {
            break;
        }
    }
    verifier.finish(head)
}

fn broken_at(rows: &Rows, head: &entity::audit_head::Model) -> Option<i64> {
    verify(rows, head, None)
        .broken
        .map(|broken| broken.sequence)
}

#[test]
fn the_encoding_is_a_promise() {
    let rows = rows(1);
    let text = concat!(
        "14:relata audit 1,1:1,27:1970-01-01T00:00:00.000000Z,11:roleCreated,6:system,-4:role,",
        "36:00000000-0000-0000-0000-000000000001,--30:{\"reason\":\"test\",\"number\":\"1\"},",
        "64:0000000000000000000000000000000000000000000000000000000000000000,",
    );
    let hash = <sha2::Sha256 as sha2::Digest>::digest(text).to_vec();
    assert_eq!(rows[0].hash, hash);
}

#[test]
fn a_chain_that_nobody_touched_fits() {
    for count in [0, 1, 5] {
        let rows = rows(count);
        let report = verify(&rows, &head_of(&rows), None);
        assert_eq!(report.broken, None);
        assert_eq!(report.entries, i64::try_from(count).unwrap());
    }
}

#[test]
fn every_member_of_an_entry_is_under_its_hash() {
    let changes: [fn(&mut entity::audit_entry::Model); 11] = [
        |row| row.at += 1,
        |row| row.kind = "roleDeleted".to_owned(),
        |row| row.principal_kind = "user".to_owned(),
        |row| row.principal_id = Some(Uuid::nil()),
        |row| row.object_type = None,
        |row| row.object_id = None,
        |row| row.address = Some(String::new()),
        |row| row.session_id = Some(Uuid::nil()),
        |row| row.details.push(' '),
        |row| row.previous_hash[0] ^= 1,
        |row| row.hash[31] ^= 1,
    ];
    for change in changes {
        let mut rows = rows(4);
        change(&mut rows[2]);
        assert_eq!(broken_at(&rows, &head_of(&rows)), Some(3));
    }
}

#[test]
fn the_first_entry_that_does_not_fit_is_named() {
    let whole = rows(5);
    let head = head_of(&whole);
    let mut removed = whole.clone();
    removed.remove(1);
    assert_eq!(broken_at(&removed, &head), Some(2));
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    assert_eq!(broken_at(&swapped, &head), Some(3));
    let (third, fourth) = (whole[2].sequence, whole[3].sequence);
    (swapped[2].sequence, swapped[3].sequence) = (third, fourth);
    assert_eq!(broken_at(&swapped, &head), Some(3));
    let cut = whole[..3].to_vec();
    assert_eq!(broken_at(&cut, &head), Some(4));
    let mut other = start();
    (other.sequence, other.hash) = (5, vec![1; 32]);
    assert_eq!(broken_at(&whole, &other), Some(5));
}

#[test]
fn a_noted_hash_shows_an_end_that_was_cut_off_and_a_log_that_was_written_anew() {
    let whole = rows(5);
    let noted = hex(&whole[4].hash);
    let there = |rows: &Rows| verify(rows, &head_of(rows), Some(&noted)).noted_is_there;
    assert_eq!(there(&whole), Some(true));
    assert_eq!(there(&rows(6)), Some(true));
    assert_eq!(there(&whole[..4].to_vec()), Some(false));
    assert_eq!(verify(&whole, &head_of(&whole), None).noted_is_there, None);
}

#[test]
fn hashes_are_sixty_four_digits() {
    for wrong in [
        "",
        "00",
        "zz",
        &"0".repeat(63),
        &"0".repeat(65),
        &"g".repeat(64),
        &"é".repeat(32),
    ] {
        assert_eq!(parse_hash(wrong), None, "{wrong}");
    }
    assert_eq!(parse_hash(&"0".repeat(64)), Some(END_OF_NOTHING));
}

#[test]
fn no_control_character_and_no_end_of_a_long_name_is_kept() {
    let kept = |text: &str| {
        let user_agent = Some(text.to_owned());
        Arrival {
            address: None,
            user_agent,
        }
        .kept_agent()
    };
    assert_eq!(kept("curl/8\u{7}\n.1").as_deref(), Some("curl/8.1"));
    assert_eq!(kept(" \t ").as_deref(), None);
    assert_eq!(kept(&"é".repeat(500)).unwrap().chars().count(), 200);
}
