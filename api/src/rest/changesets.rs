//! Changes of the schema under `/v1/meta`: changesets, their log, and the shared part of the routes
//! that make changesets of one operation.

use axum::{
    Json as Answer,
    extract::{FromRequestParts, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use http::{HeaderName, header, request::Parts};
use schema::{
    Error, Fault, FaultCode, Place,
    change::{ChangeReport, Changeset, Operation},
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::{
    caller::Authenticated,
    extract::{Json as Body, Query},
    problem::{Problem, fault_text},
    state::AppState,
};

/// The header that names the schema version which the caller knows; `If-Match` does the same.
pub(crate) const IF_SCHEMA_VERSION: HeaderName = HeaderName::from_static("if-schema-version");
/// Changesets of one page of the log.
const PAGE: u64 = 50;

/// What a request says about how to change the schema: `?dryRun=true` and the version it knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    dry_run: bool,
    expected_version: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HowQuery {
    #[serde(default)]
    dry_run: bool,
}

/// Which part of the log is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    before: Option<i64>,
    limit: Option<u64>,
}

impl FromRequestParts<AppState> for How {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Query(query) = Query::<HowQuery>::from_request_parts(parts, state).await?;
        let expected = [IF_SCHEMA_VERSION, header::IF_MATCH]
            .into_iter()
            .find_map(|name| parts.headers.get(name));
        let expected_version = match expected {
            None => None,
            Some(value) => {
                let text = value.to_str().unwrap_or_default().trim_matches('"');
                Some(text.parse().map_err(|_| {
                    Problem::new(
                        crate::code::Code::InvalidRequest,
                        "If-Match and If-Schema-Version take the number of a schema version",
                    )
                })?)
            }
        };
        Ok(Self {
            dry_run: query.dry_run,
            expected_version,
        })
    }
}

/// `POST /v1/meta/changesets`
pub(crate) async fn apply_changeset(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    how: How,
    Body(body): Body<Json>,
) -> Result<Response, Problem> {
    let mut changeset = Changeset::parse(body)?;
    changeset.dry_run |= how.dry_run;
    changeset.expected_version = changeset.expected_version.or(how.expected_version);
    let report = state.engine.apply(&caller, &changeset).await?;
    Ok(Answer(report_json(&report)).into_response())
}

/// `GET /v1/meta/changesets`
pub(crate) async fn list_changesets(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<LogQuery>,
) -> Result<Answer<Json>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=200).contains(&limit) {
        return Err(Problem::parameter("limit", "must be from 1 to 200"));
    }
    let engine = &state.engine;
    let mut entries = engine
        .list_changesets(&caller, query.before, limit + 1)
        .await?;
    let has_next = entries.len() as u64 > limit;
    if has_next {
        entries.pop();
    }
    let next = entries
        .last()
        .filter(|_| has_next)
        .map(|entry| entry.version);
    Ok(Answer(json!({
        "data": entries,
        "page": {"before": next, "hasNext": has_next},
    })))
}

/// `GET /v1/meta/version`
pub(crate) async fn show_version(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
) -> Answer<Json> {
    Answer(json!({"version": state.engine.schema_version()}))
}

