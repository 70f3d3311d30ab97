//! Reads of the schema under `/v1/meta`: what the caller may see of types, fields and relations. Each
//! answer carries an `ETag` that stands for schema version, surface and languages.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schema::{Error, FaultCode, Languages, Place, SchemaView, access::Caller};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{answer, language::languages};
use crate::{
    caller::Authenticated,
    diagram::{self, Format},
    extract::{Path, Query},
    openapi::{SchemaFor, body_schema},
    problem::Problem,
    state::AppState,
};

type Answer = Result<Response, Problem>;

/// No parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Whose fields to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldParameters {
    object: Option<String>,
    relation: Option<String>,
}

/// Which body the schema is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemaParameters {
    #[serde(default, rename = "for")]
    of: SchemaFor,
}

/// What to draw, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiagramParameters {
    format: Option<Format>,
    around: Option<String>,
    depth: Option<u8>,
}

/// `GET /v1/meta/objects`
pub(crate) async fn list_object_types(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .all(|view| Ok(view.objects()))
}

/// `GET /v1/meta/objects/{name}`
pub(crate) async fn show_object_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .one(|view| view.object(&name))
}

/// `GET /v1/meta/fields`
pub(crate) async fn list_fields(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(of): Query<FieldParameters>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .all(|view| view.fields(of.object.as_deref(), of.relation.as_deref()))
}

/// `GET /v1/meta/relations`
pub(crate) async fn list_relation_types(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .all(|view| Ok(view.relations()))
}

/// `GET /v1/meta/relations/{name}`
pub(crate) async fn show_relation_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .one(|view| view.relation(&name))
}

/// `GET /v1/meta/field-types`
pub(crate) async fn list_field_types(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> Answer {
    Reader::new(&state, &caller, &headers)
        .await?
        .all(|_| Ok(state.engine.describe_field_types()))
}

/// `GET /v1/meta/objects/{name}/schema`
pub(crate) async fn show_json_schema(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(SchemaParameters { of }): Query<SchemaParameters>,
    headers: HeaderMap,
) -> Answer {
    let reader = Reader::new(&state, &caller, &headers).await?;
    let schema = body_schema(&reader.view, &name, of)?;
    let mut response = reader.one(|_| Ok(schema))?;
    if response.status() == StatusCode::OK {
        set(
            &mut response,
            header::CONTENT_TYPE,
            "application/schema+json",
        );
    }
    Ok(response)
}

/// `GET /v1/meta/diagram`
pub(crate) async fn show_diagram(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(of): Query<DiagramParameters>,
    headers: HeaderMap,
) -> Answer {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    let format = of.format.unwrap_or_else(|| Format::accepted(accepted));
    let depth = of.depth.unwrap_or(1);
    if depth > diagram::DEEPEST {
        let message = format!("must be a whole number from 0 to {}", diagram::DEEPEST);
        let place = Place::Parameter("depth".to_owned());
        return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
    }
    let reader = Reader::new(&state, &caller, &headers).await?;
    let around = of.around.as_deref();
    let around = around.map(|name| reader.view.find_object(name));
    let around = around.transpose()?.map(|seen| seen.object.name.to_string());
    Ok(reader.text(format.media_type(), |view| {
        let around = around.as_deref().map(|around| (around, depth));
        diagram::draw(view, format, around)
    }))
}

/// One read of the schema.
struct Reader<'r> {
    view: SchemaView,
    headers: &'r HeaderMap,
}

impl<'r> Reader<'r> {
    async fn new(
        state: &AppState,
        caller: &Caller,
        headers: &'r HeaderMap,
    ) -> Result<Self, Problem> {
        let languages = languages(headers);
        let view = state.engine.schema_view_with_indexes(caller, languages);
        Ok(Self {
            view: view.await?,
            headers,
        })
    }

    fn one<T: Serialize>(self, of: impl FnOnce(&SchemaView) -> schema::Result<T>) -> Answer {
        let described = of(&self.view)?;
        Ok(self.text("application/json", |_| json!(described).to_string()))
    }

    fn all<T: Serialize>(self, of: impl FnOnce(&SchemaView) -> schema::Result<Vec<T>>) -> Answer {
        self.one(|view| Ok(json!({"data": of(view)?})))
    }

    /// The text, unless the caller has it already.
    fn text(self, media_type: &str, of: impl FnOnce(&SchemaView) -> String) -> Response {
        let form = media_type.split(['/', ';']).nth(1).unwrap_or_default();
        let tag = format!("\"{}-{form}\"", self.view.tag());
        let mut response = if self.knows(&tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = answer::json(StatusCode::OK, of(&self.view));
            set(&mut response, header::CONTENT_TYPE, media_type);
            response
        };
        set(&mut response, header::ETAG, &tag);
        set(&mut response, header::CACHE_CONTROL, "private, no-cache");
        set(
            &mut response,
            header::VARY,
            "Authorization, Accept, Accept-Language",
        );
        response
    }

    fn knows(&self, tag: &str) -> bool {
        let known = self.headers.get_all(header::IF_NONE_MATCH).iter();
        known
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(|known| known.trim().trim_start_matches("W/"))
            .any(|known| known == tag || known == "*")
    }
}

fn set(response: &mut Response, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The description of an object type after a change of it, in its plain texts.
pub(super) fn plain_view(state: &AppState, caller: &Caller) -> SchemaView {
    state.engine.schema_view(caller, Languages::default())
}
