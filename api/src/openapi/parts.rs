//! What all operations share: names of schemas, problem answers, parameters, small schemas.

use std::collections::BTreeSet;

use http::StatusCode;
use schema::{
    access::{Surface, SurfaceCollection, SurfaceObject},
    request::LIMITS,
};
use serde_json::{Value as Json, json};
use utoipa::openapi::{
    Array, Components, Content, Object, ObjectBuilder, OneOf, Ref, RefOr, Response, Schema, Type,
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{AdditionalProperties, KnownFormat, SchemaFormat, SchemaType},
};

use crate::{code::Code, problem};

/// Names of schemas. Object types are called as they are; whatever else would take the name of an object
/// type, of a part of another one or of a schema of no type gets a dot, which no object type has.
pub(super) struct Names {
    objects: BTreeSet<String>,
    fixed: BTreeSet<&'static str>,
}

impl Names {
    pub(super) fn new(surface: &Surface) -> Self {
        let objects = surface.objects.iter();
        Self {
            objects: objects.map(record_name).collect(),
            fixed: super::fixed::schema_names().collect(),
        }
    }

    /// A schema that belongs to an object type, such as its list.
    pub(super) fn part(&self, object: &SurfaceObject, part: &str) -> String {
        self.free(&record_name(object), part)
    }

    /// A list of the members of a collection.
    pub(super) fn members(&self, object: &SurfaceObject, of: &SurfaceCollection) -> String {
        self.link(object, of, "List")
    }

    /// A link of a relation type.
    pub(super) fn link(
        &self,
        object: &SurfaceObject,
        of: &SurfaceCollection,
        part: &str,
    ) -> String {
        let collection = of.collection.name.pascal_case();
        let owner = record_name(object);
        // A type of this name has parts of these names.
        if self.objects.contains(&format!("{owner}{collection}")) {
            return format!("{owner}.{collection}{part}");
        }
        self.part(object, &format!("{collection}{part}"))
    }

    /// A schema of no object type.
    pub(super) fn fixed(&self, name: &str) -> String {
        self.free("", name)
    }

    fn free(&self, owner: &str, part: &str) -> String {
        let name = format!("{owner}{part}");
        let is_fixed = !owner.is_empty() && self.fixed.contains(name.as_str());
        if !self.objects.contains(&name) && !is_fixed {
            return name;
        }
        let owner = if owner.is_empty() { "Relata" } else { owner };
        format!("{owner}.{part}")
    }
}

/// The schema of a record.
pub(super) fn record_name(object: &SurfaceObject) -> String {
    object.object.name.pascal_case()
}

/// A reference to a schema.
pub(super) fn schema_ref(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

/// A schema or null.
pub(super) fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    let null = Object::with_type(Type::Null);
    let mut either = OneOf::new();
    either.items = vec![schema, RefOr::T(Schema::Object(null))];
    RefOr::T(Schema::OneOf(either))
}

/// An array of this.
pub(super) fn array_of(items: RefOr<Schema>) -> RefOr<Schema> {
    RefOr::T(Schema::Array(Array::new(items)))
}

/// An object with no members but those named.
pub(super) fn closed_object() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

/// A plain schema of one type.
pub(super) fn plain(of: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(of)
}

/// The id of a record.
pub(super) fn id_schema() -> RefOr<Schema> {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    plain(Type::String).format(Some(format)).into()
}

/// A label and what it is for, as one text.
pub(super) fn sentence(label: &str, text: &str) -> String {
    if text.is_empty() {
        label.to_owned()
    } else {
        format!("{label}: {text}")
    }
}

/// JSON content.
pub(super) fn json_content(schema: RefOr<Schema>, example: Option<Json>) -> Content {
    let mut content = Content::new(Some(schema));
    content.example = example;
    content
}

/// A JSON body that must be sent.
pub(super) fn body(schema: RefOr<Schema>, example: Option<Json>) -> RequestBody {
    RequestBodyBuilder::new()
        .content("application/json", json_content(schema, example))
        .required(Some(utoipa::openapi::Required::True))
        .build()
}

/// An answer with a JSON body.
pub(super) fn answer(description: &str, schema: RefOr<Schema>) -> Response {
    let mut response = Response::new(description);
    let content = json_content(schema, None);
    response
        .content
        .insert("application/json".to_owned(), content.into());
    response
}

