//! `POST /graphql`, by the rules of GraphQL over HTTP.
//!
//! `application/graphql-response+json` tells a refused request by its status; `application/json`, the
//! older form, answers 200 to every request that is well-formed.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{
    caller::Authenticated,
    code::Code,
    frame::RequestId,
    graphql::{
        error::{Entry, GraphError},
        execute::{Asked, Outcome, execute},
        guard::MOST_BYTES,
    },
    problem::{Behind, Problem, Refused},
    state::AppState,
};

const RESPONSE_JSON: &str = "application/graphql-response+json";
const PLAIN_JSON: &str = "application/json";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `application/graphql-response+json`.
    Response,
    /// `application/json`.
    Plain,
}

/// Answers one GraphQL request.
pub(crate) async fn answer_graphql(
    State(state): State<AppState>,
    caller: Result<Authenticated, Problem>,
    id: Option<Extension<RequestId>>,
    request: Request,
) -> Response {
    let form = Form::of(request.headers());
    let id = id.as_ref().map(|Extension(id)| id.0.as_str());
    let Authenticated(caller) = match caller {
        Ok(caller) => caller,
        Err(problem) if problem.retry_after.is_some() => return form.refuse(problem, id),
        Err(problem) => return problem.into_response(),
    };
    let asked = match read(request).await {
        Ok(asked) => asked,
        Err(problem) => return form.refuse(problem, id),
    };
    let outcome = execute(&state, &caller, asked).await;
    form.answer(&outcome, id)
}

async fn read(request: Request) -> Result<Asked, Problem> {
    check_media_type(request.headers())?;
    let body = axum::body::to_bytes(request.into_body(), MOST_BYTES)
        .await
        .map_err(|_| {
            let detail = format!("a GraphQL request may have {MOST_BYTES} bytes");
            Problem::new(Code::BodyTooLarge, detail)
        })?;
    parse(&body)
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let sent = headers.get(header::CONTENT_TYPE);
    let sent = sent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(PLAIN_JSON) {
        return Ok(());
    }
    let detail = "send the request as application/json";
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

/// Members that the specification does not know are left alone, as it asks.
fn parse(body: &[u8]) -> Result<Asked, Problem> {
    let json: Json = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::MalformedJson, error.to_string()))?;
    let Json::Object(mut members) = json else {
        return Err(invalid(
            "the body must be one object; batches are not taken",
        ));
    };
    let query = match members.remove("query") {
        Some(Json::String(query)) => query,
        Some(_) => return Err(invalid("query must be a text")),
        None => return Err(invalid("query is missing")),
    };
    let operation = match members.remove("operationName") {
        Some(Json::String(name)) => Some(name),
        None | Some(Json::Null) => None,
        Some(_) => return Err(invalid("operationName must be a text")),
    };
    let variables = match members.remove("variables") {
        Some(Json::Object(variables)) => variables,
        None | Some(Json::Null) => Map::new(),
        Some(_) => return Err(invalid("variables must be an object")),
    };
    match members.remove("extensions") {
        None | Some(Json::Null | Json::Object(_)) => {}
        Some(_) => return Err(invalid("extensions must be an object")),
    }
    Ok(Asked {
        query,
        operation,
        variables,
    })
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail)
}

#[derive(Debug, Serialize)]
struct Refusal<'a> {
    errors: Vec<Entry<'a>>,
}

impl Form {
    /// The form that the client prefers: the older one, unless it names the newer one first.
    fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter();
        let best = accepted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Self::parse_accept)
            .fold(
                None,
                |best: Option<(Self, f32)>, (form, quality)| match best {
                    Some((_, known)) if known >= quality => best,
                    Some(_) | None => Some((form, quality)),
                },
            );
        best.map_or(Self::Plain, |(form, _)| form)
    }

    fn parse_accept(range: &str) -> Option<(Self, f32)> {
        let mut parts = range.split(';').map(str::trim);
        let form = match parts.next()?.to_ascii_lowercase().as_str() {
            RESPONSE_JSON => Self::Response,
            PLAIN_JSON | "application/*" | "*/*" => Self::Plain,
            _ => return None,
        };
        let quality = parts
            .find_map(|part| part.strip_prefix("q="))
            .and_then(|text| text.parse().ok())
            .unwrap_or(1.0);
        (quality > 0.0).then_some((form, quality))
    }

    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Plain => "application/json; charset=utf-8",
        })
    }

    /// A request that is not well-formed has its own status in both forms.
    fn refuse(self, problem: Problem, id: Option<&str>) -> Response {
        let status = problem.code.status();
        let error = GraphError::of_problem(problem);
        let response = self.respond(status, refusal(std::slice::from_ref(&error), id));
        tell_behind(response, error.behind())
    }

    fn answer(self, outcome: &Outcome, id: Option<&str>) -> Response {
        let (Outcome::Refused(errors) | Outcome::Executed { errors, .. }) = outcome;
        let behind = errors.iter().find_map(GraphError::behind);
        let is_refused = errors.iter().any(|error| error.code() == Code::Forbidden);
        let mut response = tell_behind(self.write(outcome, id), behind);
        if is_refused {
            response.extensions_mut().insert(Refused);
        }
        response
    }

    fn write(self, outcome: &Outcome, id: Option<&str>) -> Response {
        match outcome {
            Outcome::Refused(errors) => {
                let status = match (self, errors.first().map(GraphError::code)) {
                    // What failed on our side is no answer in either form.
                    (_, Some(code)) if code.status().is_server_error() => code.status(),
                    // Nor is what has to be asked again later.
                    (_, Some(code)) if code.status() == StatusCode::TOO_MANY_REQUESTS => {
                        code.status()
                    }
                    (Self::Plain, _) | (Self::Response, None) => StatusCode::OK,
                    // The audits of graphql-http ask for 400, whatever the values of variables.
                    (Self::Response, Some(_)) => StatusCode::BAD_REQUEST,
                };
                self.respond(status, refusal(errors, id))
            }
            Outcome::Executed { data, errors } => {
                self.respond(StatusCode::OK, executed(data, errors, id))
            }
        }
    }

    fn respond(self, status: StatusCode, body: Vec<u8>) -> Response {
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.media_type());
        response
    }
}

/// Leaves the problem to the request log, and tells when to try again.
fn tell_behind(mut response: Response, behind: Option<&Arc<Problem>>) -> Response {
    let Some(problem) = behind else {
        return response;
    };
    if let Some(seconds) = problem.retry_after {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    let behind = Behind(Arc::clone(problem));
    response.extensions_mut().insert(behind);
    response
}

fn refusal(errors: &[GraphError], id: Option<&str>) -> Vec<u8> {
    let errors = errors.iter().map(|error| error.entry(id)).collect();
    serde_json::to_vec(&Refusal { errors }).unwrap_or_default()
}

fn executed(data: &Bytes, errors: &[GraphError], id: Option<&str>) -> Vec<u8> {
    let mut body = Vec::with_capacity(data.len() + 16);
    body.push(b'{');
    if !errors.is_empty() {
        let entries: Vec<Entry<'_>> = errors.iter().map(|error| error.entry(id)).collect();
        body.extend_from_slice(b"\"errors\":");
        body.extend(serde_json::to_vec(&entries).unwrap_or_default());
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    body.extend_from_slice(data);
    body.push(b'}');
    body
}
