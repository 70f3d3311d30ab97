//! The table of error codes. A code is a promise of the API: it is never renamed and never reused.
//!
//! `docs/errors.md` is generated from this table; GraphQL shows the same codes in `extensions.code`.

use http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $status:ident, $title:literal;)*) => {
        /// A stable code of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as clients see it.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// A short title, the same for every problem of this code.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// When it is answered and what to do, for the documentation.
            pub fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n"),+).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The body is not well-formed JSON, or nested too deep. Correct the body.
    MalformedJson = "malformed_json", BAD_REQUEST, "Malformed JSON";
    /// A query parameter is unknown, stands twice, or can't stand beside another. `errors` names it.
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "Invalid parameter";
    /// A header such as `If-Match` is malformed.
    InvalidHeader = "invalid_header", BAD_REQUEST, "Invalid header";
    /// The request names a field that does not exist for the caller. `errors` says where.
    UnknownField = "unknown_field", BAD_REQUEST, "Unknown field";
    /// The request names a relation or collection that does not exist for the caller.
    UnknownRelation = "unknown_relation", BAD_REQUEST, "Unknown relation";
    /// A filter uses an operator that does not exist or does not fit the field.
    UnknownOperator = "unknown_operator", BAD_REQUEST, "Unknown operator";
    /// A filter, sort, selection or page is malformed or over a limit.
    InvalidRequest = "invalid_request", BAD_REQUEST, "Invalid request";
    /// A cursor is damaged or belongs to another query. Start again at the first page.
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "Invalid cursor";
    /// The GraphQL document does not parse. `locations` says where.
    MalformedQuery = "malformed_query", BAD_REQUEST, "Malformed GraphQL document";
    /// The GraphQL document or its variables do not fit the caller's schema.
    InvalidQuery = "invalid_query", BAD_REQUEST, "Invalid GraphQL document";
    /// The GraphQL document is over a limit: too long, too deep, too many fields or records.
    QueryTooLarge = "query_too_large", BAD_REQUEST, "GraphQL document too large";
    /// The request costs more units than the caller's rate class has in a whole minute, so that waiting does not help.
    /// Ask for less at once.
    CostTooHigh = "cost_too_high", BAD_REQUEST, "Request too costly";
    /// Nobody is signed in, or the credentials are wrong, expired or revoked.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Not signed in";
    /// The caller may see this but not do it.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed";
    /// There is no such object type for the caller.
    ObjectNotFound = "object_not_found", NOT_FOUND, "Object type not found";
    /// There is no such record or link for the caller; what is hidden answers the same.
    RecordNotFound = "record_not_found", NOT_FOUND, "Record not found";
    /// There is no such thing (role, key, user, field, …) for the caller.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The API has no such address.
    RouteNotFound = "route_not_found", NOT_FOUND, "No such address";
    /// The address exists but does not take this method; the `Allow` header names those it takes.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The request does not fit the state of the thing, such as deleting a record that others need.
    Conflict = "conflict", CONFLICT, "Conflict";
    /// Another record has the same value in a unique field.
    UniqueConflict = "unique_conflict", CONFLICT, "Value already taken";
    /// The schema has changed since the expected version. Load it again and decide anew.
    SchemaVersionMismatch = "schema_version_mismatch", CONFLICT, "The schema has changed";
    /// Users, roles, rules, teams, partners or keys have changed since the expected version of access. Look at the preview again.
    AccessVersionMismatch = "access_version_mismatch", CONFLICT, "Access has changed";
    /// The record, or the access as a whole, has changed since the version in `If-Match`. Load it again and decide anew.
    VersionMismatch = "version_mismatch", PRECONDITION_FAILED, "Changed meanwhile";
    /// The body is larger than the server takes.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "Body too large";
    /// The body must be `application/json` (or `application/merge-patch+json`).
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// A value has the wrong type, form or range, is missing, or refers to nothing. `errors` lists all.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Validation failed";
    /// The units of the caller's rate class are used up. Try again after the time in `Retry-After`.
    QuotaExceeded = "quota_exceeded", TOO_MANY_REQUESTS, "Quota exceeded";
    /// Credentials were wrong too often. Try again after the time in `Retry-After`.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many attempts";
    /// Our fault. The log holds the reason under the request id.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error";
    /// The provider of a sign-in can't be reached or does not answer as it should; the log has the reason. Begin the
    /// sign-in anew in a while, or sign in another way.
    ProviderFailed = "provider_failed", BAD_GATEWAY, "The provider does not answer";
    /// The database is busy, or as many requests run as may at once. Try again after the time in `Retry-After`.
    Busy = "busy", SERVICE_UNAVAILABLE, "Busy";
    /// The request took too long and was given up.
    Timeout = "timeout", GATEWAY_TIMEOUT, "Timed out";
    /// The server is not ready: the database does not answer.
    NotReady = "not_ready", SERVICE_UNAVAILABLE, "Not ready";
}

/// The table as Markdown: `docs/errors.md`.
pub fn markdown() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "# Error codes\n\nGenerated by `cargo run -- errors` from `api/src/code.rs`. Every error answer is a problem \
         (RFC 9457, `application/problem+json`) with one of these codes in `code`; GraphQL shows the same codes in \
         `extensions.code`. Codes are never renamed and never reused.\n\n| code | status | when |\n| --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let when = code.description().replace('\n', " ");
        // Writing into a String can't fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {when} |",
            code.text(),
            code.status().as_u16()
        );
    }
    text.push_str(
        "\n`errors` lists the faults inside a request, each with a `pointer` into the body or the name of a \
         `parameter`, a code and a message:\n\n| code in errors | meaning |\n| --- | --- |\n",
    );
    for (code, meaning) in crate::problem::FAULTS {
        let _ = writeln!(
            text,
            "| `{}` | {meaning} |",
            crate::problem::fault_text(*code)
        );
    }
    text
}
