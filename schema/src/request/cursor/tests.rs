//! A cursor gives back what was put in, and nothing else reads as one.

use proptest::prelude::*;

use super::{context, decode, encode};

const KEY: &[u8] = b"one key";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_put_in_comes_out(values in prop::collection::vec(any::<u8>(), 0..100)) {
        let here = context(&[b"organizations", b"-name"]);
        let cursor = encode(KEY, &here, &values);
        prop_assert_eq!(decode(KEY, &here, &cursor), Some(values));
    }

    #[test]
    fn a_changed_cursor_is_none(values in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
        let here = context(&[b"organizations", b"-name"]);
        let cursor = encode(KEY, &here, &values);
        let at = at.index(cursor.len());
        let changed = format!("{}{to}{}", &cursor[..at], &cursor[at + 1..]);
        prop_assume!(changed != cursor);
        prop_assert_eq!(decode(KEY, &here, &changed), None);
    }

    #[test]
    fn a_cursor_of_elsewhere_is_none(values in prop::collection::vec(any::<u8>(), 0..40)) {
        let here = context(&[b"organizations", b"-name"]);
        let cursor = encode(KEY, &here, &values);
        // The same letters in other pieces are another list.
        for elsewhere in [context(&[b"organizations-", b"name"]), context(&[b"organizations"])] {
            prop_assert_eq!(decode(KEY, &elsewhere, &cursor), None);
        }
        prop_assert_eq!(decode(b"another key", &here, &cursor), None);
    }

    #[test]
    fn no_text_makes_it_fail(text in "\\PC{0,60}") {
        let here = context(&[b"organizations"]);
        prop_assert_eq!(decode(KEY, &here, &text), None);
    }
}
