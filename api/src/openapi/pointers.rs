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
    let targets = surface.targets(field);
    let builder = plain(Type::Object)
        .description(Some(description(field)))
        .property("id", id_schema())
        .property("type", type_name(&targets));
    let builder = targets.into_iter().fold(builder, |builder, target| {
        let name = target.object.name.as_str();
        builder.property(name, or_null(schema_ref(&record_name(target))))
    });
    or_null(builder.required("id").required("type").into())
}

/// How such a reference is written.
pub(super) fn sent(surface: &Surface, field: &Field, nullable: bool) -> RefOr<Schema> {
    let object = closed_object()
        .description(Some(description(field)))
        .property("type", type_name(&surface.targets(field)))
        .property("id", id_schema())
        .required("type")
        .required("id");
    if !nullable {
        return object.into();
    }
    let mut either = OneOf::new();
    either.items = vec![object.into(), plain(Type::Null).into()];
    RefOr::T(Schema::OneOf(either))
}

/// The conditions on such a reference.
pub(super) fn filter(names: &Names, surface: &Surface, field: &Field) -> RefOr<Schema> {
    let targets = surface.targets(field);
    let builder = closed_object()
        .min_properties(Some(1))
        .property("eq", id_schema())
        .property("neq", id_schema())
        .property("in", array_of(id_schema()))
        .property("nin", array_of(id_schema()))
        .property("isNull", plain(Type::Boolean))
        .property("id", schema_ref(&conditions_name(names, Scalar::Id)))
        .property("type", schema_ref(&conditions_name(names, Scalar::Choice)));
    let builder = targets.into_iter().fold(builder, |builder, target| {
        let filter = schema_ref(&names.part(target, "Filter"));
        builder.property(target.object.name.as_str(), filter)
    });
    builder.into()
}

fn type_name(targets: &[&SurfaceObject]) -> ObjectBuilder {
    let names = targets
        .iter()
        .map(|target| json!(target.object.name.as_str()));
    plain(Type::String)
        .description(Some("The name of an object type."))
        .enum_values(Some(names.collect::<Vec<Json>>()))
}
