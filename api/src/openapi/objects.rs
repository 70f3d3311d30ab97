//! The schemas of one object type: its record, what creates and changes one, its lists, its filter.

use std::sync::Arc;

use schema::{
    access::{Partly, Surface, SurfaceCollection, SurfaceObject, SurfaceRelation},
    catalog::{Field, SystemField},
    field_type::{Operator, Scalar},
    request::LIMITS,
};
use serde_json::json;
use utoipa::openapi::{
    Components, KnownFormat, ObjectBuilder, OneOf, RefOr, Schema, SchemaFormat, Type,
    schema::SchemaType,
};

use super::{
    parts::{
        Names, array_of, body_limit_schema, closed_object, count_schema, id_schema, or_null, plain,
        record_name, schema_ref,
    },
    pointers,
    scalars::{
        conditions, conditions_name, description, masked, reference_conditions_name, value, written,
    },
    sets,
};

/// Adds the schemas of one object type.
pub(super) fn add_schemas(
    components: &mut Components,
    names: &Names,
    surface: &Surface,
    object: &SurfaceObject,
) {
    let schemas = &mut components.schemas;
    if object.readable.is_some() {
        let record = record(names, surface, object);
        schemas.insert(record_name(object), record.into());
        schemas.insert(
            names.part(object, "List"),
            list(names, schema_ref(&record_name(object))),
        );
        schemas.insert(names.part(object, "Filter"), filter(names, surface, object));
        schemas.insert(names.part(object, "Query"), query(names, object));
    }
    if let Some(fields) = &object.creatable {
        schemas.insert(
            names.part(object, "Create"),
            create((names, surface), object, fields),
        );
    }
    if let Some(fields) = &object.updatable {
        let update = update_record((names, surface), object, fields);
        schemas.insert(names.part(object, "Update"), update);
    }
    for collection in &object.collections {
        sets::add_schemas(components, (names, surface), object, collection);
        let schemas = &mut components.schemas;
        let Some(relation) = &collection.relation else {
            continue;
        };
        let link = names.link(object, collection, "Link");
        let member = member(names, surface, (collection, &link));
        schemas.insert(names.members(object, collection), list(names, member));
        let own = names.link(object, collection, "Filter");
        if let Some(pointer) = collection.pointer() {
            let member = pointers::member_filter(names, surface, (pointer, &own));
            schemas.insert(own, with_link(names, member, relation));
        } else if let Some(target) = surface.member(collection) {
            let member = schema_ref(&names.part(target, "Filter"));
            schemas.insert(own, with_link(names, member, relation));
        }
        schemas.insert(link, link_record(surface, relation));
        if let Some(fields) = &relation.linkable {
            let create = names.link(object, collection, "LinkCreate");
            let update_name = names.link(object, collection, "LinkUpdate");
            let created = match collection.pointer() {
                Some(pointer) => pointers::link_to(surface, pointer),
                None => closed_object().property("id", id_schema()).required("id"),
            };
            schemas.insert(create, properties(surface, created, fields).into());
            schemas.insert(update_name, update(surface, fields));
        }
    }
}

fn record(names: &Names, surface: &Surface, object: &SurfaceObject) -> ObjectBuilder {
    let mut builder = plain(Type::Object).description(Some(super::parts::sentence(
        &object.object.label,
        &object.object.description,
    )));
    for field in object.readable.iter().flatten() {
        let shown = shown(surface, field, object.partly.get(&field.id));
        builder = builder.property(field.name.as_str(), shown);
    }
    for collection in &object.collections {
        let name = collection.collection.name.as_str();
        if let Some(list) = collection_list(names, surface, object, collection) {
            builder = builder.property(name, list);
        }
    }
    let has_own = |field: &Arc<Field>| field.name.as_str() == "displayName";
    if !object.readable.iter().flatten().any(has_own) {
        builder = builder.property("displayName", display_name());
    }
    builder.required("id")
}

