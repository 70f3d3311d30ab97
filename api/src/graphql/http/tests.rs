//! What GraphQL over HTTP says of requests and of the form of answers.

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Form, parse};
use crate::{
    code::Code,
    graphql::{error::GraphError, execute::Outcome},
};

fn form(accept: &[&'static str]) -> Form {
    let mut headers = HeaderMap::new();
    for value in accept {
        headers.append(header::ACCEPT, HeaderValue::from_static(value));
    }
    Form::of(&headers)
}

#[test]
fn the_newer_form_is_for_those_who_name_it() {
    for (accept, expected) in [
        (&[][..], Form::Plain),
        (&["*/*"], Form::Plain),
        (&["application/json"], Form::Plain),
        (&["application/graphql-response+json"], Form::Response),
        (
            &["application/graphql-response+json, application/json;q=0.9"],
            Form::Response,
        ),
        (
            &[
                "application/json;q=0.5",
                "application/graphql-response+json",
            ],
            Form::Response,
        ),
        (
            &["application/json, application/graphql-response+json;q=0.1"],
            Form::Plain,
        ),
        (&["application/graphql-response+json;q=0, */*"], Form::Plain),
        (&["text/html"], Form::Plain),
    ] {
        assert_eq!(form(accept), expected, "{accept:?}");
    }
}

#[test]
fn a_request_is_one_object_with_a_query() {
    for (body, code) in [
        ("", Code::MalformedJson),
        ("{", Code::MalformedJson),
        ("[]", Code::InvalidRequest),
        ("{}", Code::InvalidRequest),
        (r#"{"query": 1}"#, Code::InvalidRequest),
        (r#"{"query": "", "variables": "x"}"#, Code::InvalidRequest),
        (
            r#"{"query": "", "operationName": {}}"#,
            Code::InvalidRequest,
        ),
        (r#"{"query": "", "extensions": []}"#, Code::InvalidRequest),
    ] {
        let problem = parse(body.as_bytes()).expect_err(body);
        assert_eq!(problem.code, code, "{body}");
    }
    let body = br#"{"query": "{a}", "variables": null, "operationName": null, "extensions": null, "x": 1}"#;
    let asked = parse(body).expect("unknown members are left alone");
    assert_eq!(asked.query, "{a}");
}

#[test]
fn json_nested_too_deep_is_refused() {
    let body = format!(
        r#"{{"query": "{{a}}", "variables": {{"x": {}{}}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let problem = parse(body.as_bytes()).expect_err("too deep");
    assert_eq!(problem.code, Code::MalformedJson);
}

#[test]
fn a_refused_request_has_its_status_in_the_newer_form_alone() {
    let refused = |code| Outcome::Refused(vec![GraphError::new(code, "no")]);
    for (form, code, expected) in [
        (Form::Response, Code::InvalidQuery, StatusCode::BAD_REQUEST),
        (
            Form::Response,
            Code::ValidationFailed,
            StatusCode::BAD_REQUEST,
        ),
        (
            Form::Response,
            Code::Internal,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (Form::Plain, Code::InvalidQuery, StatusCode::OK),
        (
            Form::Plain,
            Code::Internal,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    ] {
        let answer = form.answer(&refused(code), None);
        assert_eq!(answer.status(), expected, "{form:?} {code:?}");
    }
    let executed = Outcome::Executed {
        data: Bytes::from_static(b"null"),
        errors: vec![GraphError::new(Code::Busy, "busy")],
    };
    assert_eq!(
        Form::Response.answer(&executed, None).status(),
        StatusCode::OK
    );
}
