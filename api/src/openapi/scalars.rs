//! Schemas of values and of the conditions that a filter may put on them.

use std::collections::HashSet;

use schema::{
    access::Surface,
    catalog::{Column, Field},
    field_type::{OperandShape, Operator, Scalar, Settings},
};
use serde_json::{Value as Json, json};
use utoipa::openapi::{
    Components, ObjectBuilder, RefOr, Schema, Type,
    schema::{ArrayBuilder, KnownFormat, SchemaFormat, SchemaType},
};

use super::parts::{Names, array_of, closed_object, plain, schema_ref};

/// Formats of JSON Schema that texts of some field types have.
const TEXT_FORMATS: &[(&str, &str)] = &[("email", "email"), ("url", "uri")];

/// The name of the schema of the conditions on a scalar.
pub(super) fn conditions_name(names: &Names, scalar: Scalar) -> String {
    names.fixed(&format!("{scalar:?}Conditions"))
}

/// Adds the schema of conditions for each scalar that some field of the surface has.
pub(super) fn add_conditions(components: &mut Components, names: &Names, surface: &Surface) {
    let of_objects = surface.objects.iter().flat_map(|object| &object.readable);
    let of_links = surface
        .objects
        .iter()
        .flat_map(|object| &object.collections)
        .filter_map(|collection| collection.relation.as_ref())
        .map(|relation| &relation.readable);
    let used: HashSet<Scalar> = of_objects
        .chain(of_links)
        .flatten()
        .flat_map(|field| &field.columns)
        .map(|column| column.part.scalar)
        // The number of members of a collection is compared like one.
        .chain([Scalar::Int])
        .collect();
    for scalar in Scalar::ALL.iter().filter(|scalar| used.contains(scalar)) {
        let mut builder = closed_object()
            .description(Some("Conditions on a field; all of them must hold."))
            .min_properties(Some(1));
        for operator in scalar.operators() {
            builder = builder.property(operator.name(), operand(*scalar, *operator));
        }
        components
            .schemas
            .insert(conditions_name(names, *scalar), builder.into());
    }
}

fn operand(scalar: Scalar, operator: Operator) -> RefOr<Schema> {
    let one = || RefOr::T(Schema::Object(scalar_builder(scalar).build()));
    match operator.operand() {
        OperandShape::One if folds_case(operator) => scalar_builder(scalar)
            .description(Some("In any case of the letters A to Z."))
            .into(),
        OperandShape::One => one(),
        OperandShape::Many => array_of(one()),
        OperandShape::Pair => ArrayBuilder::new()
            .items(one())
            .min_items(Some(2))
            .max_items(Some(2))
            .into(),
        OperandShape::Flag => plain(Type::Boolean).into(),
    }
}

fn folds_case(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Ieq | Operator::Icontains | Operator::IstartsWith | Operator::IendsWith
    )
}

/// A single operand; of a set, one option.
fn scalar_builder(scalar: Scalar) -> ObjectBuilder {
    let known = |format| plain(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
    match scalar {
        Scalar::Text | Scalar::Choice | Scalar::ChoiceSet => plain(Type::String),
        Scalar::Int => {
            plain(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        }
        Scalar::BigInt => plain(Type::String).pattern(Some("^-?[0-9]{1,19}$")),
        Scalar::Decimal => plain(Type::String).pattern(Some("^-?[0-9]+(\\.[0-9]+)?$")),
        Scalar::Boolean => plain(Type::Boolean),
        Scalar::Date => known(KnownFormat::Date),
        Scalar::DateTime => known(KnownFormat::DateTime),
        Scalar::Id => known(KnownFormat::Uuid),
        Scalar::Json => ObjectBuilder::new().schema_type(SchemaType::AnyValue),
    }
}

/// What a field holds, references aside.
pub(super) fn value(field: &Field, nullable: bool) -> RefOr<Schema> {
    let described = |builder: ObjectBuilder| -> RefOr<Schema> {
        builder.description(Some(description(field))).into()
    };
    if !field.is_composite() {
        let column = field.column();
        if column.part.scalar == Scalar::ChoiceSet {
            return choice_set(field, nullable);
        }
        let (value_type, settings) = field.value_type();
        let mut builder = column_builder(column, settings, nullable);
        let known = TEXT_FORMATS
            .iter()
            .find(|(name, _)| *name == value_type.name());
        if let Some((_, format)) = known {
            builder = builder.format(Some(SchemaFormat::Custom((*format).to_owned())));
        }
        return described(builder);
    }
    let mut builder = closed_object().schema_type(with_null(Type::Object, nullable));
    for column in &field.columns {
        if let Some(key) = column.part.key {
            builder = builder
                .property(key, column_builder(column, &field.settings, false))
                .required(key);
        }
    }
    described(builder)
}

fn choice_set(field: &Field, nullable: bool) -> RefOr<Schema> {
    let option = plain(Type::String).enum_values(Some(options(&field.settings)));
    ArrayBuilder::new()
        .schema_type(with_null(Type::Array, nullable))
        .items(option)
        .unique_items(true)
        .description(Some(description(field)))
        .into()
}

fn column_builder(column: &Column, settings: &Settings, nullable: bool) -> ObjectBuilder {
    let scalar = column.part.scalar;
    let mut builder = scalar_builder(scalar);
    if scalar == Scalar::Choice && !settings.options.is_empty() {
        let mut values = options(settings);
        if nullable {
            values.push(Json::Null);
        }
        builder = builder.enum_values(Some(values));
    }
    if scalar == Scalar::Text {
        builder = builder.max_length(settings.max_length.map(|most| most as usize));
    }
    match scalar {
        Scalar::Json => builder,
        Scalar::Int => builder.schema_type(with_null(Type::Integer, nullable)),
        Scalar::Boolean => builder.schema_type(with_null(Type::Boolean, nullable)),
        Scalar::Text
        | Scalar::Choice
        | Scalar::ChoiceSet
        | Scalar::BigInt
        | Scalar::Decimal
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::Id => builder.schema_type(with_null(Type::String, nullable)),
    }
}

fn with_null(of: Type, nullable: bool) -> SchemaType {
    if nullable {
        SchemaType::from_iter([of, Type::Null])
    } else {
        SchemaType::new(of)
    }
}

fn options(settings: &Settings) -> Vec<Json> {
    let options = settings.options.iter();
    options.map(|option| json!(option.name)).collect()
}

/// What people read of a field.
pub(super) fn description(field: &Field) -> String {
    super::parts::sentence(&field.label, &field.help)
}

/// The conditions on one field: of its scalar, or of the parts of a composite.
pub(super) fn conditions(names: &Names, field: &Field) -> RefOr<Schema> {
    if !field.is_composite() {
        return schema_ref(&conditions_name(names, field.column().part.scalar));
    }
    let mut builder = closed_object().min_properties(Some(1));
    for column in &field.columns {
        if let Some(key) = column.part.key {
            let name = conditions_name(names, column.part.scalar);
            builder = builder.property(key, schema_ref(&name));
        }
    }
    builder.into()
}
