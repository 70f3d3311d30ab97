//! Entity tags in conditions.

use http::HeaderValue;

use super::*;

fn headers(name: &http::HeaderName, values: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name.clone(), HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn if_match_is_a_version_or_a_star() {
    let read = |values: &[&'static str]| if_match(&headers(&header::IF_MATCH, values)).ok();
    assert_eq!(read(&[]), Some(None));
    assert_eq!(read(&["*"]), Some(None));
    assert_eq!(read(&["\"3\""]), Some(Some(3)));
    assert_eq!(read(&["W/\"3\""]), Some(Some(3)));
    for malformed in [
        "3",
        "\"\"",
        "\"x\"",
        "\"-1\"",
        "\"1\", \"2\"",
        "",
        "\"99999999999999999999\"",
    ] {
        assert_eq!(read(&[malformed]), None, "{malformed}");
    }
    assert_eq!(read(&["\"1\"", "\"2\""]), None);
}

#[test]
fn if_none_match_may_name_several() {
    let known = |value| is_known(&headers(&header::IF_NONE_MATCH, &[value]), 3);
    assert!(known("\"3\"") && known("\"1\", W/\"3\"") && known("*"));
    assert!(!known("\"4\"") && !known("3"));
}
