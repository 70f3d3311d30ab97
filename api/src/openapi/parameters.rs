//! The parameters that many operations share, each defined once.

use serde_json::{Value as Json, json};
use utoipa::openapi::{
    Components, Ref, RefOr, Required, Schema, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::objects::{day, validity_schema};
use super::parts::{count_schema, json_content, limit_schema, limit_schema_of, plain};

/// The names of the parameters of every list, its filter aside.
pub(super) const LIST_PARAMETERS: [&str; 7] = [
    "Sort", "Fields", "Limit", "After", "Before", "Count", "AsOf",
];

/// A reference to a shared parameter.
pub(super) fn parameter_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{name}"))
}

/// Adds the shared parameters.
pub(super) fn add(components: &mut Components) {
    let rows = [
        ("Id", in_path("id", "The id of the record.")),
        ("LinkId", in_path("linkId", "The id of the link.")),
        (
            "IfMatch",
            in_header(
                "If-Match",
                "The `ETag` of the version that the caller has seen; any other version is refused with 412.",
            ),
        ),
        (
            "IfSchemaVersion",
            parameter(
                "If-Schema-Version",
                ParameterIn::Header,
                "The schema version that you know; any other is refused with 409.",
            )
            .schema(Some(plain(Type::Integer)))
            .build(),
        ),
        (
            "IfNoneMatch",
            in_header("If-None-Match", "The `ETag` that the caller has."),
        ),
    ];
    for (name, parameter) in rows.into_iter().chain(list_parameters()) {
        components
            .parameters
            .insert(name.to_owned(), parameter.into());
    }
}

const HOW_MANY: &str = "How many records at most.";

/// The size of a page where the rules allow so many records and no more.
pub(super) fn limit_of(most: u32) -> Parameter {
    in_query("limit", HOW_MANY, limit_schema_of(most), None)
}

/// The parameters of [`LIST_PARAMETERS`], and that of collections whose links hold for a period.
fn list_parameters() -> [(&'static str, Parameter); 8] {
    let text = || plain(Type::String);
    [
        (
            "Sort",
            in_query(
                "sort",
                "Sort keys, `-` for descending; paths may go through references. The id breaks ties.",
                text(),
                Some(json!("-createdAt")),
            ),
        ),
        (
            "Fields",
            in_query(
                "fields",
                "What to answer, as names and dotted paths through references and collections; `*` \
                 stands for all own fields.",
                text(),
                Some(json!("id,createdAt")),
            ),
        ),
        ("Limit", in_query("limit", HOW_MANY, limit_schema(), None)),
        (
            "After",
            in_query("after", "Continue after this cursor.", text(), None),
        ),
        (
            "Before",
            in_query("before", "Continue before this cursor.", text(), None),
        ),
        (
            "Count",
            in_query(
                "count",
                "Whether to count the matching records.",
                count_schema(),
                None,
            ),
        ),
        (
            "AsOf",
            in_query(
                "asOf",
                "The day on which links that hold for a period must hold, in all of the answer; today unless told.",
                day(),
                None,
            ),
        ),
        (
            "Validity",
            in_query(
                "validity",
                "Which links of this collection, by the period for which they hold.",
                validity_schema(),
                None,
            ),
        ),
    ]
}

/// The filter of a list, as JSON.
pub(super) fn filter_parameter(filter: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name("filter")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "A filter as JSON. The short form `name[eq]=x` may stand beside it, with a dotted path \
             through references: `organization.country[in]=NL,BE`.",
        ))
        .content("application/json", json_content(filter, None))
        .build()
}

/// A parameter in the path.
pub(super) fn in_path(name: &str, description: &str) -> Parameter {
    parameter(name, ParameterIn::Path, description)
        .required(Required::True)
        .schema(Some(plain(Type::String)))
        .build()
}

/// A parameter in the query string.
pub(super) fn in_query(
    name: &str,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Option<Json>,
) -> Parameter {
    parameter(name, ParameterIn::Query, description)
        .schema(Some(schema))
        .example(example)
        .build()
}

/// A header field that is an entity tag.
pub(super) fn in_header(name: &str, description: &str) -> Parameter {
    parameter(name, ParameterIn::Header, description)
        .schema(Some(plain(Type::String)))
        .example(Some(json!("\"3\"")))
        .build()
}

fn parameter(name: &str, place: ParameterIn, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
}
