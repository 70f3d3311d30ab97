//! The paths that do not depend on object types, and who sees them.

mod shapes;
mod statuses;
mod table;

use schema::{
    access::{Permission, Surface},
    identity::{AuditKind, AuditObject},
};
use serde_json::json;
use utoipa::openapi::{
    Components, HttpMethod, ObjectBuilder, OneOf, Paths, Ref, RefOr, Required, Response, Schema,
    Tag, Type,
    path::{OperationBuilder, Parameter},
    schema::SchemaType,
};

use super::{
    Reader, objects,
    operations::{Identity, add as add_operation, operation, public_operation, with_location},
    parameters::{in_path, in_query, parameter_ref},
    parts::{Names, answer, array_of, body, json_content, plain, schema_ref, with_problem},
};

/// One operation.
struct Fixed {
    method: Method,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    /// The name of the body's shape, and an example.
    body: Option<(&'static str, &'static str)>,
    reply: Reply,
}

#[derive(Clone, Copy)]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What is answered, by the name of its shape.
#[derive(Clone, Copy)]
enum Reply {
    /// Some object.
    Object,
    /// 200 and one thing.
    One(&'static str),
    /// 200 and one of two things.
    Either([&'static str; 2]),
    /// 201 and the new thing, with its address.
    New(&'static str),
    /// 202 and what will be done, with its address. The body may be left out.
    Accepted(&'static str),
    /// 200 and all things.
    All(&'static str),
    /// 200 and a page of things.
    Page(&'static str),
    /// 200 and one thing, as it is or was at a version.
    At(&'static str),
    /// 200 and what there is of a record.
    Shares(&'static str),
    /// 200 and a page of the audit log.
    Audit(&'static str),
    /// 200 and a page of the log of changesets.
    Log(&'static str),
    /// A change of the schema: 200 and the thing; of a dry run the report.
    Change(&'static str),
    /// A change of the schema: 201 and the new thing; of a dry run 200 and the report.
    NewChange(&'static str),
    /// A change of the schema: 204; of a dry run 200 and the report.
    Hidden,
    /// 204.
    Nothing,
    /// 202 and nothing more: it will be done, and whether is not told.
    Taken,
    /// 200 and the fields of all types, or of one.
    Fields(&'static str),
    /// 200 and the rates, all of them or some.
    Rates(&'static str),
    /// 200 and a JSON Schema.
    Schema,
    /// 200 and a diagram.
    Diagram,
}

/// The tags of the fixed paths.
pub(super) fn tags() -> Vec<Tag> {
    let rows = [
        ("service", "Whether the server lives, and this document."),
        ("auth", "Signing in and out."),
        (
            "schema",
            "Object types, fields and relation types, and changes of them.",
        ),
        ("access", "Users, roles, rules, partners and API keys."),
        ("graph", "Who is connected to a record, and how."),
        (
            "graphql",
            "The same data, in the shape that a query asks for.",
        ),
    ];
    rows.map(|(name, description)| {
        let mut tag = Tag::new(name);
        tag.description = Some(description.to_owned());
        tag
    })
    .into()
}

/// The names of the schemas that belong to no object type.
pub(super) fn schema_names() -> impl Iterator<Item = &'static str> {
    let all = [
        shapes::SIGN_IN,
        shapes::SIGNED_IN,
        shapes::PEOPLE,
        shapes::SCHEMA,
        shapes::CURRENCIES,
        shapes::SHARES,
        shapes::HOLDERS,
        shapes::ACCESS,
    ];
    let shapes = all.into_iter().flatten().map(|shape| shape.name);
    shapes.chain([
        "Problem",
        "Fault",
        "Page",
        "Select",
        "MemberItems",
        "MemberSet",
    ])
}

/// Adds the fixed paths that this caller may use.
pub(super) fn add(
    paths: &mut Paths,
    components: &mut Components,
    names: &Names,
    (surface, reader): (&Surface, Reader),
) {
    let mut add_all = |shapes: &[shapes::Shape], rows: &[Fixed], public: bool| {
        for shape in shapes {
            let name = names.fixed(shape.name);
            components
                .schemas
                .insert(name, shapes::schema(names, shape));
        }
        for row in rows {
            let operation = row.operation(names, public);
            add_operation(paths, row.path, row.method.into(), operation);
        }
    };
    add_all(&[], table::SERVICE, true);
    // A key is there already: it has nothing to sign in with.
    if reader != Reader::Key {
        add_all(shapes::SIGN_IN, table::SIGN_IN, true);
    }
    if reader == Reader::Nobody {
        return;
    }
    add_all(shapes::SIGNED_IN, table::SIGNED_IN, false);
    if reader == Reader::Person {
        add_all(shapes::PEOPLE, table::PEOPLE, false);
    }
    let holds = |permission| surface.permissions.contains(&permission);
    if holds(Permission::ManageSchema) {
        add_all(shapes::SCHEMA, table::SCHEMA, false);
    }
    if holds(Permission::ManageSchema) || holds(Permission::ManageCurrencies) {
        add_all(shapes::CURRENCIES, table::CURRENCIES, false);
    }
    if surface.objects.iter().any(|object| object.sharable) {
        add_all(shapes::SHARES, table::SHARES, false);
    }
    if holds(Permission::ManageAccess) || holds(Permission::ManagePartnerAccess) {
        add_all(shapes::HOLDERS, table::HOLDERS, false);
    }
    if holds(Permission::ManageAccess) {
        add_all(shapes::ACCESS, table::ACCESS, false);
    }
    if !surface.objects.is_empty() {
        let name = names.fixed("Select");
        components.schemas.insert(name, objects::select(names));
    }
    add_graphql(paths, names);
}

impl From<Method> for HttpMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
        }
    }
}

impl Fixed {
    fn operation(&self, names: &Names, public: bool) -> OperationBuilder {
        let identity = Identity {
            tag: self.tag,
            id: self.id.to_owned(),
            summary: self.summary.to_owned(),
        };
        let mut builder = if public {
            public_operation(identity, &self.problems())
        } else {
            operation(identity, &self.problems())
        };
        let judges = self.tag == "auth" && self.body.is_some();
        if judges || self.path == "/openapi.json" {
            builder = builder.response("401", super::parts::problem_ref(401));
        }
        for parameter in path_parameters(self.path) {
            builder = builder.parameter(parameter);
        }
        if let Some((shape, example)) = self.body {
            let example = serde_json::from_str(example).ok();
            let shape = schema_ref(&names.fixed(shape));
            let mut sent = body(shape, example);
            sent.required = Some(if self.needs_body() {
                Required::True
            } else {
                Required::False
            });
            builder = builder.request_body(Some(sent));
        }
        self.with_conditions(self.reply.add(builder, names))
    }
}

impl Reply {
    fn add(self, builder: OperationBuilder, names: &Names) -> OperationBuilder {
        let one = |shape: &str| answer("It.", schema_ref(&names.fixed(shape)));
        let report = || {
            answer(
                "The report of the change.",
                schema_ref(&names.fixed("ChangeReport")),
            )
        };
        let either = |about: &str, shapes: &[&str]| answer(about, one_of(names, shapes));
        // Who may change the schema need not see what it changes.
        let seen = "It; where you don't see it, the report of the change.";
        let done = || Response::new("Done.");
        match self {
            Self::Object => builder.response("200", answer("It.", plain(Type::Object).into())),
            Self::One(shape) => builder.response("200", one(shape)),
            Self::Either(shapes) => builder.response("200", either("One of these.", &shapes)),
            Self::New(shape) => builder.response("201", with_location(one(shape))),
            Self::Accepted(shape) => builder.response("202", with_location(one(shape))),
            Self::At(shape) => builder.response("200", one(shape)).parameter(in_query(
                "version",
                "As it was at this version; as it is when absent.",
                plain(Type::Integer),
                None,
            )),
            Self::All(shape) => builder.response("200", list(names, shape)),
            Self::Page(shape) => builder
                .response("200", list(names, shape))
                .parameter_ref(parameter_ref("Limit"))
                .parameter_ref(parameter_ref("After")),
            Self::Log(shape) => builder
                .response("200", list(names, shape))
                .parameter_ref(parameter_ref("Limit"))
                .parameter(in_query(
                    "before",
                    "Only changesets older than this schema version.",
                    plain(Type::Integer),
                    None,
                )),
            Self::Change("ChangeReport") => with_how(builder).response("200", report()),
            Self::Change(shape) => {
                let about =
                    "It; of a dry run, and where you don't see it, the report of the change.";
                with_how(builder).response("200", either(about, &[shape, "ChangeReport"]))
            }
            Self::NewChange(shape) => with_how(builder)
                .response("201", either(seen, &[shape, "ChangeReport"]))
                .response("200", report()),
            Self::Hidden => with_how(builder)
                .response("204", done())
                .response("200", report()),
            Self::Nothing => builder.response("204", done()),
            Self::Taken => builder.response("202", Response::new("Taken on.")),
            Self::Audit(_)
            | Self::Shares(_)
            | Self::Fields(_)
            | Self::Rates(_)
            | Self::Schema
            | Self::Diagram => self.add_described(builder, names),
        }
    }
}

/// One of several shapes.
fn one_of(names: &Names, shapes: &[&str]) -> RefOr<Schema> {
    let mut either = OneOf::new();
    let shapes = shapes.iter();
    either.items = shapes
        .map(|shape| schema_ref(&names.fixed(shape)))
        .collect();
    RefOr::T(Schema::OneOf(either))
}

impl Reply {
    /// The parameters and answers of descriptions.
    fn add_described(self, builder: OperationBuilder, names: &Names) -> OperationBuilder {
        let text = || plain(Type::String);
        let wanted = |name, about| in_query(name, about, text(), None);
        let needed = |name, about| {
            let mut parameter = wanted(name, about);
            parameter.required = Required::True;
            parameter
        };
        match self {
            Self::Shares(shape) => builder
                .parameter(needed("object", "The object type of the record."))
                .parameter(needed("record", "The id of the record."))
                .response("200", list(names, shape)),
            Self::Fields(shape) => builder
                .parameter(wanted("object", "Only the fields of this object type."))
                .parameter(wanted("relation", "Only the fields of this relation type."))
                .response("200", list(names, shape)),
            Self::Rates(shape) => builder
                .parameter(wanted("currency", "Only the rates of this currency."))
                .parameter(wanted("on", "Only the rates in force on this day."))
                .response("200", answer("It.", schema_ref(&names.fixed(shape)))),
            Self::Schema => {
                let of = text().enum_values(Some(["create", "update"]));
                let mut response = Response::new("A JSON Schema (2020-12).");
                let content = json_content(plain(Type::Object).into(), None);
                let media_type = "application/schema+json".to_owned();
                response.content.insert(media_type, content.into());
                builder
                    .parameter(in_query("for", "What the body is for.", of, None))
                    .response("200", response)
            }
            Self::Diagram => with_diagram(builder),
            Self::Audit(shape) => with_audit(builder).response("200", list(names, shape)),
            Self::Object
            | Self::One(_)
            | Self::Either(_)
            | Self::New(_)
            | Self::Accepted(_)
            | Self::All(_)
            | Self::Page(_)
            | Self::At(_)
            | Self::Log(_)
            | Self::Change(_)
            | Self::NewChange(_)
            | Self::Hidden
            | Self::Nothing
            | Self::Taken => builder,
        }
    }
}

/// The parameters and the answer of a diagram.
fn with_diagram(builder: OperationBuilder) -> OperationBuilder {
    let text = || plain(Type::String);
    let wanted = |name, about| in_query(name, about, text(), None);
    let format = text().enum_values(Some(["mermaid", "svg"]));
    let depth = plain(Type::Integer)
        .minimum(Some(0_i32))
        .maximum(Some(5_i32));
    let mut response = Response::new("A diagram.");
    for media_type in ["text/vnd.mermaid", "image/svg+xml"] {
        let content = json_content(text().into(), None);
        response
            .content
            .insert(media_type.to_owned(), content.into());
    }
    builder
        .parameter(in_query(
            "format",
            "What it is written in; without it `Accept` decides.",
            format,
            None,
        ))
        .parameter(wanted(
            "around",
            "The object type to draw with what is near.",
        ))
        .parameter(in_query(
            "depth",
            "How many steps around it, 1 unless told.",
            depth,
            None,
        ))
        .response("200", response)
}

/// The parameters of the audit log.
fn with_audit(builder: OperationBuilder) -> OperationBuilder {
    let text = || plain(Type::String);
    let kinds = AuditKind::ALL.iter().map(|kind| kind.text());
    let objects = AuditObject::ALL.iter().map(|object| object.text());
    let rows = [
        ("after", "`page.next` of the page before.", text()),
        ("from", "Only entries from this instant on.", text()),
        ("until", "Only entries before this instant.", text()),
        ("principal", "Only what this user or key did.", text()),
        (
            "kind",
            "Only entries of this kind.",
            text().enum_values(Some(kinds)),
        ),
        (
            "objectType",
            "Only what was done to things of this sort.",
            text().enum_values(Some(objects)),
        ),
        ("object", "Only what was done to this thing.", text()),
    ];
    let builder = builder.parameter_ref(parameter_ref("Limit"));
    rows.into_iter()
        .fold(builder, |builder, (name, about, schema)| {
            builder.parameter(in_query(name, about, schema, None))
        })
}

/// How a change of the schema is made.
fn with_how(builder: OperationBuilder) -> OperationBuilder {
    builder
        .parameter(in_query(
            "dryRun",
            "Report only, and change nothing.",
            plain(Type::Boolean),
            None,
        ))
        .parameter_ref(Ref::new("#/components/parameters/IfSchemaVersion"))
}

fn list(names: &Names, shape: &str) -> Response {
    let list: RefOr<Schema> = plain(Type::Object)
        .property("data", array_of(schema_ref(&names.fixed(shape))))
        .property("page", plain(Type::Object))
        .required("data")
        .into();
    answer("A list.", list)
}

/// The parameters that stand in a path in braces.
fn path_parameters(path: &str) -> impl Iterator<Item = Parameter> {
    let names = path.split('/').filter_map(|segment| {
        segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
    });
    names.map(|name| {
        let description = match name {
            "id" => "The id.",
            "role" => "The id or the name of the role.",
            "rule" => "The id of the rule.",
            "session" => "The id of the session.",
            "identity" => "The id of the identity.",
            "provider" => "The name of the provider.",
            "field" => "The API name of the field.",
            "currency" => "A code of ISO 4217.",
            "validFrom" => "The first day of the rate.",
            _ => "The API name.",
        };
        in_path(name, description)
    })
}

fn add_graphql(paths: &mut Paths, names: &Names) {
    let request = plain(Type::Object)
        .property("query", plain(Type::String))
        .property("operationName", plain(Type::String))
        .property("variables", plain(Type::Object))
        .required("query");
    let example = json!({"query": "{ __typename }"});
    let identity = Identity {
        tag: "graphql",
        id: "runGraphql".to_owned(),
        summary: "Run a GraphQL operation".to_owned(),
    };
    let mut running = operation(identity, &[])
        .request_body(Some(body(request.into(), Some(example))))
        .response("200", graphql_answer("Data, errors, or both."));
    // Before the request is read an answer is a problem, from then on one of GraphQL.
    for status in [400, 413, 415, 429, 500, 503, 504] {
        let refused = graphql_answer("The request is refused; `errors` says why.");
        let status = http::StatusCode::from_u16(status).unwrap_or_default();
        let refused = with_problem(refused, names, status);
        running = running.response(status.as_str(), refused);
    }
    add_operation(paths, "/graphql", HttpMethod::Post, running);
}

/// An answer of GraphQL, in both of its media types.
fn graphql_answer(about: &str) -> Response {
    let data = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "Null when an error left nothing of it; absent when nothing was run.",
        ));
    let result: RefOr<Schema> = plain(Type::Object)
        .property("data", data)
        .property("errors", array_of(plain(Type::Object).into()))
        .into();
    let mut response = answer(about, result.clone());
    let content = json_content(result, None);
    let media_type = "application/graphql-response+json".to_owned();
    response.content.insert(media_type, content.into());
    response
}
