//! Answers. Each check says, where it fails, what was asked and what came back.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value as Json;

/// An answer of the server.
#[must_use = "check the answer: `.ok()`, `.status(…)` or `.problem(…)`"]
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// The request, for messages.
    pub(super) request: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The body of a success, as JSON; null when it has none.
    #[track_caller]
    pub(crate) fn ok(&self) -> Json {
        assert!(self.status.is_success(), "a success was expected\n{self}");
        self.json()
    }

    /// Checks the status.
    #[track_caller]
    pub(crate) fn status(&self, expected: u16) -> &Self {
        assert_eq!(self.status.as_u16(), expected, "the status\n{self}");
        self
    }

    /// The status as it is.
    pub(crate) fn code(&self) -> u16 {
        self.status.as_u16()
    }

    /// Checks that it is a problem with this status and code, of the right form; gives its body.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Json {
        self.status(status);
        let media_type = self.header("content-type");
        assert_eq!(media_type, Some("application/problem+json"), "{self}");
        let body = self.json();
        assert_eq!(body["code"], code, "the code\n{self}");
        assert_eq!(body["status"], status, "{self}");
        assert_eq!(body["type"], format!("/problems/{code}"), "{self}");
        let request_id = self.header("x-request-id");
        assert_eq!(body["requestId"].as_str(), request_id, "{self}");
        body
    }

    /// Checks a problem and that one of its faults is at this place (a pointer or a parameter).
    #[track_caller]
    pub(crate) fn problem_at(&self, status: u16, code: &str, place: &str) -> Json {
        let body = self.problem(status, code);
        let faults = body["errors"].as_array().cloned().unwrap_or_default();
        let named = faults
            .iter()
            .any(|fault| fault["pointer"] == place || fault["parameter"] == place);
        assert!(named, "no fault at {place:?}\n{self}");
        body
    }

    /// The `data` of a GraphQL answer without errors.
    #[track_caller]
    pub(crate) fn data(&self) -> Json {
        let body = self.status(200).json();
        assert!(body.get("errors").is_none(), "no errors expected\n{self}");
        body["data"].clone()
    }

    /// The first error of a GraphQL answer, with this code.
    #[track_caller]
    pub(crate) fn error(&self, code: &str) -> Json {
        let error = self.json()["errors"][0].clone();
        assert_eq!(error["extensions"]["code"], code, "the error code\n{self}");
        error
    }

    /// The body as JSON; null when there is none.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        if self.body.is_empty() {
            return Json::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("the body is no JSON: {error}\n{self}"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The bytes of the body as they came.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The headers but for these, as lines in a fixed order.
    pub(crate) fn headers_but(&self, without: &[&str]) -> Vec<String> {
        let headers = self.headers.iter();
        let kept = headers.filter(|(name, _)| !without.contains(&name.as_str()));
        let mut lines: Vec<String> = kept
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        lines.sort();
        lines
    }

    /// The number of SQL statements that the server says it took.
    #[track_caller]
    pub(crate) fn statements(&self) -> u32 {
        let header = self.header("server-timing").unwrap_or_default();
        let digits = header.split("statements=").nth(1).unwrap_or_default();
        let number = digits.trim_end_matches('"').parse();
        number.unwrap_or_else(|_| panic!("no number of statements\n{self}"))
    }

    /// The ids of the records of a list, in order.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<String> {
        self.column("id")
    }

    /// One field of the records of a list, in order; text or as JSON.
    #[track_caller]
    pub(crate) fn column(&self, field: &str) -> Vec<String> {
        let body = self.ok();
        let rows = body["data"].as_array();
        let rows = rows.unwrap_or_else(|| panic!("the answer is no list\n{self}"));
        rows.iter().map(|row| text_of(&row[field])).collect()
    }
}

/// A JSON value as text: a text without its quotes.
pub(crate) fn text_of(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

impl std::fmt::Display for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text().chars().take(4_000).collect();
        write!(formatter, "{}\n{}\n{body}", self.request, self.status)
    }
}
