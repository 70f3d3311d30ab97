//! Output types: records, links, composite values, connections, payloads.

use std::collections::HashMap;

use async_graphql::dynamic::{Field as OutputField, InputValue, Object, TypeRef};
use schema::{
    ObjectTypeId,
    access::{SurfaceCollection, SurfaceObject, SurfaceRelation},
    catalog::{CollectionKind, Field},
};

use super::{
    ObjectDraft, Types, about,
    aliases::named,
    input,
    names::{SideNames, is_composite, scalar_name},
    output, pointers,
};
use schema::field_type::Presence;

/// Adds all output types but the roots.
pub(super) fn add(types: &mut Types<'_>) {
    let mut objects = Vec::new();
    for (object, names) in types.readable() {
        objects.push(record(types, object, &names.record));
        objects.push(connection(&names.connection, &names.edge, &names.record));
        objects.push(edge(&names.edge, &names.record, None));
        for collection in &object.collections {
            objects.extend(side(types, object.object.id, collection));
        }
    }
    objects.extend(links(types));
    objects.extend(pointers::outputs(types));
    objects.extend(composites(types));
    for object in objects {
        types.add(object);
    }
}

fn record(types: &Types<'_>, object: &SurfaceObject, name: &str) -> Object {
    let description = if object.object.description.is_empty() {
        &object.object.label
    } else {
        &object.object.description
    };
    let draft = with_fields(
        types,
        ObjectDraft::new(name, description),
        object.readable.iter().flatten(),
    );
    let draft = object.collections.iter().fold(draft, |draft, collection| {
        let one = &collection.collection;
        named(&one.name, &one.aliases).fold(draft, |draft, name| {
            match collection_field(types, object.object.id, (collection, name.text())) {
                Some(field) => draft.field(name.text(), || name.mark(field)),
                None => draft,
            }
        })
    });
    let about = "What people read of the record, made of what you may read of it.";
    draft
        .field("displayName", || {
            output("displayName", TypeRef::named(TypeRef::STRING), about)
        })
        .object
}

fn with_fields<'a>(
    types: &Types<'_>,
    draft: ObjectDraft,
    fields: impl Iterator<Item = &'a std::sync::Arc<Field>>,
) -> ObjectDraft {
    fields.fold(draft, |draft, field| {
        named(&field.name, &field.aliases).fold(draft, |draft, name| {
            match field_type(types, field) {
                Some(of) => draft.field(name.text(), || {
                    name.mark(output(name.text(), of, &about(field)))
                }),
                None => draft,
            }
        })
    })
}

/// The type of a field; `None` for a reference whose target can't be read. Only the id is never null:
/// a rule may show a field on some records and hide it on others.
fn field_type(types: &Types<'_>, field: &Field) -> Option<TypeRef> {
    if let Some(target) = field.target() {
        return Some(TypeRef::named(&types.target(target)?.record));
    }
    if field.is_polymorphic() {
        return Some(TypeRef::named(&types.names.pointer(field)?.object));
    }
    if field.is_composite() {
        return Some(TypeRef::named(&types.names.composite(field)?.object));
    }
    let scalar = field.column().part.scalar;
    let name = scalar_name(scalar);
    Some(if scalar.is_list() {
        TypeRef::named_nn_list(name)
    } else if field.system == Some(schema::catalog::SystemField::Id) {
        TypeRef::named_nn(name)
    } else {
        TypeRef::named(name)
    })
}

fn collection_field(
    types: &Types<'_>,
    near: ObjectTypeId,
    (collection, name): (&SurfaceCollection, &str),
) -> Option<OutputField> {
    types.member(collection)?;
    let own = collection.collection.name.as_str();
    let (connection, filter, sort) = if let Some(side) = types.names.side(near, own) {
        (&side.connection, &side.filter, &side.sort)
    } else {
        let target = types.target(collection.collection.target?)?;
        (&target.connection, &target.filter, &target.sort)
    };
    let field = output(
        name,
        TypeRef::named_nn(connection),
        &collection.collection.label,
    );
    let field = with_list_arguments(field, filter, sort);
    let is_temporal = |relation: &SurfaceRelation| relation.is_temporal();
    Some(if collection.relation.as_ref().is_some_and(is_temporal) {
        field
            .argument(input("validity", TypeRef::named("Validity"), ""))
            .argument(as_of(""))
    } else {
        field
    })
}

/// The argument that chooses the day of a read.
pub(super) fn as_of(description: &str) -> InputValue {
    input("asOf", TypeRef::named("Date"), description)
}

