//! Certain records that a condition names by their ids.

use crate::{
    access::{Condition, Operand, Quantifier},
    field_type::Operator,
    id::FieldId,
};

/// The comparisons of the id among the conditions that all must hold.
pub(super) fn ids_in(condition: &Condition) -> Vec<(Operator, &Operand)> {
    match condition {
        Condition::All(inner) => inner.iter().flat_map(ids_in).collect(),
        Condition::Compare {
            field,
            operator: operator @ (Operator::Eq | Operator::In),
            operand,
            visible: None,
            ..
        } if *field == FieldId::standard("system", "id") => {
            vec![(*operator, operand)]
        }
        Condition::Any(_)
        | Condition::Not(_)
        | Condition::Compare { .. }
        | Condition::Through { .. }
        | Condition::Members { .. }
        | Condition::Count { .. }
        | Condition::Tree(_)
        | Condition::Shared(_) => Vec::new(),
    }
}

/// Whether what fits hangs on a certain record, to which walks lead.
pub(super) fn names_a_record(condition: &Condition) -> bool {
    match condition {
        Condition::All(inner) => inner.iter().any(names_a_record),
        Condition::Through {
            inner,
            visible: None,
            ..
        }
        | Condition::Members {
            inner,
            quantifier: Quantifier::Some,
            ..
        } => names_a_record(inner),
        Condition::Compare { .. } => !ids_in(condition).is_empty(),
        Condition::Any(_)
        | Condition::Not(_)
        | Condition::Through { .. }
        | Condition::Members { .. }
        | Condition::Count { .. }
        | Condition::Tree(_)
        | Condition::Shared(_) => false,
    }
}
