//! Changes of whole collections: their schemas, in bodies of records and alone, and their paths.

use std::sync::Arc;

use schema::{
    access::{Surface, SurfaceCollection, SurfaceObject},
    catalog::Field,
};
use utoipa::openapi::{
    Components, HttpMethod, ObjectBuilder, OneOf, RefOr, Response, Schema, Type,
    path::OperationBuilder,
};

use super::{
    objects::properties,
    operations::{Identity, operation},
    parameters::parameter_ref,
    parts::{Names, array_of, body, closed_object, id_schema, plain, schema_ref},
    pointers,
};

/// Adds the collections that the caller may change to a body of a record.
pub(super) fn with_sets(
    (names, surface): (&Names, &Surface),
    object: &SurfaceObject,
    builder: ObjectBuilder,
) -> ObjectBuilder {
    let collections = object.collections.iter();
    let settable = collections.filter(|it| surface.is_settable(it));
    settable.fold(builder, |builder, collection| {
        let name = collection.collection.name.as_str();
        builder.property(name, schema_ref(&set_name(names, object, collection)))
    })
}

/// Adds the schemas of the changes of one collection.
pub(super) fn add_schemas(
    components: &mut Components,
    (names, surface): (&Names, &Surface),
    object: &SurfaceObject,
    collection: &SurfaceCollection,
) {
    let schemas = &mut components.schemas;
    let items = schema_ref(&items_name(names, object, collection));
    match collection.relation.as_ref().map(|side| &side.linkable) {
        Some(Some(fields)) => {
            let list = array_of(link_item((surface, collection), fields));
            schemas.insert(items_name(names, object, collection), list);
            let set = set(&items, array_of(link_removal(surface, collection)));
            schemas.insert(set_name(names, object, collection), set);
        }
        None if surface.is_settable(collection) => {
            schemas.insert(names.fixed("MemberItems"), array_of(member_item()));
            schemas.insert(
                names.fixed("MemberSet"),
                set(&items, array_of(member_removal())),
            );
        }
        Some(None) | None => {}
    }
}

fn set_name(names: &Names, object: &SurfaceObject, collection: &SurfaceCollection) -> String {
    match collection.relation {
        Some(_) => names.link(object, collection, "LinkSet"),
        None => names.fixed("MemberSet"),
    }
}

fn items_name(names: &Names, object: &SurfaceObject, collection: &SurfaceCollection) -> String {
    match collection.relation {
        Some(_) => names.link(object, collection, "LinkItems"),
        None => names.fixed("MemberItems"),
    }
}

/// `add` and `remove`, `set`, or for short the list that is the set.
fn set(items: &RefOr<Schema>, removals: RefOr<Schema>) -> RefOr<Schema> {
    let part = closed_object()
        .min_properties(Some(1))
        .property("add", items.clone())
        .property("remove", removals);
    let whole = closed_object()
        .property("set", items.clone())
        .required("set");
    let mut either = OneOf::new();
    either.items = vec![part.into(), whole.into(), items.clone()];
    either.description = Some(
        "A change of the whole collection: members to add and remove, or all that there are to be."
            .to_owned(),
    );
    RefOr::T(Schema::OneOf(either))
}

fn link_item(
    (surface, collection): (&Surface, &SurfaceCollection),
    fields: &[Arc<Field>],
) -> RefOr<Schema> {
    let named = collection
        .pointer()
        .map_or_else(with_id, |pointer| pointers::link_to(surface, pointer));
    let mut whole = properties(surface, named, fields);
    if collection.ordered {
        whole = whole.property("position", position());
    }
    if collection.pointer().is_some() {
        return whole.into();
    }
    let mut either = OneOf::new();
    either.items = vec![id_schema(), whole.into()];
    RefOr::T(Schema::OneOf(either))
}

/// Where a member of an ordered collection goes.
fn position() -> RefOr<Schema> {
    let one = |name: &str, of: RefOr<Schema>| {
        RefOr::from(closed_object().property(name, of).required(name))
    };
    let at = plain(Type::Integer).minimum(Some(0));
    let mut either = OneOf::new();
    either.items = vec![
        one("before", id_schema()),
        one("after", id_schema()),
        one("at", at.into()),
    ];
    either.description =
        Some("Where it goes: before or after another member, or to a place from 0.".to_owned());
    RefOr::T(Schema::OneOf(either))
}

fn member_item() -> RefOr<Schema> {
    let whole = with_id().property("position", position());
    let mut either = OneOf::new();
    either.items = vec![id_schema(), whole.into()];
    either.description = Some("`position` is for ordered collections.".to_owned());
    RefOr::T(Schema::OneOf(either))
}

fn member_removal() -> RefOr<Schema> {
    let mut either = OneOf::new();
    either.items = vec![id_schema(), with_id().into()];
    RefOr::T(Schema::OneOf(either))
}

fn link_removal(surface: &Surface, collection: &SurfaceCollection) -> RefOr<Schema> {
    let by_link = closed_object().property("link", id_schema());
    let mut either = OneOf::new();
    either.items = vec![
        id_schema(),
        with_id().into(),
        by_link.required("link").into(),
    ];
    if let Some(pointer) = collection.pointer() {
        either
            .items
            .push(pointers::link_to(surface, pointer).into());
    }
    either.description = Some("All links to a record, or one link.".to_owned());
    RefOr::T(Schema::OneOf(either))
}

fn with_id() -> ObjectBuilder {
    closed_object().property("id", id_schema()).required("id")
}

/// The operations that change a whole collection.
pub(super) fn operations(
    (names, object): (&Names, &SurfaceObject),
    collection: &SurfaceCollection,
    answered: &Response,
) -> [(HttpMethod, OperationBuilder); 2] {
    let one = object.object.name.pascal_case();
    let part = collection.collection.name.pascal_case();
    let label = &collection.collection.label;
    let changes = [
        (
            HttpMethod::Put,
            "set",
            format!("Set {label}"),
            items_name(names, object, collection),
        ),
        (
            HttpMethod::Patch,
            "change",
            format!("Add to and remove from {label}"),
            set_name(names, object, collection),
        ),
    ];
    changes.map(|(method, verb, summary, sent)| {
        let identity = Identity {
            tag: object.object.plural.as_str(),
            id: format!("{verb}{part}Of{one}"),
            summary,
        };
        let problems = [400, 403, 404, 409, 413, 415, 422];
        let changing = operation(identity, &problems)
            .parameter_ref(parameter_ref("Id"))
            .parameter_ref(parameter_ref("Fields"))
            .request_body(Some(body(schema_ref(&sent), None)))
            .response("200", answered.clone());
        (method, changing)
    })
}
