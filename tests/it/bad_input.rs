//! Bad input: whatever is sent, over both faces, is answered with a problem that names the place,
//! never with a 5xx, and leaves nothing half done.

mod bodies;
mod queries;
mod schema;
mod values;

use crate::support::Response;

/// Fails unless the answer is a problem of the caller's making: a problem document, or an answer of
/// GraphQL with the same code.
#[track_caller]
fn refused(answer: &Response) {
    assert!((400..500).contains(&answer.code()), "{answer}");
    if answer.json()["errors"][0]["extensions"].is_object() {
        return refused_by_graphql(answer);
    }
    let code = answer.json()["code"].as_str().map(str::to_owned);
    let code = code.unwrap_or_else(|| panic!("no problem\n{answer}"));
    answer.problem(answer.code(), &code);
}

/// Fails unless GraphQL refused, with a code that does not blame us.
#[track_caller]
fn refused_by_graphql(answer: &Response) {
    assert!(answer.code() < 500, "{answer}");
    let body = answer.json();
    let code = body["errors"][0]["extensions"]["code"].as_str();
    let code = code.unwrap_or_else(|| panic!("no error\n{answer}"));
    assert!(!["internal", "busy", "timeout"].contains(&code), "{answer}");
}
