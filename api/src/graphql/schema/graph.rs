//! The types and root fields for walks of the graph of references and links.

use std::collections::HashMap;

use async_graphql::dynamic::{Enum, EnumItem, Field, Object, TypeRef};

use super::{QueryField, Types, input, names::Claims, output};

/// The names of the types.
pub(super) const TYPES: &[&str] = &["RelatedGraph", "RelatedNode", "RelatedEdge", "EdgeKind"];

/// Adds the root fields.
pub(super) fn add_roots(
    mut query: Object,
    claims: &mut Claims,
    fields: &mut HashMap<String, QueryField>,
) -> Object {
    let graph = || TypeRef::named("RelatedGraph");
    let name = claims.claim("relatedRecords");
    let about =
        "The records around one record, and how they are connected; null when it is not there.";
    let field = output(&name, graph(), about)
        .argument(text("type", "The API name of its object type."))
        .argument(id("id", "Its id."))
        .argument(number(
            "depth",
            "How many steps to walk, 1 to 5; 1 when absent.",
        ))
        .argument(number(
            "limit",
            "How many records to answer at most, 1 to 1000; 100 when absent.",
        ));
    query = query.field(with_ways(field));
    fields.insert(name, QueryField::Related);
    let name = claims.claim("shortestPath");
    let about = "The shortest path between two records; null when one of them is not there, empty when no path is.";
    let field = output(&name, graph(), about)
        .argument(text(
            "fromType",
            "The API name of the type of the first record.",
        ))
        .argument(id("from", "The id of the first record."))
        .argument(text(
            "toType",
            "The API name of the type of the last record.",
        ))
        .argument(id("to", "The id of the last record."))
        .argument(number(
            "depth",
            "How many steps at most, 1 to 10; 6 when absent.",
        ));
    query = query.field(with_ways(field));
    fields.insert(name, QueryField::Path);
    query
}

fn with_ways(field: Field) -> Field {
    field.argument(input(
        "through",
        TypeRef::named_nn_list(TypeRef::STRING),
        "The ways to walk: relation types by name, references as \"order.customer\"; all when absent.",
    ))
}

fn text(name: &str, about: &str) -> async_graphql::dynamic::InputValue {
    input(name, TypeRef::named_nn(TypeRef::STRING), about)
}

fn id(name: &str, about: &str) -> async_graphql::dynamic::InputValue {
    input(name, TypeRef::named_nn(TypeRef::ID), about)
}

fn number(name: &str, about: &str) -> async_graphql::dynamic::InputValue {
    input(name, TypeRef::named(TypeRef::INT), about)
}

/// Adds the types.
pub(super) fn add_types(types: &mut Types<'_>) {
    types.add(graph());
    types.add(node());
    types.add(edge());
    types.add(
        Enum::new("EdgeKind")
            .description("What an edge is.")
            .item(EnumItem::new("REFERENCE").description("A reference field."))
            .item(EnumItem::new("LINK").description("A link of a relation type.")),
    );
}

fn text_type() -> TypeRef {
    TypeRef::named_nn(TypeRef::STRING)
}

fn id_type() -> TypeRef {
    TypeRef::named_nn(TypeRef::ID)
}

fn graph() -> Object {
    Object::new("RelatedGraph")
        .description("A piece of the graph of references and links.")
        .field(output(
            "nodes",
            TypeRef::named_nn_list_nn("RelatedNode"),
            "The records, near ones first.",
        ))
        .field(output(
            "edges",
            TypeRef::named_nn_list_nn("RelatedEdge"),
            "What connects them.",
        ))
        .field(output(
            "isComplete",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether nothing was left out for want of room.",
        ))
}

fn node() -> Object {
    Object::new("RelatedNode")
        .description("A record of the graph.")
        .field(output("id", id_type(), "The id."))
        .field(output(
            "type",
            text_type(),
            "The API name of its object type.",
        ))
        .field(output(
            "title",
            TypeRef::named(TypeRef::STRING),
            "What names it to people.",
        ))
        .field(output(
            "distance",
            TypeRef::named_nn(TypeRef::INT),
            "How many steps it is away from the first one.",
        ))
}

fn edge() -> Object {
    Object::new("RelatedEdge")
        .description("A reference or a link between two records of the graph.")
        .field(output(
            "from",
            id_type(),
            "The record that has the reference, or the source of the link.",
        ))
        .field(output("to", id_type(), "The record that it points at."))
        .field(output("kind", TypeRef::named_nn("EdgeKind"), "What it is."))
        .field(output(
            "name",
            text_type(),
            "\"order.customer\" for a reference, the relation type for a link.",
        ))
        .field(output("label", text_type(), "What people read."))
        .field(output(
            "link",
            TypeRef::named(TypeRef::ID),
            "The id of the link.",
        ))
}
