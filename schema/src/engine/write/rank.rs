//! Ranks: texts whose order is that of the members of a collection, by bytes. Between two of them there is
//! always room for another one, so that a member moves without the others.
//!
//! A rank begins with twelve hexadecimal digits as an id does (which count milliseconds), so that there is
//! room before the first and behind the last one for as many members as there will be.

use uuid::Uuid;

/// The digits in the order of their bytes.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many digits count, as a whole, the place of a rank at either end.
const WHOLE: usize = 12;

/// The longest rank: beyond it the members of the collection get new ones.
pub(super) const LONGEST: usize = 400;

/// The rank of a new member that comes last.
pub(super) fn behind(last: Option<&str>, id: Uuid) -> String {
    let own = id.simple().to_string();
    match last {
        Some(last) if last >= own.as_str() => between(Some(last), None).unwrap_or(own),
        Some(_) | None => own,
    }
}

/// The rank of the member at this place, when all get new ones.
pub(super) fn nth(at: usize) -> String {
    // Before the ids of any time that a clock could show.
    format!("{:012x}", 0x1000_0000 + at)
}

/// A rank between two others; nothing when there is no room.
pub(super) fn between(low: Option<&str>, high: Option<&str>) -> Option<String> {
    let rank = match (low, high) {
        (None, None) => nth(0),
        (Some(low), None) => match whole(low).and_then(|it| it.checked_add(1)) {
            Some(next) if next < 1 << 48 => format!("{next:012x}"),
            Some(_) | None => format!("{low}V"),
        },
        (None, Some(high)) => match whole(high).filter(|it| *it > 0) {
            Some(whole) => format!("{:012x}", whole - 1),
            None => middle(b"", high.as_bytes())?,
        },
        (Some(low), Some(high)) if low < high => middle(low.as_bytes(), high.as_bytes())?,
        (Some(_), Some(_)) => return None,
    };
    let fits = low.is_none_or(|low| low < rank.as_str())
        && high.is_none_or(|high| rank.as_str() < high)
        && rank.len() <= LONGEST;
    fits.then_some(rank)
}

fn whole(rank: &str) -> Option<u64> {
    u64::from_str_radix(rank.get(..WHOLE)?, 16).ok()
}

/// The shortest text about half-way. `low` goes on with zeros, which is why no rank ends in them for nothing.
fn middle(low: &[u8], high: &[u8]) -> Option<String> {
    let digit = |byte: Option<&u8>| match byte {
        Some(byte) => DIGITS.iter().position(|digit| digit == byte),
        None => Some(0),
    };
    let mut rank = Vec::new();
    let mut at = 0;
    // What both begin with.
    while at < high.len() && low.get(at).copied().unwrap_or(b'0') == high[at] {
        rank.push(high[at]);
        at += 1;
    }
    let first = digit(low.get(at))?;
    let end = digit(Some(high.get(at)?))?;
    if end > first + 1 {
        rank.push(DIGITS[usize::midpoint(first, end)]);
        return String::from_utf8(rank).ok();
    }
    // The digits are neighbours: behind the lower one there is room up to the end.
    rank.push(DIGITS[first]);
    loop {
        at += 1;
        let next = digit(low.get(at))?;
        if next + 1 < DIGITS.len() {
            rank.push(DIGITS[usize::midpoint(next + 1, DIGITS.len())]);
            return String::from_utf8(rank).ok();
        }
        rank.push(DIGITS[next]);
    }
}

/// Which of these are to stay where they are, so that the fewest move: the longest part that ascends.
pub(super) fn in_order(ranks: &[Option<String>]) -> Vec<bool> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(ranks.len());
    for (at, rank) in ranks.iter().enumerate() {
        let before = (0..at)
            .filter(|it| rank.is_some() && ranks[*it].is_some() && ranks[*it] < *rank)
            .max_by_key(|it| best[*it].0);
        let length = usize::from(rank.is_some()) + before.map_or(0, |it| best[it].0);
        best.push((length, before));
    }
    let mut stays = vec![false; ranks.len()];
    let mut last = (0..ranks.len()).max_by_key(|it| best[*it].0);
    while let Some(at) = last {
        stays[at] = ranks[at].is_some();
        last = best[at].1;
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::{behind, between, in_order, nth};
    use uuid::Uuid;

    #[test]
    fn there_is_room_between_any_two_and_at_both_ends() {
        let mut ranks = vec![nth(0), nth(1)];
        // As a hand does it, and as the worst hand does it.
        for turn in 0..600_usize {
            let at = match turn % 3 {
                0 => 1,
                1 => turn * 7 % ranks.len(),
                _ => ranks.len(),
            };
            let low = at.checked_sub(1).map(|it| ranks[it].clone());
            let high = ranks.get(at).cloned();
            let rank = between(low.as_deref(), high.as_deref()).expect("room");
            assert!(low.is_none_or(|low| low < rank) && high.is_none_or(|high| rank < high));
            ranks.insert(at, rank);
        }
        assert!(ranks.is_sorted());
    }

    #[test]
    fn a_new_member_comes_last() {
        let ids = [Uuid::now_v7(), Uuid::now_v7()];
        let first = behind(None, ids[1]);
        let second = behind(Some(&first), ids[0]);
        assert!(first < second && second < behind(Some(&second), Uuid::now_v7()));
    }

    #[test]
    fn the_fewest_move() {
        let ranks = ["d", "a", "b", "c"].map(|rank| Some(rank.to_owned()));
        assert_eq!(in_order(&ranks), [false, true, true, true]);
        assert_eq!(in_order(&[None, Some("a".to_owned())]), [false, true]);
    }
}
