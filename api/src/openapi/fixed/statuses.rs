//! What the fixed operations answer beside the good case: problems, and the header fields of conditional
//! requests (RFC 9110, section 13).

use utoipa::openapi::{
    RefOr, Response,
    path::{Operation, OperationBuilder},
};

use super::{Fixed, Method, Reply};
use crate::openapi::{
    operations::with_etag,
    parameters::{in_header, parameter_ref},
    parts::problem_ref,
};

/// The descriptions of the schema, whose tag stands for all that they show.
const DESCRIPTIONS: &[&str] = &[
    "listObjectTypes",
    "showObjectType",
    "showJsonSchema",
    "listFields",
    "listRelationTypes",
    "showRelationType",
    "listFieldTypes",
    "showDiagram",
];

/// Other operations with an `ETag`, each with what it is.
const TAGGED: &[(&str, &str)] = &[
    ("showAccess", ACCESS_VERSION),
    ("applyAccess", ACCESS_VERSION),
    ("restoreAccess", ACCESS_VERSION),
    ("showCurrencies", CURRENCIES_VERSION),
    ("replaceCurrencies", CURRENCIES_VERSION),
    ("addRates", CURRENCIES_VERSION),
];

const ACCESS_VERSION: &str = "The version of access, for `If-Match` and `If-None-Match`.";
const CURRENCIES_VERSION: &str =
    "The version of the rates, for `If-Match`; only for those who may change them.";

/// The operations with a body that may be left out.
const OPTIONAL_BODIES: &[&str] = &[
    "rotateKey",
    "restoreDeleted",
    "verifyObjectType",
    "verifyObjectField",
    "verifyRelationType",
    "verifyRelationField",
];

impl Fixed {
    /// Whether the body must be sent.
    pub(super) fn needs_body(&self) -> bool {
        !OPTIONAL_BODIES.contains(&self.id)
    }

    /// The problems that it may answer beside those that any operation may.
    pub(super) fn problems(&self) -> Vec<u16> {
        let mut problems = vec![400];
        let in_path = self.path.contains('{');
        if self.tag == "schema" || self.tag == "access" {
            problems.extend([403, 404]);
        } else if self.tag == "auth" && (in_path || self.id == "removeTotp") {
            problems.push(404);
        }
        if is_of_people(self.path) {
            problems.push(403);
        }
        if self.path.starts_with("/v1/auth/oidc/") {
            problems.push(502);
        }
        if self.body.is_some() {
            problems.extend([413, 415]);
        }
        if self.body.is_some() || self.reply.takes_values() {
            problems.push(422);
        }
        let is_totp = self.path.starts_with("/v1/auth/totp");
        let changes = !matches!(self.method, Method::Get) && self.tag != "auth";
        if changes || is_totp {
            problems.push(409);
        }
        problems
    }

    /// Adds the header fields of conditional requests, and what they are answered.
    pub(super) fn with_conditions(&self, builder: OperationBuilder) -> OperationBuilder {
        let builder = match self.id {
            "applyAccess" | "previewAccess" | "restoreAccess" => builder
                .parameter(in_header(
                    "If-Match",
                    "The `ETag` of the access that you know; any other is refused with 412. `expectedVersion` in the \
                     body does the same with 409.",
                ))
                .response("412", problem_ref(412)),
            "replaceCurrencies" => builder.parameter(in_header(
                "If-Match",
                "The `ETag` of the rates that you know; any other is refused with 409.",
            )),
            _ => builder,
        };
        let about = if DESCRIPTIONS.contains(&self.id) {
            "Equal as long as you would be shown the same in the same languages, for `If-None-Match`."
        } else {
            let mut tagged = TAGGED.iter();
            let Some((_, about)) = tagged.find(|(id, _)| *id == self.id) else {
                return builder;
            };
            about
        };
        let mut operation: Operation = builder.build();
        if let Some(RefOr::T(found)) = operation.responses.responses.get_mut("200") {
            *found = with_etag(std::mem::replace(found, Response::new("")), about);
        }
        let builder = OperationBuilder::from(operation);
        if !DESCRIPTIONS.contains(&self.id) && self.id != "showAccess" {
            return builder;
        }
        let known = Response::new("What the caller has is what it would be shown.");
        builder
            .parameter_ref(parameter_ref("IfNoneMatch"))
            .response("304", with_etag(known, about))
    }
}

impl Reply {
    /// Whether a parameter, or a change of the schema, may have a value that is refused with 422.
    fn takes_values(self) -> bool {
        match self {
            Self::Page(_)
            | Self::At(_)
            | Self::Log(_)
            | Self::Audit(_)
            | Self::Shares(_)
            | Self::Rates(_)
            | Self::Schema
            | Self::Diagram
            | Self::Change(_)
            | Self::NewChange(_)
            | Self::Hidden => true,
            Self::Object
            | Self::One(_)
            | Self::Either(_)
            | Self::New(_)
            | Self::Accepted(_)
            | Self::All(_)
            | Self::Fields(_)
            | Self::Nothing
            | Self::Taken => false,
        }
    }
}

/// Whether it is about what people alone have: a key is refused there.
fn is_of_people(path: &str) -> bool {
    [
        "/v1/auth/sessions",
        "/v1/auth/totp",
        "/v1/auth/password/change",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}