/// One operation, made of the names in the path and the members of the body.
#[derive(Debug)]
pub(crate) struct OneOperation {
    op: &'static str,
    named: Vec<(&'static str, String)>,
    /// Where in the operation the body stands.
    body_at: &'static str,
    body: Json,
}

impl OneOperation {
    /// An operation with the members of a body.
    pub(crate) fn new(op: &'static str, named: &[(&'static str, &str)], body: Json) -> Self {
        let named = named.iter().map(|(key, name)| (*key, (*name).to_owned()));
        Self {
            op,
            named: named.collect(),
            body_at: "",
            body,
        }
    }

    /// An operation of which a body is one member.
    pub(crate) fn around(
        op: &'static str,
        named: &[(&'static str, &str)],
        (member, body): (&'static str, Json),
    ) -> Self {
        Self {
            body_at: member,
            ..Self::new(op, named, body)
        }
    }

    /// Carries it out and gives the report. Faults stand where they are in the body.
    pub(crate) async fn apply(
        self,
        state: &AppState,
        caller: &schema::access::Caller,
        how: How,
    ) -> Result<ChangeReport, Problem> {
        let place = Place::Pointer(String::new());
        let mut members = if self.body_at.is_empty() {
            let Json::Object(members) = self.body else {
                return Err(
                    Error::fault(place, FaultCode::InvalidValue, "must be an object").into(),
                );
            };
            members
        } else {
            Map::from_iter([(self.body_at.to_owned(), self.body)])
        };
        for (key, name) in [("op", self.op.to_owned())].into_iter().chain(self.named) {
            if members.insert(key.to_owned(), Json::String(name)).is_some() {
                let message = format!("unknown field `{key}`");
                return Err(
                    Error::fault(place.child(key), FaultCode::UnknownField, message).into(),
                );
            }
        }
        let operation = Operation::parse(Json::Object(members), &place)
            .map_err(|fault| Error::Invalid(vec![fault]))?;
        let changeset = Changeset {
            expected_version: how.expected_version,
            operations: vec![operation],
            dry_run: how.dry_run,
        };
        let report = state.engine.apply(caller, &changeset).await;
        let mut report = report.map_err(|error| in_body(error, self.body_at))?;
        for fault in &mut report.faults {
            strip(fault, self.body_at);
        }
        Ok(report)
    }
}

/// The answer to a route that makes one operation: after a dry run its report, otherwise what
/// `describe` finds.
pub(crate) fn answer<D: serde::Serialize>(
    report: &ChangeReport,
    status: StatusCode,
    describe: impl FnOnce() -> Option<D>,
) -> Response {
    if report.dry_run {
        return Answer(report_json(report)).into_response();
    }
    match describe() {
        Some(described) => (status, Answer(described)).into_response(),
        // Who may change the schema need not see the records of the type.
        None => (status, Answer(report_json(report))).into_response(),
    }
}

/// The answer to a deletion.
pub(crate) fn deleted(report: &ChangeReport) -> Response {
    if report.dry_run {
        return Answer(report_json(report)).into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

fn report_json(report: &ChangeReport) -> Json {
    let errors = report.faults.iter().map(|fault| {
        json!({
            "pointer": fault.place.text(),
            "code": fault_text(fault.code),
            "message": fault.message,
        })
    });
    let mut json = json!({
        "version": report.version,
        "dryRun": report.dry_run,
        "applicable": report.faults.is_empty(),
        "operations": report.operations,
        "locks": report.locks,
        "errors": errors.collect::<Vec<_>>(),
    });
    if report.dry_run {
        let reverse = report.reverse.as_ref();
        json["reverse"] = reverse.map_or(Json::Null, |it| json!({"operations": it}));
    }
    json
}

/// The error with its places as they are in the body. What the path names and does not exist is
/// not found.
fn in_body(error: Error, body_at: &str) -> Error {
    let Error::Invalid(mut faults) = error else {
        return error;
    };
    for fault in &mut faults {
        let kind = match (fault.place.text(), fault.code) {
            ("/operations/0/object", FaultCode::UnknownObject) => "object type",
            ("/operations/0/relation", FaultCode::UnknownRelation) => "relation type",
            ("/operations/0/field", FaultCode::UnknownField) => "field",
            ("/operations/0/optionList", FaultCode::UnknownField) => "option list",
            ("/operations/0/id", FaultCode::UnknownField) => "deleted thing",
            _ => {
                strip(fault, body_at);
                continue;
            }
        };
        let name = fault.message.split('"').nth(1).unwrap_or_default();
        let name = name.to_owned();
        return Error::NotFound { kind, name };
    }
    Error::Invalid(faults)
}

fn strip(fault: &mut Fault, body_at: &str) {
    let Place::Pointer(pointer) = &mut fault.place else {
        return;
    };
    if let Some(rest) = pointer.strip_prefix("/operations/0") {
        let inner = rest
            .strip_prefix('/')
            .and_then(|rest| rest.strip_prefix(body_at))
            .filter(|_| !body_at.is_empty());
        *pointer = inner.unwrap_or(rest).to_owned();
    }
}