/// What people read of a record.
fn display_name() -> ObjectBuilder {
    let about = "What people read of the record, made of what you may read of it. Answered on request: \
                 `fields=displayName`.";
    let text = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new()
        .schema_type(text)
        .description(Some(about))
        .read_only(true)
}

/// The schema of the list that a collection of a record is.
pub(super) fn collection_list(
    names: &Names,
    surface: &Surface,
    object: &SurfaceObject,
    collection: &SurfaceCollection,
) -> Option<RefOr<Schema>> {
    let name = match &collection.relation {
        Some(_) => names.members(object, collection),
        None => names.part(surface.member(collection)?, "List"),
    };
    Some(schema_ref(&name))
}

/// What is read of a field, which may be null where it does not show on every record.
fn shown(surface: &Surface, field: &Field, partly: Option<&Partly>) -> RefOr<Schema> {
    match field.target().and_then(|target| surface.find(target)) {
        Some(target) => or_null(schema_ref(&record_name(target))),
        None if field.is_polymorphic() => pointers::shown(surface, field),
        None => match partly.filter(|partly| !partly.masks.is_empty()) {
            Some(partly) => masked(field, partly),
            None => value(field, !field.required || partly.is_some()),
        },
    }
}

fn list(names: &Names, member: RefOr<Schema>) -> RefOr<Schema> {
    plain(Type::Object)
        .property("data", array_of(member))
        .property("page", schema_ref(&names.fixed("Page")))
        .property(
            "count",
            plain(Type::Integer).description(Some("Stands here when `count` asked for it.")),
        )
        .property(
            "countIsExact",
            plain(Type::Boolean).description(Some("Whether a bounded count reached the end.")),
        )
        .required("data")
        .required("page")
        .into()
}

/// A member of a relation: the record, and the link through which it is one. Written out, since many
/// tools can't resolve an `allOf` of a schema that comes back to itself.
fn member(
    names: &Names,
    surface: &Surface,
    (collection, link): (&SurfaceCollection, &str),
) -> RefOr<Schema> {
    let record = match (collection.pointer(), surface.member(collection)) {
        (Some(pointer), _) => pointers::member(surface, pointer),
        (None, Some(target)) => record(names, surface, target),
        (None, None) => plain(Type::Object),
    };
    record
        .property("link", schema_ref(link))
        .required("link")
        .into()
}

fn link_record(surface: &Surface, relation: &SurfaceRelation) -> RefOr<Schema> {
    let mut builder = plain(Type::Object).description(Some(super::parts::sentence(
        &relation.relation.label,
        &relation.relation.description,
    )));
    for field in &relation.readable {
        let shown = shown(surface, field, relation.partly.get(&field.id));
        builder = builder.property(field.name.as_str(), shown);
    }
    builder.required("id").into()
}

/// What creates a record.
pub(super) fn create(
    (names, surface): (&Names, &Surface),
    object: &SurfaceObject,
    fields: &[Arc<Field>],
) -> RefOr<Schema> {
    let mut builder = closed_object();
    for field in fields {
        let optional = !field.required || field.has_default();
        builder = builder.property(field.name.as_str(), sent(surface, field, !field.required));
        if !optional {
            builder = builder.required(field.name.as_str());
        }
    }
    sets::with_sets((names, surface), object, builder).into()
}

/// What changes a record.
pub(super) fn update_record(
    (names, surface): (&Names, &Surface),
    object: &SurfaceObject,
    fields: &[Arc<Field>],
) -> RefOr<Schema> {
    let builder = properties(surface, patch(), fields);
    sets::with_sets((names, surface), object, builder).into()
}

/// What changes a link.
fn update(surface: &Surface, fields: &[Arc<Field>]) -> RefOr<Schema> {
    properties(surface, patch(), fields).into()
}

fn patch() -> ObjectBuilder {
    closed_object().description(Some(
        "A JSON merge patch (RFC 7396): what is absent stays, null clears.",
    ))
}

