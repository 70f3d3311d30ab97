//! The audit log: `/v1/meta/audit`.

use axum::{Json, extract::State};
use schema::{
    Error, FaultCode, Place,
    access::Permission,
    identity::{AuditEntry, AuditKind, AuditObject, AuditQuery},
};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    caller::Authenticated,
    extract::Query,
    problem::Problem,
    rest::listing::{Page, PageParameters},
    state::AppState,
};

/// Which entries are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AuditParameters {
    limit: Option<u64>,
    after: Option<String>,
    from: Option<String>,
    until: Option<String>,
    principal: Option<String>,
    kind: Option<String>,
    object_type: Option<String>,
    object: Option<String>,
}

/// `GET /v1/meta/audit`
pub(crate) async fn list_audit_entries(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(parameters): Query<AuditParameters>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    state.engine.permit(&caller, Permission::ManageAccess)?;
    let query = parameters.query()?;
    let listed = state.engine.list_audit(&caller, &query).await?;
    Ok(Json(Page::by(listed, |entry| entry.sequence.to_string())))
}

impl AuditParameters {
    fn query(self) -> Result<AuditQuery, Problem> {
        let limit = PageParameters::of(self.limit, None).listing()?.limit;
        let instant = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        let kinds = || AuditKind::ALL.iter().map(|kind| kind.text());
        let objects = || AuditObject::ALL.iter().map(|object| object.text());
        let an_instant = "must be an instant such as 2026-01-31T12:00:00Z";
        let an_id = "must be an id";
        Ok(AuditQuery {
            limit,
            before: read(
                "after",
                self.after,
                |text| text.parse().ok(),
                || "must be what page.next told".to_owned(),
            )?,
            from: read("from", self.from, instant, || an_instant.to_owned())?,
            until: read("until", self.until, instant, || an_instant.to_owned())?,
            principal: read("principal", self.principal, id, || an_id.to_owned())?,
            kind: read("kind", self.kind, AuditKind::find, || one_of(kinds()))?,
            object_type: read("objectType", self.object_type, AuditObject::find, || {
                one_of(objects())
            })?,
            object: read("object", self.object, id, || an_id.to_owned())?,
        })
    }
}

fn id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok()
}

fn one_of(texts: impl Iterator<Item = &'static str>) -> String {
    format!("must be one of {}", texts.collect::<Vec<_>>().join(", "))
}

/// The value of a parameter, if it was sent.
fn read<T>(
    name: &str,
    sent: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    message: impl Fn() -> String,
) -> Result<Option<T>, Problem> {
    let Some(text) = sent else {
        return Ok(None);
    };
    let place = Place::Parameter(name.to_owned());
    let value = parse(&text);
    let value = value.ok_or_else(|| Error::fault(place, FaultCode::InvalidValue, message()));
    Ok(Some(value?))
}
