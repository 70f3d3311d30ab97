//! Constructors of [`FieldDescription`], one for each kind, so that a described field is one row.
//! All take the column, the API name, the label and the help text in this order.

use crate::description::{Bond, Choice, FieldDescription, Kind};

type Str = &'static str;

const fn field(column: Str, name: Str, label: Str, help: Str, kind: Kind) -> FieldDescription {
    FieldDescription {
        column,
        name,
        label,
        help,
        kind,
    }
}

/// Describes a field for one line of text.
pub const fn text(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    max_length: u32,
) -> FieldDescription {
    field(column, name, label, help, Kind::Text { max_length })
}

/// Describes a field for text of several lines.
pub const fn long_text(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::LongText)
}

/// Describes an integer field.
pub const fn integer(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Integer)
}

/// Describes a 64-bit integer field.
pub const fn big_integer(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::BigInteger)
}

/// Describes a percent field.
pub const fn percent(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Percent)
}

/// Describes a money field; `column` is the one of the amount.
pub const fn money(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Money)
}

/// Describes a yes-or-no field.
pub const fn boolean(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Boolean)
}

/// Describes a date field.
pub const fn date(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Date)
}

/// Describes a field for an instant.
pub const fn date_time(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::DateTime)
}

/// Describes an email field.
pub const fn email(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Email)
}

/// Describes a telephone field.
pub const fn phone(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Phone)
}

/// Describes a field for a web address.
pub const fn url(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Url)
}

/// Describes a JSON field.
pub const fn json(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Json)
}

/// Describes a UUID field.
pub const fn uuid(column: Str, name: Str, label: Str, help: Str) -> FieldDescription {
    field(column, name, label, help, Kind::Uuid)
}

/// Describes an exact decimal field: digits in all, digits after the point.
pub const fn decimal(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    (precision, scale): (u8, u8),
) -> FieldDescription {
    field(
        column,
        name,
        label,
        help,
        Kind::Decimal { precision, scale },
    )
}

/// Describes a field that holds one of the choices.
pub const fn select(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    choices: &'static [Choice],
) -> FieldDescription {
    field(column, name, label, help, Kind::Select(choices))
}

/// Describes a field that holds several of the choices.
pub const fn multi_select(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    choices: &'static [Choice],
) -> FieldDescription {
    field(column, name, label, help, Kind::MultiSelect(choices))
}

/// Describes a reference; `collection` is the target type, then name and label of the collection there.
pub const fn reference(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    collection: [Str; 3],
) -> FieldDescription {
    field(column, name, label, help, pointing(collection, Bond::Loose))
}

/// Describes a reference to what the record is a part of.
pub const fn part_of(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    collection: [Str; 3],
) -> FieldDescription {
    field(column, name, label, help, pointing(collection, Bond::Part))
}

/// Describes a reference to what is above the record in a tree.
pub const fn below(
    column: Str,
    name: Str,
    label: Str,
    help: Str,
    collection: [Str; 3],
) -> FieldDescription {
    field(column, name, label, help, pointing(collection, Bond::Tree))
}

const fn pointing([target, inverse, inverse_label]: [Str; 3], bond: Bond) -> Kind {
    Kind::Reference {
        target,
        inverse,
        inverse_label,
        bond,
    }
}

/// An option of a select field.
pub const fn choice(name: Str, label: Str) -> Choice {
    Choice { name, label }
}
