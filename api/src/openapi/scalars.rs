//! Schemas of values and of the conditions that a filter may put on them.

use std::collections::HashSet;

use schema::{
    access::{Partly, Surface},
    catalog::{Column, Field},
    field_type::{Limits, OperandShape, Operator, Pattern, Presence, Scalar, Settings},
};
use serde_json::{Value as Json, json};
use utoipa::{
    Number,
    openapi::{
        Components, ObjectBuilder, RefOr, Schema, Type,
        schema::{ArrayBuilder, KnownFormat, SchemaFormat, SchemaType},
    },
};

use super::parts::{Names, array_of, closed_object, plain, schema_ref};

/// Formats of JSON Schema that texts of some field types have.
const TEXT_FORMATS: &[(&str, &str)] = &[("email", "email"), ("url", "uri")];

const TIME: &str = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?$";
const DURATION: &str = "^-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?$";

/// The name of the schema of the conditions on a scalar.
pub(super) fn conditions_name(names: &Names, scalar: Scalar) -> String {
    names.fixed(&format!("{scalar:?}Conditions"))
}

/// The name of the schema of the conditions on the id that a reference holds: it has no order.
pub(super) fn reference_conditions_name(names: &Names) -> String {
    names.fixed("ReferenceConditions")
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
    let schemas = &mut components.schemas;
    for scalar in Scalar::ALL.iter().filter(|scalar| used.contains(scalar)) {
        let conditions = conditions_of(*scalar, scalar.operators());
        schemas.insert(conditions_name(names, *scalar), conditions);
    }
    let mut fields = surface.objects.iter().flat_map(|it| &it.readable).flatten();
    if fields.any(|field| field.target().is_some()) {
        let conditions = conditions_of(Scalar::Id, Operator::ON_REFERENCES);
        schemas.insert(reference_conditions_name(names), conditions);
    }
}

fn conditions_of(scalar: Scalar, operators: &[Operator]) -> RefOr<Schema> {
    let builder = closed_object()
        .description(Some("Conditions on a field; all of them must hold."))
        .min_properties(Some(1));
    let operators = operators.iter();
    operators
        .fold(builder, |builder, operator| {
            builder.property(operator.name(), operand(scalar, *operator))
        })
        .into()
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
        OperandShape::Circle => circle().into(),
        OperandShape::Box => ["south", "west", "north", "east"]
            .into_iter()
            .fold(closed_object(), with_number)
            .description(Some(
                "In degrees; where west is greater than east, across the antimeridian.",
            ))
            .into(),
    }
}

fn circle() -> ObjectBuilder {
    let degrees = ["latitude", "longitude"].into_iter();
    let center = degrees.fold(closed_object(), with_number);
    with_number(closed_object(), "radius")
        .property("center", center)
        .required("center")
        .description(Some("The radius is in metres."))
}

fn with_number(builder: ObjectBuilder, name: &str) -> ObjectBuilder {
    builder.property(name, plain(Type::Number)).required(name)
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
        Scalar::Text | Scalar::TextList | Scalar::Choice | Scalar::ChoiceSet => plain(Type::String),
        Scalar::Int => {
            plain(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        }
        Scalar::BigInt => plain(Type::String).pattern(Some("^-?[0-9]{1,19}$")),
        Scalar::Decimal => plain(Type::String).pattern(Some("^-?[0-9]+(\\.[0-9]+)?$")),
        Scalar::Float => {
            plain(Type::Number).format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        }
        Scalar::Boolean | Scalar::Secret => plain(Type::Boolean),
        Scalar::Date => known(KnownFormat::Date),
        Scalar::DateTime => known(KnownFormat::DateTime),
        // The formats of JSON Schema want a zone, and know neither fractions nor a sign.
        Scalar::Time => plain(Type::String).pattern(Some(TIME)),
        Scalar::Duration => plain(Type::String).pattern(Some(DURATION)),
        Scalar::Id => known(KnownFormat::Uuid),
        Scalar::Json => ObjectBuilder::new().schema_type(SchemaType::AnyValue),
    }
}

/// What a field holds, references aside.
pub(super) fn value(field: &Field, nullable: bool) -> RefOr<Schema> {
    // What is stored may be older than the field is required.
    let limits = Limits {
        min_length: field.value_type().1.min_length,
        ..field.limits(0)
    };
    within(field, nullable, &limits)
}

/// What a field holds that shows masked on some records: a text that keeps none of the limits of the field,
/// or null.
pub(super) fn masked(field: &Field, partly: &Partly) -> RefOr<Schema> {
    let masks: Vec<String> = partly
        .masks
        .iter()
        .map(|mask| format!("`{}`", mask.name()))
        .collect();
    let masks = masks.join(" or ");
    let about = if partly.sometimes {
        format!("On some records only masked ({masks}).")
    } else {
        format!("Only masked ({masks}).")
    };
    scalar_builder(field.column().part.scalar)
        .schema_type(with_null(Type::String, true))
        .description(Some(format!(
            "{}. {about}",
            description(field).trim_end_matches('.')
        )))
        .into()
}

