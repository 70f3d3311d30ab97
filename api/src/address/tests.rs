//! Which entry of `X-Forwarded-For` counts.

use super::{IpAddr, follow};
use http::{HeaderMap, HeaderValue};
use schema::identity::Network;

/// The address that a request comes from: proxies, peer, lines of the header.
fn followed(proxies: &[&str], peer: &str, lines: &[&[u8]]) -> Option<String> {
    let proxies: Vec<Network> = proxies
        .iter()
        .map(|text| text.parse().expect("a network"))
        .collect();
    let mut headers = HeaderMap::new();
    for line in lines {
        let value = HeaderValue::from_bytes(line).expect("a header value");
        headers.append("x-forwarded-for", value);
    }
    let peer: IpAddr = peer.parse().expect("an address");
    follow(peer, &headers, &proxies).map(|address| address.to_string())
}

#[test]
fn the_header_of_whoever_is_no_proxy_says_nothing() {
    let sent: &[&[u8]] = &[b"203.0.113.9"];
    assert_eq!(
        followed(&[], "192.0.2.1", sent).as_deref(),
        Some("192.0.2.1")
    );
    assert_eq!(
        followed(&["10.0.0.0/8"], "192.0.2.1", sent).as_deref(),
        Some("192.0.2.1")
    );
    assert_eq!(
        followed(&["10.0.0.0/8"], "192.0.2.1", &[b"10.0.0.1", b"10.0.0.2"]).as_deref(),
        Some("192.0.2.1")
    );
}

#[test]
fn the_rightmost_address_that_is_no_proxy_counts() {
    let proxies = &["10.0.0.0/8", "2001:db8::/32"];
    for (lines, address) in [
        (&[b"203.0.113.9".as_slice()] as &[&[u8]], "203.0.113.9"),
        (&[b"198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (&[b"198.51.100.1,203.0.113.9 , 10.2.2.2"], "203.0.113.9"),
        (
            &[b"198.51.100.1", b"203.0.113.9", b"10.2.2.2"],
            "203.0.113.9",
        ),
        (&[b"203.0.113.9, 2001:db8::7, 10.2.2.2"], "203.0.113.9"),
        (&[b"203.0.113.9:4711"], "203.0.113.9"),
        (&[b"[2001:4860::1]:4711"], "2001:4860::1"),
        (&[b"::ffff:203.0.113.9"], "203.0.113.9"),
        (&[b"nonsense, 203.0.113.9"], "203.0.113.9"),
        (&[b"\xff", b"203.0.113.9"], "203.0.113.9"),
        (&[b"10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (&[], "10.1.1.1"),
    ] {
        let found = followed(proxies, "10.1.1.1", lines);
        assert_eq!(found.as_deref(), Some(address), "{lines:?}");
        let found = followed(proxies, "::ffff:10.1.1.1", lines);
        assert_eq!(found.as_deref(), Some(address), "{lines:?}");
    }
}

#[test]
fn what_a_proxy_adds_and_is_no_address_is_nobody() {
    for line in [
        "",
        "unknown",
        "_hidden",
        "203.0.113.9,",
        "203.0.113.9, x",
        "203.0.113",
        "203.0.113.0/24",
    ] {
        let found = followed(&["10.0.0.0/8"], "10.1.1.1", &[line.as_bytes()]);
        assert_eq!(found, None, "{line:?}");
    }
    assert_eq!(followed(&["10.0.0.0/8"], "10.1.1.1", &[b"\xff"]), None);
}
