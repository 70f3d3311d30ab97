//! The paths that walk the graph of references and links: the same for records of every type.

use serde_json::json;
use utoipa::openapi::{
    Components, HttpMethod, Paths, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::{
    operations::{Identity, add, operation},
    parameters::{in_path, in_query},
    parts::{Names, answer, array_of, closed_object, id_schema, or_null, plain, schema_ref},
};

/// Adds the paths and the schemas of their answer.
pub(super) fn add_paths(paths: &mut Paths, components: &mut Components, names: &Names) {
    add_schemas(components, names);
    let graph = || schema_ref(&names.fixed("RelatedGraph"));
    let of = |id: &str, summary: &str| {
        let identity = Identity {
            tag: "graph",
            id: id.to_owned(),
            summary: summary.to_owned(),
        };
        operation(identity, &[400, 403, 404, 422])
            .parameter(in_path("objects", "The plural name of an object type."))
            .parameter(in_path("id", "The id of the record."))
    };
    let related = of("showRelated", "Who is connected to a record, and how")
        .parameter(number("depth", 5, 1, "How many steps to walk."))
        .parameter(number("limit", 1_000, 100, "How many records at most."))
        .parameter(through())
        .response(
            "200",
            answer("The records around it, near ones first.", graph()),
        );
    add(
        paths,
        "/v1/data/{objects}/{id}/related",
        HttpMethod::Get,
        related,
    );
    let to = in_query(
        "to",
        "The record at the end of the path.",
        plain(Type::String),
        Some(json!("organizations/01a20035-4d8d-7054-91b2-74bc0295d687")),
    );
    let path = of("showPath", "The shortest path between two records")
        .parameter(ParameterBuilder::from(to).required(utoipa::openapi::Required::True))
        .parameter(number("depth", 10, 6, "How many steps at most."))
        .parameter(through())
        .response(
            "200",
            answer(
                "The records on the path in order; none when there is no path.",
                graph(),
            ),
        );
    add(paths, "/v1/data/{objects}/{id}/path", HttpMethod::Get, path);
}

fn number(name: &str, most: u32, absent: u32, about: &str) -> Parameter {
    let schema = plain(Type::Integer)
        .minimum(Some(1_u32))
        .maximum(Some(most))
        .default(Some(json!(absent)));
    in_query(name, about, schema, None)
}

fn through() -> Parameter {
    ParameterBuilder::new()
        .name("through")
        .parameter_in(ParameterIn::Query)
        .required(utoipa::openapi::Required::False)
        .description(Some(
            "The ways to walk, separated by commas: relation types by name, references as \
             `order.customer`. All when absent.",
        ))
        .schema(Some(plain(Type::String)))
        .example(Some(json!("employment,order.customer")))
        .build()
}

fn add_schemas(components: &mut Components, names: &Names) {
    let text = |about: &str| plain(Type::String).description(Some(about));
    let node = closed_object()
        .description(Some("A record of the graph."))
        .property("id", id_schema())
        .property("type", text("The API name of its object type."))
        .property("title", or_null(text("What names it to people.").into()))
        .property(
            "distance",
            plain(Type::Integer).description(Some("How many steps it is away from the first one.")),
        )
        .required("id")
        .required("type")
        .required("title")
        .required("distance");
    let edge = closed_object()
        .description(Some("A reference or a link between two records."))
        .property("from", id_schema())
        .property("to", id_schema())
        .property(
            "kind",
            text("What it is.").enum_values(Some(["reference", "link"])),
        )
        .property(
            "name",
            text("`order.customer` for a reference, the relation type for a link."),
        )
        .property("label", text("What people read."))
        .property("link", or_null(id_schema()))
        .required("from")
        .required("to")
        .required("kind")
        .required("name")
        .required("label")
        .required("link");
    let graph = closed_object()
        .description(Some("A piece of the graph of references and links."))
        .property("nodes", array_of(schema_ref(&names.fixed("RelatedNode"))))
        .property("edges", array_of(schema_ref(&names.fixed("RelatedEdge"))))
        .property(
            "isComplete",
            plain(Type::Boolean)
                .description(Some("Whether nothing was left out for want of room.")),
        )
        .required("nodes")
        .required("edges")
        .required("isComplete");
    for (name, schema) in [
        ("RelatedNode", node),
        ("RelatedEdge", edge),
        ("RelatedGraph", graph),
    ] {
        components.schemas.insert(names.fixed(name), schema.into());
    }
}
