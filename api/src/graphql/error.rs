//! Errors of a GraphQL answer. Their codes are those of REST: the same [`Problem`] stands behind both.

use std::sync::Arc;

use async_graphql::{Pos, ServerError};
use schema::{Fault, Place};
use serde::Serialize;

use crate::{
    code::Code,
    problem::{Problem, fault_text},
};

/// One entry of `errors`.
#[derive(Debug, Clone)]
pub(super) struct GraphError {
    message: String,
    locations: Vec<Pos>,
    path: Vec<String>,
    code: Code,
    faults: Vec<Fault>,
    /// The problem behind a failure of our own, or one that is to be tried again.
    behind: Option<Arc<Problem>>,
}

/// The JSON form of an entry.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    path: &'a [String],
    extensions: Extensions<'a>,
}

#[derive(Debug, Serialize)]
struct Location {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions<'a> {
    code: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct FaultEntry<'a> {
    pointer: &'a str,
    code: &'static str,
    message: &'a str,
}

impl GraphError {
    /// An error of this code.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            locations: Vec::new(),
            path: Vec::new(),
            code,
            faults: Vec::new(),
            behind: None,
        }
    }

    /// The document does not fit the schema.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidQuery, message)
    }

    /// An error that async-graphql found.
    pub(super) fn of_validation(error: ServerError) -> Self {
        Self {
            locations: error.locations,
            ..Self::invalid(error.message)
        }
    }

    /// What a request or the engine was refused with.
    pub(super) fn of_problem(problem: Problem) -> Self {
        Self {
            faults: problem.errors.clone(),
            behind: problem.is_to_be_told().then(|| Arc::new(problem.clone())),
            ..Self::new(problem.code, problem.detail)
        }
    }

    /// The error at this place of the document.
    pub(super) fn at(mut self, position: Pos) -> Self {
        self.locations.push(position);
        self
    }

    /// The error of this field of the answer.
    pub(super) fn on(mut self, path: &[String]) -> Self {
        self.path = path.to_vec();
        self
    }

    /// The problem behind a failure of our own, or one that is to be tried again.
    pub(super) fn behind(&self) -> Option<&Arc<Problem>> {
        self.behind.as_ref()
    }

    /// The code.
    pub(super) fn code(&self) -> Code {
        self.code
    }

    /// The JSON form.
    pub(super) fn entry<'a>(&'a self, request_id: Option<&'a str>) -> Entry<'a> {
        Entry {
            message: &self.message,
            locations: self
                .locations
                .iter()
                .map(|position| Location {
                    line: position.line,
                    column: position.column,
                })
                .collect(),
            path: &self.path,
            extensions: Extensions {
                code: self.code.text(),
                status: self.code.status().as_u16(),
                request_id,
                errors: self.faults.iter().map(FaultEntry::new).collect(),
            },
        }
    }
}

impl FaultEntry<'_> {
    fn new(fault: &Fault) -> FaultEntry<'_> {
        FaultEntry {
            pointer: match &fault.place {
                Place::Pointer(text) | Place::Parameter(text) => text,
            },
            code: fault_text(fault.code),
            message: &fault.message,
        }
    }
}
