//! The scalars and the other types that every schema has.

use async_graphql::dynamic::{Enum, EnumItem, InputObject, Object, Scalar, Type, TypeRef};
use schema::{
    access::Surface,
    field_type::{OperandShape, Operator, Scalar as FieldScalar},
};

use super::{
    InputDraft, input,
    names::{scalar_filter_name, scalar_name},
    output,
    roots::version_after,
};

/// The custom scalars: name, where it is specified, what it is.
const CUSTOM: &[(&str, Option<&str>, &str)] = &[
    (
        "BigInt",
        None,
        "A whole number of 64 bits, written as a string such as \"9007199254740993\".",
    ),
    (
        "Decimal",
        None,
        "An exact decimal number, written as a string such as \"12.50\".",
    ),
    (
        "Date",
        Some("https://scalars.graphql.org/andimarek/local-date"),
        "A calendar day, such as \"2026-11-21\".",
    ),
    (
        "DateTime",
        Some("https://scalars.graphql.org/andimarek/date-time"),
        "An instant (RFC 3339), answered in UTC with microseconds: \"2026-11-21T09:30:00.000000Z\".",
    ),
    (
        "Time",
        Some("https://scalars.graphql.org/andimarek/local-time"),
        "A time of day, such as \"09:30:00\".",
    ),
    (
        "Duration",
        None,
        "A length of time (ISO 8601) in hours, minutes and seconds, such as \"PT1H30M\".",
    ),
    (
        "JSON",
        Some("https://www.rfc-editor.org/rfc/rfc8259"),
        "Any JSON value.",
    ),
];

/// The types that every schema has.
pub(super) fn types(surface: &Surface) -> Vec<Type> {
    let mut types: Vec<Type> = CUSTOM
        .iter()
        .map(|(name, specified, description)| {
            let scalar = Scalar::new(*name).description(*description);
            match specified {
                Some(url) => scalar.specified_by_url(*url),
                None => scalar,
            }
            .into()
        })
        .collect();
    types.extend(FieldScalar::ALL.iter().map(|scalar| filter(*scalar).into()));
    types.extend(places().into_iter().map(Type::from));
    types.push(sort_direction().into());
    types.push(validity().into());
    types.push(page_info().into());
    types.push(removal_payload(surface).into());
    types
}

fn filter(scalar: FieldScalar) -> InputObject {
    let about = "Comparisons; all that are given must hold.";
    with_operators(InputDraft::new(scalar_filter_name(scalar), about), scalar).object
}

/// Adds the operators of a scalar.
pub(super) fn with_operators(draft: InputDraft, scalar: FieldScalar) -> InputDraft {
    with_operators_of(draft, scalar, scalar.operators())
}

/// Adds operators whose operands are of a scalar.
pub(super) fn with_operators_of(
    draft: InputDraft,
    scalar: FieldScalar,
    operators: &[Operator],
) -> InputDraft {
    let name = scalar_name(scalar);
    operators.iter().fold(draft, |draft, operator| {
        let of = match operator.operand() {
            OperandShape::One => TypeRef::named(name),
            OperandShape::Many | OperandShape::Pair => TypeRef::named_nn_list(name),
            OperandShape::Flag => TypeRef::named(TypeRef::BOOLEAN),
            OperandShape::Circle => TypeRef::named("GeoCircleInput"),
            OperandShape::Box => TypeRef::named("GeoBoxInput"),
        };
        draft.field(
            input(operator.name(), of, describe(*operator)),
            operator.name(),
        )
    })
}

