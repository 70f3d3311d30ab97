//! The filter operators and the scalar types that decide which of them a field has.

/// The type of one part of a field as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scalar {
    /// Free text.
    Text,
    /// One of a field's options.
    Choice,
    /// Several of a field's options.
    ChoiceSet,
    /// A list of free texts.
    TextList,
    /// A whole number, a JSON number.
    Int,
    /// A whole number of 64 bits, a JSON string.
    BigInt,
    /// An exact decimal, a JSON string.
    Decimal,
    /// A floating point number of 64 bits, a JSON number.
    Float,
    /// True or false.
    Boolean,
    /// A calendar day.
    Date,
    /// An instant.
    DateTime,
    /// A time of day.
    Time,
    /// A length of time.
    Duration,
    /// The id of a record or another UUID.
    Id,
    /// Any JSON.
    Json,
    /// A text that can be written but not read: true where there is one.
    Secret,
}

impl Scalar {
    /// Whether people can read a value as it is.
    pub fn reads_as_text(self) -> bool {
        match self {
            Self::Text
            | Self::Choice
            | Self::Int
            | Self::BigInt
            | Self::Decimal
            | Self::Float
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::Duration => true,
            Self::ChoiceSet
            | Self::TextList
            | Self::Boolean
            | Self::Id
            | Self::Json
            | Self::Secret => false,
        }
    }

    /// All scalars, for the faces that make a type of each.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::Choice,
        Self::ChoiceSet,
        Self::TextList,
        Self::Int,
        Self::BigInt,
        Self::Decimal,
        Self::Float,
        Self::Boolean,
        Self::Date,
        Self::DateTime,
        Self::Time,
        Self::Duration,
        Self::Id,
        Self::Json,
        Self::Secret,
    ];

    /// The operators that a filter may use on this scalar.
    pub fn operators(self) -> &'static [Operator] {
        use Operator as O;
        match self {
            Self::Text => &[
                O::Eq,
                O::Neq,
                O::Lt,
                O::Lte,
                O::Gt,
                O::Gte,
                O::Between,
                O::In,
                O::Nin,
                O::IsNull,
                O::Contains,
                O::StartsWith,
                O::EndsWith,
                O::Ieq,
                O::Icontains,
                O::IstartsWith,
                O::IendsWith,
            ],
            Self::Int
            | Self::BigInt
            | Self::Decimal
            | Self::Float
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::Duration => &[
                O::Eq,
                O::Neq,
                O::Lt,
                O::Lte,
                O::Gt,
                O::Gte,
                O::Between,
                O::In,
                O::Nin,
                O::IsNull,
            ],
            Self::Choice => &[O::Eq, O::Neq, O::In, O::Nin, O::IsNull],
            Self::Id => &[
                O::Eq,
                O::Neq,
                O::In,
                O::Nin,
                O::IsNull,
                O::Lt,
                O::Lte,
                O::Gt,
                O::Gte,
            ],
            Self::Boolean => &[O::Eq, O::Neq, O::IsNull],
            Self::ChoiceSet | Self::TextList => &[O::Has, O::HasAny, O::HasAll, O::IsNull],
            Self::Json | Self::Secret => &[O::IsNull],
        }
    }

    /// Whether of two values one is less, in a sense that people know.
    pub fn is_ordered(self) -> bool {
        self != Self::Id && self.operators().contains(&Operator::Lt)
    }

    /// Whether records can be sorted by this scalar.
    pub fn is_sortable(self) -> bool {
        !matches!(
            self,
            Self::ChoiceSet | Self::TextList | Self::Json | Self::Secret
        )
    }

    /// Whether a value is a list of texts.
    pub fn is_list(self) -> bool {
        matches!(self, Self::ChoiceSet | Self::TextList)
    }
}

