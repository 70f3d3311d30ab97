//! The types of references to several types: an object with `id`, `type` and one member for each object
//! type that the caller may read, a filter of the same form, and one input for all.

use async_graphql::dynamic::{InputObject, Object, TypeRef};
use schema::{catalog::Field, field_type::Scalar};

use super::{
    InputDraft, ObjectDraft, Types,
    filters::with_reference_operators,
    input,
    names::{PointerNames, RecordNames, scalar_filter_name},
    output,
};

/// The objects in which such references are read.
pub(super) fn outputs(types: &mut Types<'_>) -> Vec<Object> {
    let mut objects = Vec::new();
    let mut all = pointers(types, |names| &names.object);
    all.extend(ends(types));
    for (field, names) in all {
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
        let draft = with_reference_operators(draft, "Compares the id of the record.");
        inputs.push(with_types(types, draft, field).object);
    }
    inputs
}

/// With the conditions on id and type, and on the records of each type.
pub(super) fn with_types(types: &Types<'_>, draft: InputDraft, field: &Field) -> InputDraft {
    let draft = draft
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
    let about = "It is of this type, and this holds.";
    by_type(types, draft, (field, about), |names| &names.filter)
}

/// With a member for each type, which is one of the inputs around that type.
pub(super) fn by_type(
    types: &Types<'_>,
    draft: InputDraft,
    (field, about): (&Field, &str),
    of: impl Fn(&RecordNames) -> &String,
) -> InputDraft {
    let targets = types.surface.targets(field).into_iter();
    targets.fold(draft, |draft, target| {
        let name = target.object.name.as_str();
        match types.names.record(target.object.id) {
            Some(names) => draft.field(input(name, TypeRef::named(of(names)), about), name),
            None => draft,
        }
    })
}

/// The input in which such references are written, when there are any.
pub(super) fn input_object(types: &Types<'_>) -> Option<InputObject> {
    let mut fields = super::all_fields(types.surface);
    if !fields.any(|field| field.is_polymorphic()) {
        let objects = types.surface.objects.iter();
        let mut collections = objects.flat_map(|object| &object.collections);
        collections.find(|collection| collection.pointer().is_some())?;
    }
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

/// The pointers to members of several types whose type has not been made yet.
fn ends<'a>(types: &mut Types<'a>) -> Vec<(&'a Field, &'a PointerNames)> {
    let (surface, names) = (types.surface, types.names);
    let collections = surface
        .objects
        .iter()
        .flat_map(|object| &object.collections);
    let pointers = collections.filter_map(|collection| {
        let pointer = collection.pointer()?;
        Some((pointer, names.pointer(pointer)?))
    });
    pointers
        .filter(|(_, names)| types.is_new(&names.object))
        .collect()
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
