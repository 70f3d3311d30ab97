//! The types of references to several types: an object with `id`, `type` and one member for each object
//! type that the caller may read, a filter of the same form, and one input for all.

use async_graphql::dynamic::{InputObject, Object, TypeRef};
use schema::{catalog::Field, field_type::Scalar};

use super::{
    InputDraft, ObjectDraft, Types,
    filters::with_reference_operators,
    input,
    names::{PointerNames, scalar_filter_name},
    output,
};

/// The objects in which such references are read.
pub(super) fn outputs(types: &mut Types<'_>) -> Vec<Object> {
    let mut objects = Vec::new();
    for (field, names) in pointers(types, |names| &names.object) {
        let about = "A record of one of several types.";
        let draft = ObjectDraft::new(&names.object, about)
            .field("id", || {
                output(
                    "id",
                    TypeRef::named_nn(TypeRef::ID),
                    "The id of the record.",
                )
            })
            .field("type", || {
                let of = TypeRef::named_nn(TypeRef::STRING);
                output("type", of, "The name of its object type.")
            });
        let targets = types.surface.targets(field).into_iter();
        let draft = targets.fold(draft, |draft, target| {
            let name = target.object.name.as_str();
            match types.names.record(target.object.id) {
                Some(of) => draft.field(name, || {
                    let about = "The record, or null when it is of another type.";
                    output(name, TypeRef::named(&of.record), about)
                }),
                None => draft,
            }
        });
        objects.push(draft.object);
    }
    objects
}

/// The filters on such references.
pub(super) fn filters(types: &mut Types<'_>) -> Vec<InputObject> {
    let mut inputs = Vec::new();
    for (field, names) in pointers(types, |names| &names.filter) {
        let about = "What a reference points at; all that is given must hold.";
        let draft = InputDraft::new(&names.filter, about);
        let draft = with_reference_operators(draft, "Compares the id of the record.")
            .field(
                input("id", TypeRef::named(scalar_filter_name(Scalar::Id)), ""),
                "id",
            )
            .field(
                input(
                    "type",
                    TypeRef::named(scalar_filter_name(Scalar::Choice)),
                    "",
                ),
                "type",
            );
        let targets = types.surface.targets(field).into_iter();
        let draft = targets.fold(draft, |draft, target| {
            let name = target.object.name.as_str();
            match types.names.record(target.object.id) {
                Some(of) => {
                    let about = "It is of this type, and this holds.";
                    draft.field(input(name, TypeRef::named(&of.filter), about), name)
                }
                None => draft,
            }
        });
        inputs.push(draft.object);
    }
    inputs
}

/// The input in which such references are written, when there are any.
pub(super) fn input_object(types: &Types<'_>) -> Option<InputObject> {
    let mut fields = super::all_fields(types.surface);
    fields.find(|field| field.is_polymorphic())?;
    let draft = InputDraft::new(
        types.names.pointer_input(),
        "A record of one of several types.",
    )
    .field(
        input(
            "type",
            TypeRef::named_nn(TypeRef::STRING),
            "The name of its object type.",
        ),
        "type",
    )
    .field(
        input(
            "id",
            TypeRef::named_nn(TypeRef::ID),
            "The id of the record.",
        ),
        "id",
    );
    Some(draft.object)
}

/// The readable references to several types whose type of a kind has not been made yet.
fn pointers<'a>(
    types: &mut Types<'a>,
    kind: impl Fn(&PointerNames) -> &String,
) -> Vec<(&'a Field, &'a PointerNames)> {
    let mut found = Vec::new();
    let (surface, names) = (types.surface, types.names);
    for object in &surface.objects {
        for field in object.readable.iter().flatten() {
            let pointer = names.pointer(field).filter(|_| field.is_polymorphic());
            if let Some(pointer) = pointer
                && types.is_new(kind(pointer))
            {
                found.push((&**field, pointer));
            }
        }
    }
    found
}