/// A filter operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal; a record without a value matches, as it does for `not: {eq}`.
    Neq,
    /// Less than.
    Lt,
    /// Less than or equal.
    Lte,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Gte,
    /// Between two values, both included.
    Between,
    /// One of a list; an empty list matches nothing.
    In,
    /// None of a list; a record without a value matches.
    Nin,
    /// Has no value (true) or has one (false).
    IsNull,
    /// Contains a text.
    Contains,
    /// Starts with a text.
    StartsWith,
    /// Ends with a text.
    EndsWith,
    /// Equal in any case (ASCII letters).
    Ieq,
    /// Contains in any case (ASCII letters).
    Icontains,
    /// Starts with in any case (ASCII letters).
    IstartsWith,
    /// Ends with in any case (ASCII letters).
    IendsWith,
    /// The set has this option.
    Has,
    /// The set has one of these options.
    HasAny,
    /// The set has all of these options.
    HasAll,
    /// The place lies within a distance of another.
    Within,
    /// The place lies between two latitudes and two longitudes.
    Box,
    /// The record lies below another one in a tree.
    DescendantsOf,
    /// The record lies below another one in a tree, or is that one.
    DescendantsOrSelfOf,
    /// The record lies above another one in a tree.
    AncestorsOf,
    /// The record lies above another one in a tree, or is that one.
    AncestorsOrSelfOf,
}

/// What an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandShape {
    /// One value.
    One,
    /// A list of values.
    Many,
    /// A list of exactly two values.
    Pair,
    /// True or false.
    Flag,
    /// A centre and a radius in metres.
    Circle,
    /// Two latitudes and two longitudes.
    Box,
}

const NAMES: &[(Operator, &str)] = &[
    (Operator::Eq, "eq"),
    (Operator::Neq, "neq"),
    (Operator::Lt, "lt"),
    (Operator::Lte, "lte"),
    (Operator::Gt, "gt"),
    (Operator::Gte, "gte"),
    (Operator::Between, "between"),
    (Operator::In, "in"),
    (Operator::Nin, "nin"),
    (Operator::IsNull, "isNull"),
    (Operator::Contains, "contains"),
    (Operator::StartsWith, "startsWith"),
    (Operator::EndsWith, "endsWith"),
    (Operator::Ieq, "ieq"),
    (Operator::Icontains, "icontains"),
    (Operator::IstartsWith, "istartsWith"),
    (Operator::IendsWith, "iendsWith"),
    (Operator::Has, "has"),
    (Operator::HasAny, "hasAny"),
    (Operator::HasAll, "hasAll"),
    (Operator::Within, "within"),
    (Operator::Box, "box"),
    (Operator::DescendantsOf, "descendantsOf"),
    (Operator::DescendantsOrSelfOf, "descendantsOrSelfOf"),
    (Operator::AncestorsOf, "ancestorsOf"),
    (Operator::AncestorsOrSelfOf, "ancestorsOrSelfOf"),
];

impl Operator {
    /// Those on the id that a reference to one type holds.
    pub const ON_REFERENCES: &[Self] = &[Self::Eq, Self::Neq, Self::In, Self::Nin, Self::IsNull];

    /// Those that ask for a place in a tree; references that make one have them.
    pub const IN_TREES: &[Self] = &[
        Self::DescendantsOf,
        Self::DescendantsOrSelfOf,
        Self::AncestorsOf,
        Self::AncestorsOrSelfOf,
    ];

    /// The operator with this name.
    pub fn find(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(operator, _)| *operator)
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(operator, _)| *operator == self)
            .map_or("", |(_, name)| name)
    }

    /// Whether the operand is searched for in a text.
    pub fn is_pattern(self) -> bool {
        matches!(
            self,
            Self::Contains
                | Self::StartsWith
                | Self::EndsWith
                | Self::Ieq
                | Self::Icontains
                | Self::IstartsWith
                | Self::IendsWith
        )
    }

    /// What the operator takes.
    pub fn operand(self) -> OperandShape {
        match self {
            Self::In | Self::Nin | Self::HasAny | Self::HasAll => OperandShape::Many,
            Self::Between => OperandShape::Pair,
            Self::IsNull => OperandShape::Flag,
            Self::Within => OperandShape::Circle,
            Self::Box => OperandShape::Box,
            Self::Eq
            | Self::Neq
            | Self::Lt
            | Self::Lte
            | Self::Gt
            | Self::Gte
            | Self::Contains
            | Self::StartsWith
            | Self::EndsWith
            | Self::Ieq
            | Self::Icontains
            | Self::IstartsWith
            | Self::IendsWith
            | Self::Has
            | Self::DescendantsOf
            | Self::DescendantsOrSelfOf
            | Self::AncestorsOf
            | Self::AncestorsOrSelfOf => OperandShape::One,
        }
    }
}
