//! Inputs of writes: new records, patches, links.

use std::sync::Arc;

use async_graphql::dynamic::{InputObject, TypeRef};
use schema::catalog::Field;

use super::{
    InputDraft, Types, about,
    aliases::named,
    input,
    names::{TypeNames, is_composite, scalar_name},
    sets::with_sets,
};
use schema::field_type::{Presence, Scalar};

/// Adds the inputs that the mutations of the surface take.
pub(super) fn add(types: &mut Types<'_>) {
    let (surface, names) = (types.surface, types.names);
    let mut inputs: Vec<InputObject> = Vec::new();
    for object in &surface.objects {
        let Some(record) = names.record(object.object.id) else {
            continue;
        };
        let creates = object.creatable.as_deref().unwrap_or_default();
        let create = values(names, &record.input, creates, true);
        let updates = object.updatable.as_deref().unwrap_or_default();
        let update = values(names, &record.patch, updates, false);
        for draft in [create, update].into_iter().flatten() {
            inputs.push(with_sets(types, object, draft).object);
        }
        for collection in &object.collections {
            let Some(side) = &collection.relation else {
                continue;
            };
            let (Some(linkable), Some(link)) = (&side.linkable, names.link(side.relation.id))
            else {
                continue;
            };
            if types.is_new(&link.input) {
                let create = values(names, &link.input, linkable, true);
                let update = values(names, &link.patch, linkable, false);
                let drafts = [create, update].into_iter().flatten();
                inputs.extend(drafts.map(|draft| draft.object));
            }
        }
    }
    inputs.extend(super::sets::inputs(types));
    inputs.extend(composites(types));
    inputs.extend(super::pointers::input_object(types));
    for one in inputs {
        types.add(one);
    }
}

/// An input of these fields; `None` when there are none, since GraphQL knows no empty inputs.
fn values(names: &TypeNames, name: &str, fields: &[Arc<Field>], whole: bool) -> Option<InputDraft> {
    let description = if whole {
        "The fields of a new record or link."
    } else {
        "The fields to change: what is absent stays, null clears."
    };
    let draft = with_values(names, InputDraft::new(name, description), fields, whole);
    (!draft.is_empty()).then_some(draft)
}

/// Adds these fields to an input; in one of a whole record those that are required must be given.
pub(super) fn with_values(
    names: &TypeNames,
    draft: InputDraft,
    fields: &[Arc<Field>],
    whole: bool,
) -> InputDraft {
    fields.iter().fold(draft, |draft, field| {
        named(&field.name, &field.aliases).fold(draft, |draft, name| {
            // A document may send it by an old name: then none of its names must be there.
            let required = whole && is_required(field) && field.aliases.is_empty();
            match value_type(names, field, required) {
                Some(of) => {
                    let value = input(name.text(), of, &about(field));
                    draft.field(name.mark_input(value), name.text())
                }
                None => draft,
            }
        })
    })
}

/// Whether a new record must bring the field.
pub(super) fn is_required(field: &Field) -> bool {
    field.required && !field.has_default() && field.system.is_none()
}

fn value_type(names: &TypeNames, field: &Field, required: bool) -> Option<TypeRef> {
    let scalar = field.column().part.scalar;
    let name = if field.is_polymorphic() {
        names.pointer_input()
    } else if scalar == Scalar::Secret {
        TypeRef::STRING
    } else if field.is_composite() {
        names.composite(field)?.input.as_str()
    } else {
        scalar_name(scalar)
    };
    Some(match (scalar.is_list(), required) {
        (true, true) => TypeRef::named_nn_list_nn(name),
        (true, false) => TypeRef::named_nn_list(name),
        (false, true) => TypeRef::named_nn(name),
        (false, false) => TypeRef::named(name),
    })
}

fn composites(types: &mut Types<'_>) -> Vec<InputObject> {
    let (surface, names) = (types.surface, types.names);
    let mut inputs = Vec::new();
    let composites = super::all_fields(surface).filter(|field| is_composite(field));
    for field in composites.filter(|field| field.column().part.scalar != Scalar::Secret) {
        let Some(composite) = names.composite(field) else {
            continue;
        };
        if !types.is_new(&composite.input) {
            continue;
        }
        let draft = InputDraft::new(&composite.input, "A value of several parts.");
        let draft = field.columns.iter().fold(draft, |draft, column| {
            let name = scalar_name(column.part.scalar);
            match (column.part.key, column.part.presence) {
                (None, _) | (_, Presence::Derived | Presence::Asked) => draft,
                (Some(key), Presence::Required) => {
                    draft.field(input(key, TypeRef::named_nn(name), ""), key)
                }
                (Some(key), Presence::Optional) => {
                    draft.field(input(key, TypeRef::named(name), ""), key)
                }
            }
        });
        inputs.push(draft.object);
    }
    inputs
}
