//! The queue of refusals, without a database.

use time::{Duration, OffsetDateTime};

use super::queue::{MOST, Noted, Queue, Reason, Refusal};
use crate::{
    access::{Origin, Principal},
    identity::AuditKind,
};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn refusal(reason: usize) -> Refusal {
    Refusal {
        kind: AuditKind::AccessDenied,
        principal: Principal::Anonymous,
        origin: Origin::default(),
        object: None,
        reason: Reason::of(&reason.to_string()),
    }
}

fn at(seconds: i64) -> OffsetDateTime {
    START + Duration::seconds(seconds)
}

/// The kind and count of each entry.
fn told(due: &[Noted]) -> Vec<(&'static str, u64)> {
    let drafts = due.iter().map(Noted::draft);
    let told = drafts.map(|draft| (draft.kind.text(), draft.details["count"].as_u64().unwrap()));
    told.collect()
}

#[test]
fn who_hammers_makes_two_entries_a_minute() {
    let queue = Queue::default();
    let mut entries = Vec::new();
    for second in 0..120 {
        for _ in 0..10 {
            queue.note(refusal(1), (None, 0), at(second));
        }
        entries.extend(told(&queue.take_due(at(second), false)));
    }
    entries.extend(told(&queue.take_due(at(120), true)));
    let counts: Vec<u64> = entries.iter().map(|(_, count)| *count).collect();
    assert!(counts.len() <= 4, "{counts:?}");
    assert_eq!(counts.iter().sum::<u64>(), 1_200);
    assert_eq!(counts[0], 10);
}

#[test]
fn the_first_is_told_at_once_and_nothing_twice() {
    let queue = Queue::default();
    queue.note(refusal(1), (None, 0), at(0));
    assert_eq!(told(&queue.take_due(at(0), false)), [("accessDenied", 1)]);
    assert!(queue.take_due(at(1), false).is_empty());
    assert!(queue.take_due(at(61), false).is_empty());
    queue.note(refusal(1), (None, 0), at(62));
    assert_eq!(told(&queue.take_due(at(62), false)), [("accessDenied", 1)]);
}

#[test]
fn what_finds_no_room_is_counted() {
    let queue = Queue::default();
    for reason in 0..MOST + 25 {
        queue.note(refusal(reason), (None, 0), at(0));
    }
    let due = told(&queue.take_due(at(0), false));
    assert_eq!(due.len(), MOST + 1);
    assert_eq!(
        due.iter().map(|(_, count)| count).sum::<u64>(),
        MOST as u64 + 25
    );
    assert!(due.contains(&("entriesDropped", 25)));
}

#[test]
fn what_could_not_be_written_is_not_lost() {
    let queue = Queue::default();
    queue.note(refusal(1), (None, 0), at(0));
    queue.note(refusal(2), (None, 0), at(0));
    let due = queue.take_due(at(0), false);
    queue.note(refusal(1), (None, 0), at(1));
    queue.give_back(due);
    let all = told(&queue.take_due(at(2), true));
    assert_eq!(all.iter().map(|(_, count)| count).sum::<u64>(), 3);
}
