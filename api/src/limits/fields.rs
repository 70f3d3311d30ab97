//! The header fields of draft-ietf-httpapi-ratelimit-headers: structured fields (RFC 9651), a list with one item.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::bucket::{Quota, Standing};

/// How a quota stands: `"standard";r=11990;t=1`, the units that are left and the seconds until all are there.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What the quota is: `"standard";q=12000;qu="cost";w=60`, units in a window of seconds.
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tells a quota. The name of a policy is a constant of ours, without what a string would have to escape.
pub(super) fn add(
    headers: &mut HeaderMap,
    policy: &'static str,
    (quota, standing): (Quota, Standing),
) {
    let seconds = quota.window.whole_seconds();
    let texts = [
        (
            RATE_LIMIT_POLICY,
            format!("\"{policy}\";q={};qu=\"cost\";w={seconds}", quota.units),
        ),
        (
            RATE_LIMIT,
            format!(
                "\"{policy}\";r={};t={}",
                standing.remaining, standing.full_in
            ),
        ),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}
