//! Masks of what is computed: a computed field follows the masks of what it is computed of, or a formula would
//! read out what the mask beside it hides.

use std::collections::BTreeSet;

use crate::{
    access::{Action, Mask, Rule},
    catalog::{Catalog, FieldList},
    id::FieldId,
    plan::derivation::Derivations,
};

/// Masks the computed fields that the rules of a role show. Of the same record what counts is the rule itself; of
/// other records the role, which masks what one of its rules masks and none shows in full on all records. Other roles
/// don't count, so that a role more never shows less.
pub(super) fn follow_masks(catalog: &Catalog, derivations: &Derivations, rules: &mut [Rule]) {
    let masked = masked_only(catalog, rules);
    for rule in rules.iter_mut().filter(|rule| reads(rule)) {
        let fields = rule
            .subject
            .and_then(|id| catalog.find_subject_by_id(id))
            .and_then(|subject| catalog.subject_fields(subject));
        // A rule on everything masks nothing, and shows all fields of all types in full.
        let Some(fields) = fields else {
            continue;
        };
        let shown = fields.iter().map(|field| field.id).filter(|id| {
            rule.fields.contains(*id)
                && !rule.masks.contains_key(id)
                && derivations.find(*id).is_some()
        });
        let hidden = shown.filter(|id| {
            let inputs = derivations.inputs_of(*id);
            let mut inputs = inputs.iter();
            inputs.any(|(input, is_elsewhere)| {
                if *is_elsewhere {
                    masked.contains(input)
                } else {
                    rule.masks.contains_key(input)
                }
            })
        });
        let hidden: Vec<FieldId> = hidden.collect();
        for id in hidden {
            rule.masks.insert(id, Mask::Null);
        }
    }
}

/// The fields that the rules of a role mask, and that none of them shows in full on all records.
fn masked_only(catalog: &Catalog, rules: &[Rule]) -> BTreeSet<FieldId> {
    let reading = || rules.iter().filter(|rule| reads(rule));
    let mut masked: BTreeSet<FieldId> = reading()
        .flat_map(|rule| rule.masks.keys().copied())
        .collect();
    masked.retain(|field| {
        let shows = |rule: &Rule| {
            rule.condition.is_none()
                && rule.fields.contains(*field)
                && !rule.masks.contains_key(field)
                && is_on(catalog, rule, *field)
        };
        !reading().any(shows)
    });
    masked
}

fn reads(rule: &Rule) -> bool {
    rule.action == Action::Read
}

/// Whether a rule is on the type that has a field.
fn is_on(catalog: &Catalog, rule: &Rule, field: FieldId) -> bool {
    let Some(subject) = rule.subject else {
        return true;
    };
    let subject = catalog.find_subject_by_id(subject);
    let fields: Option<&FieldList> = subject.and_then(|subject| catalog.subject_fields(subject));
    fields.is_some_and(|fields| fields.find_by_id(field).is_some())
}
