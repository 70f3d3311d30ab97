//! Buckets on a clock that the tests move.

use time::{Duration, OffsetDateTime};

use super::{Buckets, Quota, Refusal};

const QUOTA: Quota = Quota {
    units: 60,
    window: Duration::minutes(1),
};

fn at(seconds: i64) -> (Quota, OffsetDateTime) {
    let start = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
    (QUOTA, start + Duration::seconds(seconds))
}

#[test]
fn a_bucket_holds_its_units_and_refills_evenly() {
    let buckets = Buckets::default();
    assert_eq!(buckets.take("a", 60, at(0)), Ok(()));
    assert_eq!(buckets.take("a", 1, at(0)), Err(Refusal::Wait(1)));
    assert_eq!(buckets.take("a", 10, at(0)), Err(Refusal::Wait(10)));
    assert_eq!(buckets.take("a", 10, at(9)), Err(Refusal::Wait(1)));
    assert_eq!(buckets.take("a", 10, at(10)), Ok(()));
    assert_eq!(buckets.take("b", 60, at(0)), Ok(()), "another bucket");
}

#[test]
fn what_is_refused_takes_nothing() {
    let buckets = Buckets::default();
    assert_eq!(buckets.take("a", 50, at(0)), Ok(()));
    for _ in 0..100 {
        assert!(buckets.take("a", 11, at(0)).is_err());
    }
    assert_eq!(buckets.take("a", 10, at(0)), Ok(()));
}

#[test]
fn more_than_a_bucket_holds_is_never_there() {
    let buckets = Buckets::default();
    assert_eq!(buckets.take("a", 61, at(0)), Err(Refusal::Never));
    let beside = buckets.take_beside("a", (60, 1), at(0));
    assert_eq!(beside, Err(Refusal::Never));
}

#[test]
fn the_wait_is_for_what_is_taken_before_too() {
    let buckets = Buckets::default();
    assert_eq!(buckets.take("a", 60, at(0)), Ok(()));
    let beside = buckets.take_beside("a", (9, 1), at(0));
    assert_eq!(beside, Err(Refusal::Wait(10)));
}

#[test]
fn a_standing_tells_what_is_left_and_when_it_is_full() {
    let buckets = Buckets::default();
    let standing = |seconds| {
        let (quota, now) = at(seconds);
        let standing = buckets.standing(&"a", quota, now);
        (standing.remaining, standing.full_in)
    };
    assert_eq!(standing(0), (60, 0));
    assert_eq!(buckets.take("a", 45, at(0)), Ok(()));
    assert_eq!(standing(0), (15, 45));
    assert_eq!(standing(5), (20, 40));
    buckets.give_back(&"a", 15, QUOTA);
    assert_eq!(standing(5), (35, 25));
    assert_eq!(standing(100), (60, 0));
}

#[test]
fn a_clock_that_is_set_back_shuts_nobody_out_for_long() {
    let buckets = Buckets::default();
    assert_eq!(buckets.take("a", 60, at(1_000_000)), Ok(()));
    assert_eq!(buckets.take("a", 1, at(0)), Err(Refusal::Wait(1)));
}

#[test]
fn full_buckets_make_room_then_the_fullest() {
    let buckets = Buckets {
        most: 100,
        ..Buckets::default()
    };
    for key in 0..100 {
        assert_eq!(buckets.take(key, 1, at(0)), Ok(()));
    }
    assert_eq!(buckets.take(100, 1, at(10)), Ok(()));
    assert_eq!(buckets.lock().len(), 1, "the others were full");
    for key in 0..200 {
        let _ = buckets.take(1_000 + key, 1 + u64::from(key % 2 == 0), at(10));
        assert!(buckets.lock().len() <= 100);
    }
}