/// A value of a field whose first part is bound by these limits.
fn within(field: &Field, nullable: bool, limits: &Limits) -> RefOr<Schema> {
    // A secret reads in another form than it is written in, and so does its example.
    let is_secret = field.column().part.scalar == Scalar::Secret;
    let example = if is_secret {
        Some(json!({"isSet": true}))
    } else if field.field_type.points_at_user() {
        field.example().map(|id| json!({"id": id}))
    } else {
        field.example()
    };
    let described = |builder: ObjectBuilder| -> RefOr<Schema> {
        builder
            .description(Some(description(field)))
            .examples(example)
            .into()
    };
    if !field.is_composite() {
        let column = field.column();
        if column.part.scalar.is_list() {
            return list(field, nullable, limits);
        }
        let (value_type, settings) = field.value_type();
        let mut builder = column_builder(column, (settings, limits), nullable);
        let known = TEXT_FORMATS
            .iter()
            .find(|(name, _)| *name == value_type.name());
        if let Some((_, format)) = known {
            builder = builder.format(Some(SchemaFormat::Custom((*format).to_owned())));
        }
        return described(builder);
    }
    let mut builder = closed_object().schema_type(with_null(Type::Object, nullable));
    for (at, column) in field.columns.iter().enumerate() {
        let Some(key) = column.part.key else { continue };
        let presence = column.part.presence;
        let optional = matches!(presence, Presence::Optional | Presence::Asked);
        let bounds = (&Settings::default(), &field.limits(at));
        let mut part = column_builder(column, bounds, optional);
        if matches!(presence, Presence::Derived | Presence::Asked) {
            part = part.read_only(true);
        }
        builder = builder.property(key, part);
        if presence == Presence::Required {
            builder = builder.required(key);
        }
    }
    described(builder)
}

/// What is sent of a field: what it holds, but for a secret, which is a text that is never read.
pub(super) fn written(field: &Field, nullable: bool) -> RefOr<Schema> {
    if field.column().part.scalar != Scalar::Secret {
        return within(field, nullable, &field.limits(0));
    }
    with_lengths(plain(Type::String), &field.limits(0))
        .schema_type(with_null(Type::String, nullable))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .write_only(true)
        .description(Some(description(field)))
        .examples(field.example())
        .into()
}

fn list(field: &Field, nullable: bool, limits: &Limits) -> RefOr<Schema> {
    let scalar = field.column().part.scalar;
    let item = if scalar == Scalar::ChoiceSet {
        plain(Type::String).enum_values(Some(options(&field.settings)))
    } else {
        with_lengths(plain(Type::String), limits).pattern(pattern(&field.settings))
    };
    let builder = ArrayBuilder::new()
        .schema_type(with_null(Type::Array, nullable))
        .items(item)
        .max_items(limits.max_items)
        .description(Some(description(field)))
        .examples(field.example());
    if scalar == Scalar::ChoiceSet {
        return builder.unique_items(true).into();
    }
    builder.into()
}

fn with_lengths(builder: ObjectBuilder, limits: &Limits) -> ObjectBuilder {
    let characters = |length: u32| length as usize;
    builder
        .min_length(limits.min_length.map(characters))
        .max_length(limits.max_length.map(characters))
}

fn pattern(settings: &Settings) -> Option<String> {
    settings.pattern.as_ref().map(Pattern::anchored)
}

fn with_bounds(builder: ObjectBuilder, limits: &Limits) -> ObjectBuilder {
    let number = |json: &Option<Json>| {
        let json = json.as_ref()?;
        let whole = json.as_i64().and_then(|it| isize::try_from(it).ok());
        let number = whole.map(Number::from);
        number.or_else(|| json.as_f64().map(Number::from))
    };
    builder
        .minimum(number(&limits.min))
        .maximum(number(&limits.max))
}

/// What a decimal of so many digits looks like, wherever more zeros stand.
fn decimal_pattern(limits: &Limits) -> Option<String> {
    let (precision, scale) = (limits.precision?, limits.scale?);
    let whole = match precision - scale {
        0 => "0+".to_owned(),
        digits => format!("0*[0-9]{{1,{digits}}}"),
    };
    let part = match scale {
        0 => "0+".to_owned(),
        digits => format!("[0-9]{{1,{digits}}}0*"),
    };
    Some(format!("^-?{whole}(\\.{part})?$"))
}

fn column_builder(
    column: &Column,
    (settings, limits): (&Settings, &Limits),
    nullable: bool,
) -> ObjectBuilder {
    let scalar = column.part.scalar;
    let builder = scalar_builder(scalar);
    let of = |of| with_null(of, nullable);
    match scalar {
        Scalar::Json => builder,
        Scalar::Int => with_bounds(builder, limits).schema_type(of(Type::Integer)),
        Scalar::Float => with_bounds(builder, limits).schema_type(of(Type::Number)),
        Scalar::Boolean | Scalar::Secret => builder.schema_type(of(Type::Boolean)),
        Scalar::Text => with_lengths(builder, limits)
            .pattern(pattern(settings))
            .schema_type(of(Type::String)),
        Scalar::Decimal => {
            let plain = builder.schema_type(of(Type::String));
            match decimal_pattern(limits) {
                Some(pattern) => plain.pattern(Some(pattern)),
                None => plain,
            }
        }
        Scalar::Choice if !settings.options.is_empty() => {
            let null = nullable.then_some(Json::Null);
            let values = options(settings).into_iter().chain(null);
            builder
                .enum_values(Some(values))
                .schema_type(of(Type::String))
        }
        Scalar::Choice
        | Scalar::ChoiceSet
        | Scalar::TextList
        | Scalar::BigInt
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::Time
        | Scalar::Duration
        | Scalar::Id => builder.schema_type(of(Type::String)),
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
    for operator in field.operators() {
        let of_whole = operand(field.column().part.scalar, *operator);
        builder = builder.property(operator.name(), of_whole);
    }
    for column in &field.columns {
        if let Some(key) = column.part.key {
            let name = conditions_name(names, column.part.scalar);
            builder = builder.property(key, schema_ref(&name));
        }
    }
    builder.into()
}