pub(super) fn properties(
    surface: &Surface,
    mut builder: ObjectBuilder,
    fields: &[Arc<Field>],
) -> ObjectBuilder {
    for field in fields {
        builder = builder.property(field.name.as_str(), sent(surface, field, !field.required));
    }
    builder
}

/// What is sent of a field: a reference, also to a user, as an id, or in the form in which it is read.
fn sent(surface: &Surface, field: &Field, nullable: bool) -> RefOr<Schema> {
    if field.is_polymorphic() {
        return pointers::sent(surface, field, nullable);
    }
    if field.target().is_none() && !field.field_type.points_at_user() {
        let nullable = nullable || field.system == Some(SystemField::OwnerId);
        return written(field, nullable);
    }
    let mut either = OneOf::new();
    let object = closed_object().property("id", id_schema()).required("id");
    either.items = vec![id_schema(), object.into()];
    if nullable {
        either.items.push(plain(Type::Null).into());
    }
    either.description = Some(description(field));
    RefOr::T(Schema::OneOf(either))
}

fn filter(names: &Names, surface: &Surface, object: &SurfaceObject) -> RefOr<Schema> {
    let own = schema_ref(&names.part(object, "Filter"));
    let mut builder = closed_object()
        .description(Some("Conditions that all must hold."))
        .property("and", array_of(own.clone()))
        .property("or", array_of(own.clone()))
        .property("not", own);
    for field in object.readable.iter().flatten() {
        let schema = match field.target().and_then(|target| surface.find(target)) {
            Some(target) => reference_filter(names, field, target),
            None if field.is_polymorphic() => pointers::filter(names, surface, field),
            None => conditions(names, field),
        };
        builder = builder.property(field.name.as_str(), schema);
    }
    for collection in &object.collections {
        if let Some(schema) = collection_filter(names, surface, object, collection) {
            builder = builder.property(collection.collection.name.as_str(), schema);
        }
    }
    builder.into()
}

/// A filter on the target of a reference, one operator on its id, or one on the place in the tree that it
/// makes.
fn reference_filter(names: &Names, field: &Field, target: &SurfaceObject) -> RefOr<Schema> {
    let mut either = utoipa::openapi::schema::AnyOf::new();
    either.items = vec![
        schema_ref(&names.part(target, "Filter")),
        schema_ref(&reference_conditions_name(names)),
    ];
    if field.settings.tree {
        let about = "The place in the tree: one of these, with the id of a record.";
        let one = closed_object()
            .description(Some(about))
            .min_properties(Some(1))
            .max_properties(Some(1));
        let operators = Operator::IN_TREES.iter();
        let one = operators.fold(one, |one, it| one.property(it.name(), id_schema()));
        either.items.push(one.into());
    }
    RefOr::T(Schema::AnyOf(either))
}

fn collection_filter(
    names: &Names,
    surface: &Surface,
    object: &SurfaceObject,
    collection: &SurfaceCollection,
) -> Option<RefOr<Schema>> {
    let of_member = schema_ref(&match collection.relation {
        Some(_) => names.link(object, collection, "Filter"),
        None => names.part(surface.member(collection)?, "Filter"),
    });
    let mut builder = closed_object().min_properties(Some(1));
    for quantifier in ["some", "none", "every"] {
        builder = builder.property(quantifier, of_member.clone());
    }
    Some(
        builder
            .property("count", count_filter(names, of_member))
            .into(),
    )
}

/// Comparisons of the number of members, with a filter on those that are counted.
fn count_filter(names: &Names, of_member: RefOr<Schema>) -> RefOr<Schema> {
    let number = schema_ref(&conditions_name(names, Scalar::Int));
    let filtered = plain(Type::Object)
        .description(Some(
            "Operators as on a number; `filter` says which members are counted.",
        ))
        .property("filter", of_member)
        .required("filter")
        .min_properties(Some(2));
    let mut either = utoipa::openapi::schema::AnyOf::new();
    either.items = vec![number, filtered.into()];
    RefOr::T(Schema::AnyOf(either))
}