pub(super) fn describe(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "Equal.",
        Operator::Neq => "Not equal; a record without a value matches.",
        Operator::Lt => "Less than.",
        Operator::Lte => "Less than or equal.",
        Operator::Gt => "Greater than.",
        Operator::Gte => "Greater than or equal.",
        Operator::Between => "Between two values, both included.",
        Operator::In => "One of a list; an empty list matches nothing.",
        Operator::Nin => "None of a list; a record without a value matches.",
        Operator::IsNull => "Has no value (true) or has one (false).",
        Operator::Contains => "Contains a text.",
        Operator::StartsWith => "Starts with a text.",
        Operator::EndsWith => "Ends with a text.",
        Operator::Ieq => "Equal in any case.",
        Operator::Icontains => "Contains in any case.",
        Operator::IstartsWith => "Starts with in any case.",
        Operator::IendsWith => "Ends with in any case.",
        Operator::Has => "Has this option.",
        Operator::HasAny => "Has one of these options.",
        Operator::HasAll => "Has all of these options.",
        Operator::Within => "Lies within a circle.",
        Operator::DescendantsOf => "Lies below this record in the tree.",
        Operator::DescendantsOrSelfOf => "Lies below this record in the tree, or is it.",
        Operator::AncestorsOf => "Lies above this record in the tree.",
        Operator::AncestorsOrSelfOf => "Lies above this record in the tree, or is it.",
        Operator::Box => "Lies in a box; where west is greater than east, across the antimeridian.",
    }
}

/// What places are compared with.
fn places() -> [InputObject; 3] {
    let degrees = |name: &str, about: &str| input(name, TypeRef::named_nn(TypeRef::FLOAT), about);
    let center = TypeRef::named_nn("GeoCenterInput");
    [
        InputObject::new("GeoCenterInput")
            .description("The middle of a circle, in degrees.")
            .field(degrees("latitude", ""))
            .field(degrees("longitude", "")),
        InputObject::new("GeoCircleInput")
            .description("All places within a distance of one.")
            .field(input("center", center, ""))
            .field(degrees("radius", "In metres.")),
        InputObject::new("GeoBoxInput")
            .description("All places between two latitudes and two longitudes, in degrees.")
            .field(degrees("south", ""))
            .field(degrees("west", ""))
            .field(degrees("north", ""))
            .field(degrees("east", "")),
    ]
}

fn sort_direction() -> Enum {
    Enum::new("SortDirection")
        .description("Records without a value come last either way.")
        .item(EnumItem::new("ASC").description("Least first."))
        .item(EnumItem::new("DESC").description("Greatest first."))
}

fn validity() -> Enum {
    Enum::new("Validity")
        .description("Which links, by the period for which they hold.")
        .item(EnumItem::new("CURRENT").description(
            "Those that hold on the day of the read: today, unless `asOf` tells another one.",
        ))
        .item(EnumItem::new("ALL").description("All, also those that are over or to come."))
}

fn page_info() -> Object {
    let flag = || TypeRef::named_nn(TypeRef::BOOLEAN);
    let cursor = || TypeRef::named(TypeRef::STRING);
    Object::new("PageInfo")
        .description("Where a page stands in its list.")
        .field(output(
            "hasNextPage",
            flag(),
            "Whether there are records after the page.",
        ))
        .field(output(
            "hasPreviousPage",
            flag(),
            "Whether there are records before the page.",
        ))
        .field(output(
            "startCursor",
            cursor(),
            "The cursor of the first record.",
        ))
        .field(output(
            "endCursor",
            cursor(),
            "The cursor of the last record.",
        ))
}

/// One for all types: its version is never null for those alone who read that of all that they may delete
/// or end.
fn removal_payload(surface: &Surface) -> Object {
    let shows_version = surface.objects.iter().all(|object| {
        let links = object.collections.iter();
        let mut links = links.filter_map(|collection| collection.relation.as_ref());
        (!object.deletable || object.always_shows_version())
            && links.all(|link| link.linkable.is_none() || link.always_shows_version())
    });
    Object::new("RemovalPayload")
        .description("What was deleted or ended.")
        .field(output(
            "id",
            TypeRef::named_nn(TypeRef::ID),
            "The id of the record or link.",
        ))
        .field(version_after(shows_version))
}
