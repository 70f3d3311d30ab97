//! The one error type of the engine. It knows no HTTP: `api` maps each variant to a problem.
//!
//! Variants are split by who must act: the caller (names, values, rights), the caller again but
//! because of stored data (conflicts), or us ([`Error::Store`]).

use crate::id::RecordId;

/// One fault at one place of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON Pointer (RFC 6901) into the body, or the name of a query parameter.
    pub place: Place,
    /// What is wrong, as a stable code of the API.
    pub code: FaultCode,
    /// What is wrong and what to do, for people.
    pub message: String,
}

/// The place of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A JSON Pointer into the request body (or into the arguments of a GraphQL field).
    Pointer(String),
    /// A query parameter.
    Parameter(String),
}

impl Place {
    #[must_use]
    /// The place below this one; in a parameter the path is appended to its name.
    pub fn child(&self, segment: impl std::fmt::Display) -> Self {
        match self {
            Self::Pointer(pointer) => {
                let escaped = segment.to_string().replace('~', "~0").replace('/', "~1");
                Self::Pointer(format!("{pointer}/{escaped}"))
            }
            Self::Parameter(name) => Self::Parameter(format!("{name}.{segment}")),
        }
    }

    /// The pointer or the parameter, as text.
    pub fn text(&self) -> &str {
        match self {
            Self::Pointer(text) | Self::Parameter(text) => text,
        }
    }
}

/// The stable codes of faults inside a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// No such field for this caller.
    UnknownField,
    /// No such object type for this caller.
    UnknownObject,
    /// No such relation or collection for this caller.
    UnknownRelation,
    /// The operator does not exist or does not fit the field.
    UnknownOperator,
    /// A value of the wrong type, form or range.
    InvalidValue,
    /// A required value is missing.
    Required,
    /// A filter, sort or selection that is malformed or over a limit.
    InvalidRequest,
    /// A cursor that is damaged or belongs to another query.
    InvalidCursor,
    /// A reference or link to a record that does not exist for this caller.
    ReferenceNotFound,
    /// A name that can't be used.
    InvalidName,
    /// A name that is taken.
    NameTaken,
    /// The field can't be written.
    ReadOnlyField,
    /// Another record has the value of a unique field.
    UniqueConflict,
    /// A validation rule of the type does not hold of the record.
    RuleBroken,
}

/// Everything that can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request names or contains something that does not fit. All faults that were found.
    #[error("the request has {} fault(s)", .0.len())]
    Invalid(Vec<Fault>),
    /// The object type in the path does not exist for this caller.
    #[error("there is no object type {0:?}")]
    ObjectNotFound(String),
    /// The record does not exist for this caller.
    #[error("{object} has no record with the id {id:?}")]
    RecordNotFound {
        /// The object type as the caller named it.
        object: String,
        /// The id as the caller gave it.
        id: String,
    },
    /// A managed thing (role, key, user, field, …) does not exist for this caller.
    #[error("there is no {kind} {name:?}")]
    NotFound {
        /// What kind of thing.
        kind: &'static str,
        /// How the caller named it.
        name: String,
    },
    /// The caller may see the thing but not do this to it.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody is signed in, or the credentials are not good.
    #[error("{0}")]
    Unauthenticated(String),
    /// A unique field already has this value on another record.
    #[error("another record has the same {}", if .fields.is_empty() { "value".to_owned() } else { .fields.join(", ") })]
    UniqueConflict {
        /// The names of the caller's own fields.
        fields: Vec<String>,
    },
    /// The record is still referred to, or the thing is in a state that forbids this.
    #[error("{0}")]
    Conflict(String),
    /// The record has changed since the version the caller knows.
    #[error("the record {id} is not at version {expected} any more; read it again")]
    VersionMismatch {
        /// The record.
        id: RecordId,
        /// The version that the caller expected. The stored one is not told: not every caller may read it.
        expected: i64,
    },
    /// The schema has changed since the version the caller knows.
    #[error("the schema has version {current}, not {expected}")]
    SchemaVersionMismatch {
        /// The version that the caller expected.
        expected: i64,
        /// The version that is stored.
        current: i64,
    },
    /// Access has changed since the version the caller knows.
    #[error("access has version {current}, not {expected}; load it again and decide anew")]
    AccessVersionMismatch {
        /// The version that the caller expected.
        expected: i64,
        /// The version that is stored.
        current: i64,
    },
    /// The database is busy beyond the time that we wait; trying again helps.
    #[error("the database is busy; try again")]
    Busy,
    /// The database gave this transaction up for the sake of another one: nothing of it is stored, and
    /// begun anew it may succeed. Outside it is the same as [`Error::Busy`].
    #[error("the database is busy; try again")]
    Aborted,
    /// The database or our own code failed. The text is for the log, never for a client.
    #[error("storage failed: {context}")]
    Store {
        /// What we were doing.
        context: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// One fault at one place.
    pub fn fault(place: Place, code: FaultCode, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault {
            place,
            code,
            message: message.into(),
        }])
    }

    /// A failure of our own, with the reason for the log.
    pub fn internal(
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Store {
            context,
            source: source.into(),
        }
    }
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
