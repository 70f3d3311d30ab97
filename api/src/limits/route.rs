//! What a request costs by its route alone, before its shape is known.

use http::Method;

/// Argon2 is slow on purpose, and a provider is somebody else's.
const SIGN_IN: u64 = 5;
/// A document of all that the caller may see.
const DOCUMENT: u64 = 5;
/// A change of the schema or of access.
const CHANGE: u64 = 10;
/// Counting records under two policies.
const PREVIEW: u64 = 100;
/// A computation over all records of a type.
const VERIFY: u64 = 100;

/// The units of a request to this route, at least one. What records it reads and writes costs more, which is told by
/// its shape.
pub(super) fn cost(method: &Method, route: &str) -> u64 {
    match route {
        "/v1/auth/login"
        | "/v1/auth/login/verify"
        | "/v1/auth/password/reset"
        | "/v1/auth/oidc/{provider}/start"
        | "/v1/auth/oidc/{provider}/finish" => SIGN_IN,
        "/openapi.json" | "/v1/meta/diagram" => DOCUMENT,
        "/v1/meta/access/preview" => PREVIEW,
        _ if route.starts_with("/v1/meta/") && route.ends_with("/verify") => VERIFY,
        _ if route.starts_with("/v1/meta/") && !method.is_safe() => CHANGE,
        _ => 1,
    }
}

/// Whether the route asks for no caller, so that credentials on a request to it mean nothing.
pub(super) fn is_public(route: &str) -> bool {
    let signs_in = [
        "/v1/auth/login",
        "/v1/auth/login/verify",
        "/v1/auth/refresh",
        "/v1/auth/logout",
        "/v1/auth/password/forgot",
        "/v1/auth/password/reset",
        "/v1/auth/oidc",
        "/v1/auth/oidc/{provider}/start",
        "/v1/auth/oidc/{provider}/finish",
    ];
    // No route at all is answered without a caller too.
    route.is_empty()
        || signs_in.contains(&route)
        || ["/docs", "/graphiql", "/.well-known/"]
            .iter()
            .any(|start| route.starts_with(start))
}

/// Whether the route is asked by what watches the server; it has to be answered when nobody else is.
pub(super) fn is_probe(route: &str) -> bool {
    ["/healthz", "/readyz"].contains(&route)
}
