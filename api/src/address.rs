//! Where a request comes from: the peer of the connection, or whom a trusted proxy names.
//!
//! Whoever is no trusted proxy can write into `X-Forwarded-For` what it likes; so each entry counts only
//! if a trusted one has added it, from the right to the left.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};
use schema::identity::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the caller; `None` where nobody who can be trusted tells it.
pub(crate) fn find_address(
    extensions: &Extensions,
    headers: &HeaderMap,
    proxies: &[Network],
) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    follow(peer.ip(), headers, proxies)
}

/// The rightmost address that is no trusted proxy; the leftmost of all where each is one.
fn follow(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> Option<IpAddr> {
    let is_proxy = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
    // A line that is no text names nobody.
    let mut entries = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    let mut address = peer.to_canonical();
    while is_proxy(address) {
        let Some(entry) = entries.next() else {
            break;
        };
        address = parse_entry(entry.trim())?.to_canonical();
    }
    Some(address)
}

/// An address, which some proxies write with the port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    entry.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests;
