//! Lookups: a field of the record that a reference points at, named as a field of the record itself.
//! It is resolved to the way that it stands for, so that both hops have their grants.

use crate::{
    access::{Condition, Operand, ReadableField},
    catalog::Lookup,
    field_type::Operator,
    plan::{
        read::{At, Planner},
        selection::Builder,
    },
};

impl Planner<'_> {
    /// Where a field is really read. A lookup is followed; all others stay where they are. `None` when
    /// the way is hidden.
    pub(in crate::plan) fn followed(
        &mut self,
        builder: &mut Builder,
        at: At,
        readable: ReadableField,
    ) -> Option<(At, ReadableField)> {
        let Some(lookup) = readable.field.lookup.clone() else {
            return Some((at, readable));
        };
        let via = ReadableField {
            field: lookup.via,
            visibility: readable.visibility,
            masked: Vec::new(),
        };
        let joined = self.join(builder, at, via)?;
        let shown = builder.grant_at(joined).field(lookup.field.name.as_str())?;
        Some((joined, shown))
    }
}

/// A condition on the field that a lookup shows as one on the record that has the lookup. A record
/// without a target has no value there, which `neq`, `nin` and `isNull` match.
pub(in crate::plan) fn through(
    lookup: &Lookup,
    visible: Option<&Condition>,
    rows: &Condition,
    inner: Condition,
) -> Condition {
    let through = |inner: Condition| Condition::Through {
        field: lookup.via.id,
        target: lookup.target,
        visible: visible.cloned().map(Box::new),
        inner: Box::new(rows.clone().and(inner)),
    };
    let each = |all: Vec<Condition>| {
        let all = all.into_iter();
        all.map(|one| self::through(lookup, visible, rows, one))
            .collect()
    };
    match inner {
        Condition::All(all) => Condition::All(each(all)),
        Condition::Any(any) => Condition::Any(each(any)),
        Condition::Not(inner) => {
            Condition::Not(Box::new(self::through(lookup, visible, rows, *inner)))
        }
        Condition::Compare {
            field,
            part,
            operator,
            operand,
            visible,
        } => {
            let positive = match (operator, &operand) {
                (Operator::Neq, _) => Some((Operator::Eq, operand.clone())),
                (Operator::Nin, _) => Some((Operator::In, operand.clone())),
                (Operator::IsNull, Operand::Flag(true)) => {
                    Some((Operator::IsNull, Operand::Flag(false)))
                }
                (_, _) => None,
            };
            let negated = positive.is_some();
            let (operator, operand) = positive.unwrap_or((operator, operand));
            let compared = through(Condition::Compare {
                field,
                part,
                operator,
                operand,
                visible,
            });
            if negated {
                Condition::Not(Box::new(compared))
            } else {
                compared
            }
        }
        other @ (Condition::Through { .. }
        | Condition::Members { .. }
        | Condition::Count { .. }
        | Condition::Tree(_)
        | Condition::Shared(_)) => through(other),
    }
}
