//! Which indexes the row conditions of rules ask for, so that a list under a rule begins at the rows that
//! fit and does not look through all.

use std::collections::BTreeSet;

use crate::{
    access::{Condition, Hop, Operand, Quantifier},
    catalog::{Catalog, Field, Subject, SystemField},
    field_type::Operator,
    id::FieldId,
};

/// What a condition asks for before the rows that fit can be found without the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexNeed {
    /// Nothing: most rows fit, so that those that come first in any order are soon found.
    Nothing,
    /// Nothing more: an index that is there leads to them.
    Served,
    /// These indexes.
    Indexes(BTreeSet<(Subject, FieldId)>),
    /// No index of a field would lead to them.
    Unserved,
}

impl IndexNeed {
    /// What a condition on rows of a type asks for.
    pub(crate) fn of(catalog: &Catalog, on: Subject, condition: &Condition) -> Self {
        let of = |on, condition| Self::of(catalog, on, condition);
        match condition {
            Condition::All(inner) => Self::least(inner.iter().map(|inner| of(on, inner))),
            Condition::Any(inner) => Self::sum(inner.iter().map(|inner| of(on, inner))),
            Condition::Compare {
                field,
                operator,
                operand,
                ..
            } => Self::of_comparison(catalog, (on, *field), (*operator, operand)),
            // References have an index, and so have both ends of links.
            Condition::Through { target, inner, .. } => of(Subject::Object(*target), inner),
            Condition::Members {
                hop,
                quantifier: Quantifier::Some,
                link,
                inner,
                ..
            } => {
                let of_member = match Self::member(catalog, *hop) {
                    Some(member) => of(member, inner),
                    None => Self::Unserved,
                };
                let of_link = match hop {
                    Hop::Relation(relation, _) => of(Subject::Relation(*relation), link),
                    Hop::Inverse(_) => Self::Nothing,
                };
                Self::least([of_member, of_link].into_iter())
            }
            Condition::Tree(_) | Condition::Shared(_) => Self::Served,
            Condition::Not(_) | Condition::Members { .. } => Self::Nothing,
            Condition::Count { .. } => Self::Unserved,
        }
    }

    fn of_comparison(
        catalog: &Catalog,
        (on, id): (Subject, FieldId),
        (operator, operand): (Operator, &Operand),
    ) -> Self {
        use Operator as O;
        match operator {
            O::Neq | O::Nin => return Self::Nothing,
            O::IsNull if *operand == Operand::Flag(false) => return Self::Nothing,
            O::Eq | O::Lt | O::Lte | O::Gt | O::Gte | O::Between | O::In | O::IsNull => {}
            O::Contains
            | O::StartsWith
            | O::EndsWith
            | O::Ieq
            | O::Icontains
            | O::IstartsWith
            | O::IendsWith
            | O::Has
            | O::HasAny
            | O::HasAll
            | O::Within
            | O::Box
            | O::DescendantsOf
            | O::DescendantsOrSelfOf
            | O::AncestorsOf
            | O::AncestorsOrSelfOf => return Self::Unserved,
        }
        match catalog.find_field(on, id) {
            Some(field) if is_served(field) => Self::Served,
            Some(field) if can_be_served(field) => Self::Indexes(BTreeSet::from([(on, id)])),
            Some(_) | None => Self::Unserved,
        }
    }

    /// Where all must hold, the one that asks for least leads to the rows.
    fn least(all: impl Iterator<Item = Self>) -> Self {
        let weight = |need: &Self| match need {
            Self::Served => 0,
            Self::Indexes(fields) => fields.len(),
            Self::Unserved => usize::MAX - 1,
            Self::Nothing => usize::MAX,
        };
        all.min_by_key(weight).unwrap_or(Self::Nothing)
    }

    /// Where one must hold, each asks for its own.
    fn sum(all: impl Iterator<Item = Self>) -> Self {
        all.reduce(|one, other| match (one, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Unserved, _) | (_, Self::Unserved) => Self::Unserved,
            (Self::Served, other) | (other, Self::Served) => other,
            (Self::Indexes(one), Self::Indexes(other)) => Self::Indexes(&one | &other),
        })
        .unwrap_or(Self::Served)
    }

    fn member(catalog: &Catalog, hop: Hop) -> Option<Subject> {
        match hop {
            Hop::Inverse(field) => {
                let (object, _) = catalog.find_reference(field)?;
                Some(Subject::Object(object.id))
            }
            Hop::Relation(id, direction) => {
                let far = catalog.find_relation(id)?.far(direction).object?;
                Some(Subject::Object(far))
            }
        }
    }
}

/// Whether an index begins with the field.
fn is_served(field: &Field) -> bool {
    let is_system = matches!(
        field.system,
        Some(SystemField::Id | SystemField::OwnerId | SystemField::ValidUntil)
    );
    is_system || field.unique || field.has_index()
}

fn can_be_served(field: &Field) -> bool {
    field.system.is_none() && !field.is_virtual() && field.definition.can_have_index()
}