/// The schemas and answers that every document has.
pub(super) fn components(names: &Names) -> Components {
    let mut components = Components::new();
    let mut add = |name: &str, schema: RefOr<Schema>| {
        components.schemas.insert(names.fixed(name), schema);
    };
    add("Problem", problem_schema(names));
    add("Fault", fault_schema());
    add("Page", page_schema());
    let mut statuses: Vec<_> = Code::ALL.iter().map(|code| code.status()).collect();
    statuses.dedup();
    // No operation answers 405: it is the answer where there is none.
    statuses.retain(|status| *status != StatusCode::METHOD_NOT_ALLOWED);
    for status in statuses {
        let codes = Code::ALL.iter().filter(|code| code.status() == status);
        let codes: Vec<String> = codes
            .map(|code| {
                format!(
                    "- `{}`: {}",
                    code.text(),
                    code.description().replace('\n', " ")
                )
            })
            .collect();
        let response = with_problem(Response::new(codes.join("\n")), names, status);
        let name = format!("Problem{}", status.as_u16());
        components.responses.insert(name, RefOr::T(response));
    }
    super::parameters::add(&mut components);
    super::limits::add(&mut components);
    components
}

/// An answer that may be a problem of this status.
pub(super) fn with_problem(mut response: Response, names: &Names, status: StatusCode) -> Response {
    let content = Content::new(Some(schema_ref(&names.fixed("Problem"))));
    let media_type = problem::MEDIA_TYPE.to_owned();
    response.content.insert(media_type, content.into());
    super::limits::add_problem_headers(&mut response, status);
    response
}

/// The answer with this status, which is a problem.
pub(super) fn problem_ref(status: u16) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(format!("Problem{status}")))
}

fn problem_schema(names: &Names) -> RefOr<Schema> {
    let text = |description: &str| plain(Type::String).description(Some(description));
    let codes = Code::ALL.iter().map(|code| code.text());
    let mut builder = plain(Type::Object)
        .description(Some("Why a request was refused (RFC 9457)."))
        .property("type", text("A stable address of the kind of problem."))
        .property("title", text("The kind of problem, for people."))
        .property("status", plain(Type::Integer).description(Some("The HTTP status.")))
        .property("code", text("The stable code of the problem.").enum_values(Some(codes)))
        .property("detail", text("What went wrong in this case."))
        .property("requestId", text("The id of the request, as in `X-Request-Id`."))
        .property("violatedPolicies", array_of(text("The rate limit policy that refused the request.").into()))
        .property("errors", array_of(schema_ref(&names.fixed("Fault"))))
        .examples([json!({
            "type": "/problems/unknown_field", "title": "Unknown field", "status": 400,
            "code": "unknown_field", "detail": "fields: there is no field \"colour\"",
            "requestId": "01a2001d-65a2-743e-844c-b8044acbd7cb",
            "errors": [{"parameter": "fields", "code": "unknown_field", "message": "there is no field \"colour\""}]
        })]);
    for required in ["type", "title", "status", "code", "detail"] {
        builder = builder.required(required);
    }
    builder.into()
}

fn fault_schema() -> RefOr<Schema> {
    let text = |description: &str| plain(Type::String).description(Some(description));
    plain(Type::Object)
        .description(Some("One fault at one place of the request."))
        .property("pointer", text("A JSON Pointer (RFC 6901) into the body."))
        .property("parameter", text("The name of a query parameter."))
        .property("code", text("The stable code of the fault."))
        .property("message", text("What is wrong and what to do."))
        .required("code")
        .required("message")
        .into()
}

fn page_schema() -> RefOr<Schema> {
    let cursor = |description: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(description))
    };
    let flag = |description: &str| plain(Type::Boolean).description(Some(description));
    let mut builder = plain(Type::Object)
        .description(Some("Where a page stands in its list."))
        .property(
            "next",
            cursor("Pass it as `after` for the next page; null when there is none."),
        )
        .property(
            "previous",
            cursor("Pass it as `before` for the previous page; null when there is none."),
        )
        .property(
            "hasNext",
            flag("Whether there are records after this page."),
        )
        .property(
            "hasPrevious",
            flag("Whether there are records before this page."),
        );
    for required in ["next", "previous", "hasNext", "hasPrevious"] {
        builder = builder.required(required);
    }
    builder.into()
}

/// The size of a page.
pub(super) fn limit_schema() -> ObjectBuilder {
    plain(Type::Integer)
        .minimum(Some(1_i32))
        .maximum(Some(LIMITS.page))
        .default(Some(json!(LIMITS.default_page)))
}

/// The size of a page of which the rules allow so many records.
pub(super) fn limit_schema_of(most: u32) -> ObjectBuilder {
    limit_schema()
        .maximum(Some(most))
        .default(Some(json!(LIMITS.default_page.min(most))))
}

/// The size of a page in a body. It has no `default`, for which generators would make it required.
pub(super) fn body_limit_schema((absent, most): (u32, u32)) -> ObjectBuilder {
    let absent = absent.min(most);
    let described = format!("The size of the page; {absent} when absent.");
    plain(Type::Integer)
        .minimum(Some(1_i32))
        .maximum(Some(most))
        .description(Some(described))
}

/// How the matching records are counted.
pub(super) fn count_schema() -> ObjectBuilder {
    plain(Type::String).enum_values(Some(["none", "exact", "bounded"]))
}
