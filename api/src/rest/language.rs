//! `Accept-Language` (RFC 9110): which languages a caller reads, the best first.

use http::{HeaderMap, header};
use schema::Languages;

/// The longest tag of a language.
const LONGEST: usize = 35;

/// The languages that a request asks for.
pub(super) fn languages(headers: &HeaderMap) -> Languages {
    let sent = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let ranges = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    let mut weighed: Vec<(f32, &str)> = ranges.filter_map(range).collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    Languages::new(weighed.into_iter().map(|(_, tag)| tag.to_owned()))
}

/// A language with its weight; nothing for `*`, for what is not wanted, and for what is no tag.
fn range(text: &str) -> Option<(f32, &str)> {
    let (tag, parameter) = text.split_once(';').unwrap_or((text, ""));
    let tag = tag.trim();
    let is_tag = (1..=LONGEST).contains(&tag.len())
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let weight = match parameter.trim().strip_prefix("q=") {
        Some(weight) => weight.trim().parse().ok()?,
        None => 1.0,
    };
    (is_tag && weight > 0.0).then_some((weight, tag))
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, header, languages};

    #[test]
    fn languages_come_by_weight() {
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("de", &["de"]),
            ("en;q=0.5, de-AT, *;q=0.1, nl;q=0.8", &["de-at", "nl", "en"]),
            ("de;q=0, en", &["en"]),
            ("de;q=x, ??, en", &["en"]),
        ];
        for (sent, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, sent.parse().expect("a header"));
            assert_eq!(languages(&headers).tags(), *expected, "{sent:?}");
        }
    }
}