/// The filter on a member of a relation, which may speak of the link too.
fn with_link(names: &Names, member: RefOr<Schema>, relation: &SurfaceRelation) -> RefOr<Schema> {
    let mut link = closed_object().description(Some("Conditions on the link."));
    for field in &relation.readable {
        if field.target().is_none() {
            link = link.property(field.name.as_str(), conditions(names, field));
        }
    }
    if relation.is_temporal() {
        link = link
            .property("current", plain(Type::Boolean))
            .property("asOf", day())
            .property("validity", validity_schema());
    }
    let mut either = utoipa::openapi::schema::AnyOf::new();
    let with_link = plain(Type::Object)
        .description(Some(
            "A filter on the record; `link` puts conditions on the link. What the record has no name \
             for may also stand beside its own conditions.",
        ))
        .property("link", link)
        .required("link");
    either.items = vec![member, with_link.into()];
    RefOr::T(Schema::AnyOf(either))
}

/// A day.
pub(super) fn day() -> ObjectBuilder {
    plain(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
}

/// Which links of a temporal relation type.
pub(super) fn validity_schema() -> ObjectBuilder {
    plain(Type::String)
        .pattern(Some("^(current|all|at:\\d{4}-\\d{2}-\\d{2})$"))
        .examples([json!("at:2026-01-31")])
}

fn query(names: &Names, object: &SurfaceObject) -> RefOr<Schema> {
    let cursor = |description: &str| plain(Type::String).description(Some(description));
    closed_object()
        .property("filter", schema_ref(&names.part(object, "Filter")))
        .property("sort", sort_schema())
        .property(
            "limit",
            body_limit_schema((LIMITS.default_page, LIMITS.page_of(object.max_rows))),
        )
        .property("after", cursor("Continue after this cursor."))
        .property("before", cursor("Continue before this cursor."))
        .property("count", count_schema())
        .property("asOf", day())
        .property("select", schema_ref(&names.fixed("Select")))
        .into()
}

fn sort_schema() -> RefOr<Schema> {
    let mut either = OneOf::new();
    either.items = vec![
        plain(Type::String).into(),
        array_of(plain(Type::String).into()),
    ];
    either.description = Some("Sort keys, `-` for descending: `-createdAt,name`.".to_owned());
    RefOr::T(Schema::OneOf(either))
}

/// The schema of `select`, the same for every object type.
pub(super) fn select(names: &Names) -> RefOr<Schema> {
    let own = || schema_ref(&names.fixed("Select"));
    let options = closed_object()
        .description(Some(
            "What is wanted of a reference (`select` alone) or of a collection.",
        ))
        .property("select", own())
        .property(
            "filter",
            plain(Type::Object).description(Some("A filter on the members.")),
        )
        .property("sort", sort_schema())
        .property(
            "limit",
            body_limit_schema((LIMITS.nested_page, LIMITS.page)),
        )
        .property("after", plain(Type::String))
        .property("before", plain(Type::String))
        .property("count", count_schema())
        .property("validity", validity_schema())
        .property("asOf", day());
    let mut below = OneOf::new();
    below.items = vec![
        plain(Type::Boolean).enum_values(Some([true])).into(),
        array_of(plain(Type::String).into()),
        options.into(),
    ];
    let tree = plain(Type::Object)
        .additional_properties(Some(RefOr::T(Schema::OneOf(below))))
        .description(Some(
            "Members by name; `*` stands for everything that an answer shows by default.",
        ));
    let mut either = OneOf::new();
    either.items = vec![array_of(plain(Type::String).into()), tree.into()];
    either.description = Some(
        "What to answer of a record: an array of names and dotted paths, or a tree.".to_owned(),
    );
    either.examples = vec![
        serde_json::json!(["name", "organization.name"]),
        serde_json::json!({"name": true, "people": {"select": ["email"], "sort": "lastName", "limit": 5}}),
    ];
    RefOr::T(Schema::OneOf(either))
}
