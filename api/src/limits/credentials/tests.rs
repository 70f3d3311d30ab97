//! Wrong credentials on a clock that the tests move.

use std::net::IpAddr;

use schema::{Clock as _, SystemClock, UserId};
use time::{Duration, OffsetDateTime};

use super::{Account, Limits, Origin};
use crate::{code::Code, config::Config};

fn limits() -> Limits {
    Limits::new(&Config::default())
}

fn start() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn origin(number: u8) -> Origin {
    Origin::of(Some(IpAddr::from([192, 0, 2, number])))
}

fn user() -> Account {
    Account::User(UserId::new(uuid::Uuid::from_u128(7)))
}

/// How many wrong passwords are checked before one is refused, and the seconds to wait then.
fn wrong(limits: &Limits, from: (Account, Origin), known: bool, now: OffsetDateTime) -> (u32, u64) {
    let mut checked = 0;
    loop {
        match limits.begin_sign_in(from, known, now) {
            Ok(_wrong) => checked += 1,
            Err(problem) => {
                assert_eq!(problem.code, Code::TooManyAttempts);
                return (checked, problem.retry_after.expect("a time to wait"));
            }
        }
        assert!(checked < 1_000, "no end");
    }
}

#[test]
fn an_account_and_a_name_that_is_nobodys_are_counted_alike() {
    let (limits, now) = (limits(), start());
    let nobody = Account::of(None, "nobody@example.com");
    assert_eq!(nobody, Account::of(None, " Nobody@Example.com "));
    let of_user = wrong(&limits, (user(), origin(1)), false, now);
    let of_nobody = wrong(&limits, (nobody, origin(2)), false, now);
    assert_eq!(of_user, (10, 120));
    assert_eq!(of_user, of_nobody);
}

#[test]
fn many_strangers_shut_out_strangers_and_nobody_else() {
    let (limits, now) = (limits(), start());
    let mut checked = 0;
    for number in 0..100 {
        checked += wrong(&limits, (user(), origin(number)), false, now).0;
    }
    assert_eq!(checked, 50);
    assert!(
        limits
            .begin_sign_in((user(), origin(200)), false, now)
            .is_err()
    );
    assert!(
        limits
            .begin_sign_in((user(), origin(201)), true, now)
            .is_ok()
    );
    let later = now + Duration::seconds(72);
    assert!(
        limits
            .begin_sign_in((user(), origin(200)), false, later)
            .is_ok()
    );
    assert!(
        limits
            .begin_sign_in((user(), origin(200)), false, later)
            .is_err()
    );
}

#[test]
fn one_origin_tries_no_more_by_changing_the_account() {
    let (limits, now) = (limits(), start());
    let mut checked = 0;
    for number in 0..20 {
        let account = Account::of(None, &format!("user{number}@example.com"));
        checked += wrong(&limits, (account, origin(1)), false, now).0;
    }
    assert_eq!(checked, 30);
    // Whoever has signed in from there before still can.
    assert!(limits.begin_sign_in((user(), origin(1)), true, now).is_ok());
}

#[test]
fn right_passwords_are_not_counted() {
    let (limits, now) = (limits(), start());
    for _ in 0..1_000 {
        let attempt = limits.begin_sign_in((user(), origin(1)), false, now);
        limits.give_back(attempt.expect("it may be checked"));
    }
}

#[test]
fn wrong_tokens_shut_out_none_that_was_right_there() {
    let (limits, now) = (limits(), start());
    limits.remember(origin(1), "right");
    let tried = (0..100).filter(|number| {
        let token = format!("wrong {number}");
        limits.begin_token(origin(1), &token, now).is_ok()
    });
    assert_eq!(tried.count(), 30);
    assert!(limits.begin_token(origin(1), "right", now).is_ok());
    assert!(limits.begin_token(origin(2), "another", now).is_ok());
    limits.forget(origin(1), "right");
    assert!(limits.begin_token(origin(1), "right", now).is_err());
}

#[test]
fn an_ipv6_subnet_is_one_origin() {
    let of = |text: &str| Origin::of(text.parse().ok());
    assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
    assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    assert_eq!(of("2001:db8::1").to_string(), "2001:db8::/64");
}

#[test]
fn without_limits_nothing_is_counted() {
    let limits = Limits::new(&Config {
        rate_limits: None,
        ..Config::default()
    });
    let now = SystemClock.now();
    for _ in 0..1_000 {
        assert!(
            limits
                .begin_sign_in((user(), origin(1)), false, now)
                .is_ok()
        );
    }
}