/// The arguments of every list. Only one is described: they are repeated at each collection, and the
/// texts would be a third of the schema.
pub(super) fn with_list_arguments(field: OutputField, filter: &str, sort: &str) -> OutputField {
    let int = || TypeRef::named(TypeRef::INT);
    let cursor = || TypeRef::named(TypeRef::STRING);
    field
        .argument(input("filter", TypeRef::named(filter), ""))
        .argument(input("sort", TypeRef::named_nn_list(sort), ""))
        .argument(input(
            "first",
            int(),
            "At most so many records; 50 unless told, at most 200.",
        ))
        .argument(input("after", cursor(), ""))
        .argument(input("last", int(), ""))
        .argument(input("before", cursor(), ""))
}

fn connection(name: &str, edge: &str, record: &str) -> Object {
    Object::new(name)
        .description("A page of records.")
        .field(output(
            "nodes",
            TypeRef::named_nn_list_nn(record),
            "The records.",
        ))
        .field(output(
            "edges",
            TypeRef::named_nn_list_nn(edge),
            "The records with their cursors.",
        ))
        .field(output(
            "pageInfo",
            TypeRef::named_nn("PageInfo"),
            "Where the page stands in the list.",
        ))
        .field(output(
            "totalCount",
            TypeRef::named_nn(TypeRef::INT),
            "How many records match in all; counted when asked.",
        ))
}

fn edge(name: &str, record: &str, link: Option<&str>) -> Object {
    let object = Object::new(name)
        .description("A record at its place in a list.")
        .field(output(
            "cursor",
            TypeRef::named_nn(TypeRef::STRING),
            "The place in the list.",
        ))
        .field(output("node", TypeRef::named_nn(record), "The record."));
    match link {
        Some(link) => object.field(output(
            "link",
            TypeRef::named_nn(link),
            "The link through which the record was reached.",
        )),
        None => object,
    }
}

fn side(types: &Types<'_>, near: ObjectTypeId, collection: &SurfaceCollection) -> Vec<Object> {
    let Some(relation) = &collection.relation else {
        return Vec::new();
    };
    let parts = (
        types.names.side(near, collection.collection.name.as_str()),
        types.member(collection),
        types.names.link(relation.relation.id),
    );
    let (
        Some(SideNames {
            connection: name,
            edge: edge_name,
            ..
        }),
        Some(member),
        Some(link),
    ) = parts
    else {
        return Vec::new();
    };
    vec![
        connection(name, edge_name, member),
        edge(edge_name, member, Some(&link.link)),
    ]
}

/// One object type per relation type, whichever sides are walked.
fn links(types: &Types<'_>) -> Vec<Object> {
    let mut relations: Vec<(&str, &SurfaceRelation)> = relations(types).into_values().collect();
    relations.sort_by_key(|(name, _)| *name);
    relations
        .into_iter()
        .map(|(name, relation)| {
            let description = if relation.relation.description.is_empty() {
                &relation.relation.label
            } else {
                &relation.relation.description
            };
            let draft = ObjectDraft::new(name, description);
            with_fields(types, draft, relation.readable.iter()).object
        })
        .collect()
}

/// The relation types whose links can be read, with the name of their link.
pub(super) fn relations<'a>(
    types: &'a Types<'_>,
) -> HashMap<schema::RelationTypeId, (&'a str, &'a SurfaceRelation)> {
    let mut relations = HashMap::new();
    for (object, _) in types.readable() {
        for collection in &object.collections {
            let (Some(side), CollectionKind::Relation { relation, .. }) =
                (&collection.relation, collection.collection.kind)
            else {
                continue;
            };
            if let Some(names) = types.names.link(relation) {
                relations.insert(relation, (names.link.as_str(), side));
            }
        }
    }
    relations
}

fn composites(types: &mut Types<'_>) -> Vec<Object> {
    let surface = types.surface;
    let names = types.names;
    let mut objects = Vec::new();
    for field in super::all_fields(surface).filter(|field| is_composite(field)) {
        let Some(composite) = names.composite(field) else {
            continue;
        };
        if !types.is_new(&composite.object) {
            continue;
        }
        let draft = ObjectDraft::new(&composite.object, "A value of several parts.");
        let draft = field.columns.iter().fold(draft, |draft, column| {
            let name = scalar_name(column.part.scalar);
            let of = match column.part.presence {
                Presence::Required | Presence::Derived => TypeRef::named_nn(name),
                Presence::Optional | Presence::Asked => TypeRef::named(name),
            };
            match column.part.key {
                Some(key) => draft.field(key, || output(key, of, "")),
                None => draft,
            }
        });
        objects.push(draft.object);
    }
    objects
}
