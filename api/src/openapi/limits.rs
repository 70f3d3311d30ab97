//! The header fields that tell how a quota stands, and when to try again.

use http::StatusCode;
use utoipa::openapi::{
    Components, Ref, RefOr, Response, Type,
    header::{Header, HeaderBuilder},
};

use super::parts::plain;

const RATE_LIMIT: &str = "RateLimit";
const RATE_LIMIT_POLICY: &str = "RateLimit-Policy";
const RETRY_AFTER: &str = "Retry-After";
const WWW_AUTHENTICATE: &str = "WWW-Authenticate";

/// Adds the header fields to the parts that operations refer to.
pub(super) fn add(components: &mut Components) {
    let rows = [
        (
            RATE_LIMIT,
            text(
                "How the quota stands (draft-ietf-httpapi-ratelimit-headers): `r` units are left, and all of them are \
                 there in `t` seconds. Absent where nothing is counted.",
                "\"standard\";r=11990;t=1",
            ),
        ),
        (
            RATE_LIMIT_POLICY,
            text(
                "What the quota is: the rate class, its units `q` in a window of `w` seconds.",
                "\"standard\";q=12000;qu=\"cost\";w=60",
            ),
        ),
        (
            RETRY_AFTER,
            HeaderBuilder::new()
                .schema(Some(plain(Type::Integer)))
                .description(Some("The seconds after which to try again."))
                .example(Some(serde_json::json!(4)))
                .build(),
        ),
        (
            WWW_AUTHENTICATE,
            text("How to sign in (RFC 6750).", "Bearer realm=\"relata\""),
        ),
    ];
    for (name, header) in rows {
        components.headers.insert(name.to_owned(), header.into());
    }
}

/// Adds how the quota stands to an answer.
pub(super) fn add_headers(response: &mut Response) {
    for name in [RATE_LIMIT, RATE_LIMIT_POLICY] {
        response.headers.insert(name.to_owned(), reference(name));
    }
}

/// Adds to the answer with this status, which is a problem, when to try again.
pub(super) fn add_problem_headers(response: &mut Response, status: StatusCode) {
    if status == StatusCode::UNAUTHORIZED {
        let name = WWW_AUTHENTICATE.to_owned();
        response.headers.insert(name, reference(WWW_AUTHENTICATE));
    } else {
        add_headers(response);
    }
    if [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ]
    .contains(&status)
    {
        let name = RETRY_AFTER.to_owned();
        response.headers.insert(name, reference(RETRY_AFTER));
    }
}

fn reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

fn text(description: &str, example: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(plain(Type::String)))
        .description(Some(description))
        .example(Some(serde_json::json!(example)))
        .build()
}
