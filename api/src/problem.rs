//! Problems (RFC 9457): the one form of every error answer, and the one mapping from the engine's
//! errors. It must not log: it leaves itself in the extensions of the response, and the request log
//! writes it once. Texts of the database never reach a client.

use std::sync::Arc;

use axum::{
    extract::rejection::{BytesRejection, PathRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use schema::{Error, Fault, FaultCode, Place};
use serde::Serialize;

use crate::code::Code;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error answer.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// What went wrong in this case and what to do.
    pub detail: String,
    /// The faults inside the request.
    pub errors: Vec<Fault>,
    /// The seconds after which to try again.
    pub retry_after: Option<u64>,
    /// The rate limit policy that refused it.
    pub policy: Option<&'static str>,
    /// Why, for the log alone.
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A problem inside an answer that has a form of its own; left in its extensions for the request log.
#[derive(Debug, Clone)]
pub struct Behind(pub Arc<Problem>);

/// Stands in the extensions of an answer of another status in which something was refused as forbidden.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused;

/// The JSON form of a problem.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violated_policies: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<BodyFault<'a>>,
}

/// The JSON form of a fault.
#[derive(Debug, Serialize)]
struct BodyFault<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    code: &'static str,
    message: &'a str,
}

impl Problem {
    /// A problem of this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: (code == Code::Busy).then_some(1),
            policy: None,
            cause: None,
        }
    }

    /// The same, to be tried again after some seconds, for which a policy is why.
    #[must_use]
    pub fn after(self, seconds: u64, policy: Option<&'static str>) -> Self {
        Self {
            retry_after: Some(seconds),
            policy,
            ..self
        }
    }

    /// A failure of our own; its reason goes to the log alone.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(Arc::from(cause.into())),
            ..Self::new(
                Code::Internal,
                "something went wrong on our side; the log holds the reason under the request id",
            )
        }
    }

    /// A query parameter that is unknown, repeated or out of place.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fault = Fault {
            place: Place::Parameter(name.to_owned()),
            code: FaultCode::InvalidRequest,
            message: message.clone(),
        };
        Self {
            errors: vec![fault],
            ..Self::new(Code::InvalidParameter, format!("{name}: {message}"))
        }
    }

    /// Whether more of it is to be told than GraphQL's errors have room for: a cause to the log, or a time to the
    /// caller.
    pub(crate) fn is_to_be_told(&self) -> bool {
        self.cause.is_some() || self.retry_after.is_some()
    }

    /// The JSON text.
    pub fn render(&self, request_id: Option<&str>) -> Vec<u8> {
        let status = self.code.status();
        let body = Body {
            r#type: format!("/problems/{}", self.code.text()),
            title: self.code.title(),
            status: status.as_u16(),
            code: self.code.text(),
            detail: &self.detail,
            request_id,
            violated_policies: self.policy.map(|policy| [policy]),
            errors: self.errors.iter().map(BodyFault::new).collect(),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    fn from_faults(faults: Vec<Fault>) -> Self {
        let code = faults
            .iter()
            .map(|fault| code_of(fault.code))
            .find(|code| *code != Code::ValidationFailed)
            .unwrap_or(Code::ValidationFailed);
        let detail = match faults.as_slice() {
            [fault] => format!("{}: {}", place_text(&fault.place), fault.message),
            _ => format!("{} faults; see errors", faults.len()),
        };
        Self {
            errors: faults,
            ..Self::new(code, detail)
        }
    }
}

impl BodyFault<'_> {
    fn new(fault: &Fault) -> BodyFault<'_> {
        let (pointer, parameter) = match &fault.place {
            Place::Pointer(pointer) => (Some(pointer.as_str()), None),
            Place::Parameter(name) => (None, Some(name.as_str())),
        };
        BodyFault {
            pointer,
            parameter,
            code: fault_text(fault.code),
            message: &fault.message,
        }
    }
}

/// The fault of a unique field whose value another record has.
fn taken(field: &str) -> Fault {
    Fault {
        place: Place::Pointer(String::new()).child(field),
        code: FaultCode::UniqueConflict,
        message: "another record has this value".to_owned(),
    }
}

fn place_text(place: &Place) -> &str {
    match place {
        Place::Pointer(pointer) if pointer.is_empty() => "the body",
        Place::Pointer(pointer) => pointer,
        Place::Parameter(name) => name,
    }
}

