//! Masks: what a rule leaves of a value that it does not show in full.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{access::Condition, catalog::Field, id::FieldId, value::Storage};

/// What is left of a value. In the order of how much it tells: where several rules mask a field of a
/// record, the last of them in this order counts, so that a rule more never shows less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mask {
    /// Nothing: the field is there and reads as null.
    Null,
    /// A name for the value: the same for the same value of the same field, and no way back.
    Hash,
    /// The first day of its year.
    Year,
    /// The host of an e-mail address or of a URL.
    Domain,
    /// The last four characters.
    Last4,
}

/// A mask, and on which records it counts.
#[derive(Clone, Debug)]
pub struct Masked {
    /// What is left.
    pub mask: Mask,
    /// Where; `None` is wherever the grant reaches.
    pub on: Option<Box<Condition>>,
}

/// How many bytes of a hash are shown.
const HASH_BYTES: usize = 16;
/// What stands for the characters that are left out.
const HIDDEN: &str = "****";

impl Mask {
    /// Every mask with its name.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Null, "null"),
        (Self::Hash, "hash"),
        (Self::Year, "year"),
        (Self::Domain, "domain"),
        (Self::Last4, "last4"),
    ];

    /// The mask with this name.
    pub fn find(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, known)| *known == name).map(|(mask, _)| *mask)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Hash => "hash",
            Self::Year => "year",
            Self::Domain => "domain",
            Self::Last4 => "last4",
        }
    }

    /// Whether values of a field can be masked so. The form of what is left is one of the field's type.
    pub fn fits(self, field: &Field) -> bool {
        let field_type = field.field_type.name();
        let storage = field.column().part.storage;
        let is_one = !field.is_composite() && field.lookup.is_none();
        match self {
            Self::Null => field.lookup.is_none(),
            Self::Hash => {
                is_one && ["text", "longText", "email", "phone", "autoNumber"].contains(&field_type)
            }
            Self::Year => is_one && matches!(storage, Storage::Date | Storage::Instant),
            Self::Domain => is_one && ["email", "url"].contains(&field_type),
            Self::Last4 => is_one && ["text", "phone", "autoNumber"].contains(&field_type),
        }
    }

    /// What is left of a text, which is the value as it reads in JSON; `None` reads as null. The key is
    /// one that never leaves the server.
    pub(crate) fn of(self, field: FieldId, text: &str, key: &[u8]) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Hash => Some(named(text, &hash(field, text, key))),
            Self::Year => year(text),
            Self::Domain => domain(text),
            Self::Last4 => Some(last4(text)),
        }
    }
}

fn hash(field: FieldId, text: &str, key: &[u8]) -> String {
    use std::fmt::Write as _;
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(b"mask");
    mac.update(field.uuid().as_bytes());
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let mut hex = String::with_capacity(2 * HASH_BYTES);
    for byte in bytes.iter().take(HASH_BYTES) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The hash in the form of the value: an e-mail address stays one, at a domain that nobody can have
/// (RFC 2606).
fn named(text: &str, hash: &str) -> String {
    if text.contains('@') {
        format!("{hash}@masked.invalid")
    } else {
        hash.to_owned()
    }
}

/// The first instant of the year of a date or an instant in RFC 3339.
fn year(text: &str) -> Option<String> {
    let (date, time) = text.split_at_checked("YYYY-MM-DD".len())?;
    let year = date.get(.."YYYY".len())?;
    let start = if time.is_empty() {
        String::new()
    } else {
        "T00:00:00.000000Z".to_owned()
    };
    Some(format!("{year}-01-01{start}"))
}

fn domain(text: &str) -> Option<String> {
    if let Ok(url) = url::Url::parse(text)
        && let Some(host) = url.host_str()
    {
        return Some(format!("{}://{host}", url.scheme()));
    }
    let (_, domain) = text.rsplit_once('@')?;
    Some(format!("*@{domain}"))
}

/// The last four characters, if that leaves as many that are not told.
fn last4(text: &str) -> String {
    let characters = text.chars().count();
    let shown = if characters < 8 { 0 } else { 4 };
    let shown = text.chars().skip(characters - shown);
    HIDDEN.chars().chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: Mask, text: &str) -> Option<String> {
        mask.of(FieldId::standard("person", "phone"), text, b"key")
    }

    #[test]
    fn what_is_left_of_values() {
        let cases = [
            (Mask::Last4, "+31612345678", Some("****5678")),
            (Mask::Last4, "1234567", Some("****")),
            (Mask::Last4, "", Some("****")),
            (Mask::Last4, "ééééèèèè", Some("****èèèè")),
            (Mask::Domain, "a.b@example.com", Some("*@example.com")),
            (Mask::Domain, "\"a@b\"@example.com", Some("*@example.com")),
            (
                Mask::Domain,
                "https://u:p@example.com:8443/x?y=z#q",
                Some("https://example.com"),
            ),
            (Mask::Domain, "mailto:someone", None),
            (Mask::Year, "1985-03-12", Some("1985-01-01")),
            (
                Mask::Year,
                "2026-11-28T22:49:03.000001Z",
                Some("2026-01-01T00:00:00.000000Z"),
            ),
            (Mask::Null, "x", None),
        ];
        for (mask, text, left) in cases {
            assert_eq!(masked(mask, text).as_deref(), left, "{mask:?} {text}");
        }
    }

    #[test]
    fn a_hash_names_the_same_value_of_the_same_field() {
        let hash = |text| masked(Mask::Hash, text).expect("a hash");
        assert_eq!(hash("a"), hash("a"));
        assert_ne!(hash("a"), hash("b"));
        assert_eq!(hash("a").len(), 2 * HASH_BYTES);
        assert!(hash("a@example.com").ends_with("@masked.invalid"));
        let other = Mask::Hash.of(FieldId::standard("person", "email"), "a", b"key");
        assert_ne!(other, masked(Mask::Hash, "a"));
        let other = Mask::Hash.of(FieldId::standard("person", "phone"), "a", b"yek");
        assert_ne!(other, masked(Mask::Hash, "a"));
    }
}
