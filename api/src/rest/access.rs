//! The rule set as a whole, and questions about the rights of others: `/v1/meta/access`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schema::{
    Error, FaultCode, Place,
    access::Permission,
    identity::{
        AccessChanged, AccessPreview, AccessPreviewQuestion, AccessQuestion, AccessRestore,
        AccessVersion, AccessVersionQuery, Explanation, NewAccess,
    },
};
use serde::Deserialize;

use crate::{
    caller::Authenticated,
    code::Code,
    extract::{Json as Body, Query},
    problem::Problem,
    rest::{
        answer::not_modified,
        condition::{is_known, version_in},
        listing::{NoParameters, Page, PageParameters},
    },
    state::AppState,
};

/// `POST /v1/meta/access/explain`
pub(crate) async fn explain_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    Body(question): Body<AccessQuestion>,
) -> Result<Json<Explanation>, Problem> {
    Ok(Json(state.engine.explain(&caller, &question).await?))
}

/// Which rule set is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessParameters {
    /// An earlier version; the present one when absent.
    version: Option<i64>,
}

/// Which versions are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionParameters {
    limit: Option<u64>,
    after: Option<String>,
}

/// `GET /v1/meta/access`
pub(crate) async fn show_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(AccessParameters { version }): Query<AccessParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(version) = version {
        // Without a tag: the names in it are those of today, whatever the version.
        let earlier = state.engine.access_state_at(&caller, version).await?;
        return Ok(Json(earlier).into_response());
    }
    let access = state.engine.access_state(&caller)?;
    if is_known(&headers, access.version) {
        return Ok(not_modified(access.version));
    }
    let tag = tag(access.version);
    Ok((tag, Json(access)).into_response())
}

/// `POST /v1/meta/access/preview`
pub(crate) async fn preview_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(mut question): Body<AccessPreviewQuestion>,
) -> Result<Json<AccessPreview>, Problem> {
    let condition = Condition::of(&headers, question.expected_version)?;
    question.expected_version = condition.version();
    let found = state.engine.preview_access(&caller, question).await;
    Ok(Json(found.map_err(|error| condition.failed(error))?))
}

/// `POST /v1/meta/access/apply`
pub(crate) async fn apply_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(mut new): Body<NewAccess>,
) -> Result<(StatusCode, HeaderMap, Json<AccessChanged>), Problem> {
    let condition = Condition::of(&headers, new.expected_version)?;
    new.expected_version = condition.version();
    let changed = state.engine.apply_access(&caller, &new).await;
    let changed = changed.map_err(|error| condition.failed(error))?;
    Ok((StatusCode::OK, tag(changed.version), Json(changed)))
}

/// `GET /v1/meta/access/versions`
pub(crate) async fn list_access_versions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(VersionParameters { limit, after }): Query<VersionParameters>,
) -> Result<Json<Page<AccessVersion>>, Problem> {
    state.engine.permit(&caller, Permission::ManageAccess)?;
    let before = after.map(|text| {
        let place = Place::Parameter("after".to_owned());
        let message = "must be what page.next told";
        let version = text.parse::<i64>();
        version.map_err(|_| Error::fault(place, FaultCode::InvalidValue, message))
    });
    let query = AccessVersionQuery {
        limit: PageParameters::of(limit, None).listing()?.limit,
        before: before.transpose()?,
    };
    let listed = state.engine.list_access_versions(&caller, &query).await?;
    Ok(Json(Page::by(listed, |item| item.version.to_string())))
}

/// `POST /v1/meta/access/restore`
pub(crate) async fn restore_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    Body(mut restore): Body<AccessRestore>,
) -> Result<(StatusCode, HeaderMap, Json<AccessChanged>), Problem> {
    let condition = Condition::of(&headers, restore.expected_version)?;
    restore.expected_version = condition.version();
    let changed = state.engine.restore_access(&caller, restore).await;
    let changed = changed.map_err(|error| condition.failed(error))?;
    Ok((StatusCode::OK, tag(changed.version), Json(changed)))
}

/// The version of access that a request depends on, and where it names it.
#[derive(Clone, Copy)]
enum Condition {
    None,
    /// By `expectedVersion` of the body.
    Body(i64),
    /// By `If-Match`, maybe beside the body.
    Header(i64),
}

impl Condition {
    fn of(headers: &HeaderMap, named: Option<i64>) -> Result<Self, Problem> {
        let about = "If-Match must be the ETag of the access, such as \"3\"";
        match (version_in(headers, about)?, named) {
            (Some(tagged), Some(named)) if tagged != named => Err(Problem::new(
                Code::InvalidHeader,
                "If-Match and expectedVersion name two versions; send one of them",
            )),
            (Some(tagged), _) => Ok(Self::Header(tagged)),
            (None, Some(named)) => Ok(Self::Body(named)),
            (None, None) => Ok(Self::None),
        }
    }

    fn version(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Body(version) | Self::Header(version) => Some(version),
        }
    }

    /// What does not hold of a condition in the header is told as one (RFC 9110, section 13.1.1).
    fn failed(self, error: Error) -> Problem {
        match (self, error) {
            (Self::Header(_), error @ Error::AccessVersionMismatch { .. }) => {
                Problem::new(Code::VersionMismatch, error.to_string())
            }
            (Self::None | Self::Body(_) | Self::Header(_), error) => error.into(),
        }
    }
}

fn tag(version: i64) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).ok();
    value
        .into_iter()
        .map(|value| (header::ETAG, value))
        .collect()
}
