//! What the columns of an entity can't say: labels, help texts, semantic types and options of the
//! standard types. The catalog in `schema` reads these beside the sea-orm `Column` enums. Data only,
//! nothing here looks at a database. System columns are left out: the catalog adds them to every type.

/// An object type that is shipped in code.
#[derive(Debug, Clone, Copy)]
pub struct ObjectDescription {
    /// API name: camelCase, singular.
    pub name: &'static str,
    /// API name of the collection: camelCase, plural.
    pub plural: &'static str,
    /// What people call one record.
    pub label: &'static str,
    /// What people call several records.
    pub plural_label: &'static str,
    /// What the type is for, in one sentence.
    pub description: &'static str,
    /// The column that names a record.
    pub title: &'static str,
    /// What people read of one record, with names of fields in braces; the title alone when absent.
    pub display_template: Option<&'static str>,
    /// The fields, in the order in which people want to see them.
    pub fields: &'static [FieldDescription],
}

/// A field of a standard object type or relation type.
#[derive(Debug, Clone, Copy)]
pub struct FieldDescription {
    /// The first physical column; money has two more, `<column>_currency` and
    /// `<column>__base`.
    pub column: &'static str,
    /// API name: camelCase.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What to put in, in one sentence.
    pub help: &'static str,
    /// The semantic type.
    pub kind: Kind,
}

/// The semantic type of a field.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One line of text.
    Text {
        /// The most characters that it may have.
        max_length: u32,
    },
    /// Text of several lines.
    LongText,
    /// An integer that JSON can hold as a number.
    Integer,
    /// A 64-bit integer, a string in JSON.
    BigInteger,
    /// An exact decimal number.
    Decimal {
        /// Digits in all, at most 18.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A fraction with six digits after the point: 0.15 is 15 %.
    Percent,
    /// An amount with four digits after the point, and its ISO 4217 code.
    Money,
    /// Yes or no.
    Boolean,
    /// A day of the calendar.
    Date,
    /// An instant.
    DateTime,
    /// One of the choices.
    Select(&'static [Choice]),
    /// Several of the choices.
    MultiSelect(&'static [Choice]),
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// Any JSON value.
    Json,
    /// A UUID without a meaning of its own here.
    Uuid,
    /// One record of another type.
    Reference {
        /// API name of the object type that it points at.
        target: &'static str,
        /// API name of the collection on the target.
        inverse: &'static str,
        /// Label of the collection on the target.
        inverse_label: &'static str,
        /// What the record is to the one that it points at.
        bond: Bond,
    },
}

/// What a record is to the one that a reference points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// Something of its own.
    Loose,
    /// A part, which goes with it.
    Part,
    /// What is below it in a tree.
    Tree,
}

/// One option of a select field.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The stored value: camelCase.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
}

/// A relation type that is shipped in code.
#[derive(Debug, Clone, Copy)]
pub struct RelationDescription {
    /// API name: camelCase.
    pub name: &'static str,
    /// API name of the object type at the source.
    pub source: &'static str,
    /// API name of the object type at the target.
    pub target: &'static str,
    /// API name of the collection on the source.
    pub forward: &'static str,
    /// Label of the collection on the source.
    pub forward_label: &'static str,
    /// API name of the collection on the target.
    pub reverse: &'static str,
    /// Label of the collection on the target.
    pub reverse_label: &'static str,
    /// What people call one link.
    pub label: &'static str,
    /// What a link says, in one sentence.
    pub description: &'static str,
    /// The fields that a link has of its own.
    pub fields: &'static [FieldDescription],
}