/// Names that do not exist and forms that do not parse are 400, values are 422.
fn code_of(fault: FaultCode) -> Code {
    match fault {
        FaultCode::UnknownField => Code::UnknownField,
        FaultCode::UnknownRelation => Code::UnknownRelation,
        FaultCode::UnknownOperator => Code::UnknownOperator,
        FaultCode::InvalidRequest => Code::InvalidRequest,
        FaultCode::InvalidCursor => Code::InvalidCursor,
        FaultCode::UnknownObject
        | FaultCode::InvalidValue
        | FaultCode::Required
        | FaultCode::ReferenceNotFound
        | FaultCode::InvalidName
        | FaultCode::NameTaken
        | FaultCode::ReadOnlyField
        | FaultCode::RuleBroken => Code::ValidationFailed,
        FaultCode::UniqueConflict => Code::UniqueConflict,
    }
}

/// Every fault code with its meaning, for the documentation.
pub const FAULTS: &[(FaultCode, &str)] = &[
    (
        FaultCode::UnknownField,
        "There is no such field for the caller.",
    ),
    (
        FaultCode::UnknownObject,
        "There is no such object type for the caller.",
    ),
    (
        FaultCode::UnknownRelation,
        "There is no such relation or collection for the caller.",
    ),
    (
        FaultCode::UnknownOperator,
        "The operator does not exist or does not fit the field.",
    ),
    (
        FaultCode::InvalidValue,
        "The value has the wrong type, form or range.",
    ),
    (FaultCode::Required, "A required value is missing."),
    (
        FaultCode::InvalidRequest,
        "A filter, sort, selection or parameter is malformed or over a limit.",
    ),
    (
        FaultCode::InvalidCursor,
        "The cursor is damaged or belongs to another query.",
    ),
    (
        FaultCode::ReferenceNotFound,
        "The record that is referred to does not exist for the caller.",
    ),
    (FaultCode::InvalidName, "The name can't be used."),
    (FaultCode::NameTaken, "The name is taken."),
    (FaultCode::ReadOnlyField, "The field can't be written."),
    (
        FaultCode::UniqueConflict,
        "Another record has this value of a unique field.",
    ),
    (
        FaultCode::RuleBroken,
        "A validation rule of the type does not hold of the record as it would be.",
    ),
];

/// The code of a fault as clients see it in `errors`.
pub fn fault_text(code: FaultCode) -> &'static str {
    match code {
        FaultCode::UnknownField => "unknown_field",
        FaultCode::UnknownObject => "unknown_object",
        FaultCode::UnknownRelation => "unknown_relation",
        FaultCode::UnknownOperator => "unknown_operator",
        FaultCode::InvalidValue => "invalid_value",
        FaultCode::Required => "required",
        FaultCode::InvalidRequest => "invalid_request",
        FaultCode::InvalidCursor => "invalid_cursor",
        FaultCode::ReferenceNotFound => "reference_not_found",
        FaultCode::InvalidName => "invalid_name",
        FaultCode::NameTaken => "name_taken",
        FaultCode::ReadOnlyField => "read_only_field",
        FaultCode::UniqueConflict => "unique_conflict",
        FaultCode::RuleBroken => "rule_broken",
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Invalid(faults) => Self::from_faults(faults),
            Error::ObjectNotFound(_) => Self::new(Code::ObjectNotFound, detail),
            Error::RecordNotFound { .. } => Self::new(Code::RecordNotFound, detail),
            Error::NotFound { .. } => Self::new(Code::NotFound, detail),
            Error::Forbidden(_) => Self::new(Code::Forbidden, detail),
            Error::Unauthenticated(_) => Self::new(Code::Unauthenticated, detail),
            Error::UniqueConflict { fields } => Self {
                errors: fields.iter().map(|field| taken(field)).collect(),
                ..Self::new(Code::UniqueConflict, detail)
            },
            Error::Conflict(_) => Self::new(Code::Conflict, detail),
            Error::VersionMismatch { .. } => Self::new(Code::VersionMismatch, detail),
            Error::SchemaVersionMismatch { .. } => Self::new(Code::SchemaVersionMismatch, detail),
            Error::AccessVersionMismatch { .. } => Self::new(Code::AccessVersionMismatch, detail),
            Error::Busy | Error::Aborted => Self::new(Code::Busy, detail),
            Error::Store { .. } => Self::internal(error),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Self::new(
                Code::BodyTooLarge,
                "the body is larger than this server takes",
            )
        } else {
            Self {
                cause: Some(Arc::new(rejection)),
                ..Self::new(Code::InvalidRequest, "the body could not be read")
            }
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(Code::InvalidRequest, rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), self.render(None)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.code == Code::Unauthenticated {
            let scheme = HeaderValue::from_static("Bearer realm=\"relata\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
