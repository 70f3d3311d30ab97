//! The schemas of references to several types.

use schema::{
    access::{Surface, SurfaceObject},
    catalog::Field,
    field_type::Scalar,
};
use serde_json::{Value as Json, json};
use utoipa::openapi::{ObjectBuilder, OneOf, RefOr, Schema, Type};

use super::{
    parts::{Names, array_of, closed_object, id_schema, or_null, plain, record_name, schema_ref},
    scalars::{conditions_name, description},
};

/// How such a reference is read: the id and type of a record, and the record under its type if it was
/// asked for.
pub(super) fn shown(surface: &Surface, field: &Field) -> RefOr<Schema> {
    or_null(member(surface, field).into())
}

/// How a record of one of several types is read.
pub(super) fn member(surface: &Surface, field: &Field) -> ObjectBuilder {
    let targets = surface.targets(field);
    let builder = plain(Type::Object)
        .description(Some(description(field)))
        .property("id", id_schema())
        .property("type", type_name(&targets));
    let builder = targets.into_iter().fold(builder, |builder, target| {
        let name = target.object.name.as_str();
        builder.property(name, or_null(schema_ref(&record_name(target))))
    });
    builder.required("id").required("type")
}

/// How such a reference is written.
pub(super) fn sent(surface: &Surface, field: &Field, nullable: bool) -> RefOr<Schema> {
    let object = link_to(surface, field).description(Some(description(field)));
    if !nullable {
        return object.into();
    }
    let mut either = OneOf::new();
    either.items = vec![object.into(), plain(Type::Null).into()];
    RefOr::T(Schema::OneOf(either))
}

/// What names a record of one of several types, with room for the fields of a link to it.
pub(super) fn link_to(surface: &Surface, field: &Field) -> ObjectBuilder {
    closed_object()
        .property("type", type_name(&surface.targets(field)))
        .property("id", id_schema())
        .required("type")
        .required("id")
}

/// The conditions on a member of a collection of several types.
pub(super) fn member_filter(
    names: &Names,
    surface: &Surface,
    (field, own): (&Field, &str),
) -> RefOr<Schema> {
    let own = schema_ref(own);
    let builder = closed_object()
        .description(Some("Conditions that all must hold."))
        .property("and", array_of(own.clone()))
        .property("or", array_of(own.clone()))
        .property("not", own);
    with_types(builder, names, surface, field).into()
}

/// The conditions on such a reference.
pub(super) fn filter(names: &Names, surface: &Surface, field: &Field) -> RefOr<Schema> {
    let builder = closed_object()
        .min_properties(Some(1))
        .property("eq", id_schema())
        .property("neq", id_schema())
        .property("in", array_of(id_schema()))
        .property("nin", array_of(id_schema()))
        .property("isNull", plain(Type::Boolean));
    with_types(builder, names, surface, field).into()
}

/// With the conditions on id and type, and on the records of each type.
fn with_types(
    builder: ObjectBuilder,
    names: &Names,
    surface: &Surface,
    field: &Field,
) -> ObjectBuilder {
    let builder = builder
        .property("id", schema_ref(&conditions_name(names, Scalar::Id)))
        .property("type", schema_ref(&conditions_name(names, Scalar::Choice)));
    let targets = surface.targets(field).into_iter();
    targets.fold(builder, |builder, target| {
        let filter = schema_ref(&names.part(target, "Filter"));
        builder.property(target.object.name.as_str(), filter)
    })
}

fn type_name(targets: &[&SurfaceObject]) -> ObjectBuilder {
    let names = targets
        .iter()
        .map(|target| json!(target.object.name.as_str()));
    plain(Type::String)
        .description(Some("The name of an object type."))
        .enum_values(Some(names.collect::<Vec<Json>>()))
}
