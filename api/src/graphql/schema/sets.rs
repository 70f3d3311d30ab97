//! Changes of whole collections in the inputs of records. Their JSON is that of REST.

use async_graphql::dynamic::{InputObject, InputValue, TypeRef};
use schema::access::{SurfaceCollection, SurfaceObject};

use super::{InputDraft, Types, aliases::named, input, inputs};

/// Adds the collections that the caller may change to an input of a record.
pub(super) fn with_sets(
    types: &Types<'_>,
    object: &SurfaceObject,
    draft: InputDraft,
) -> InputDraft {
    let collections = object.collections.iter();
    let settable = collections.filter(|it| types.surface.is_settable(it));
    settable.fold(draft, |draft, collection| {
        let Some(of) = set_name(types, collection) else {
            return draft;
        };
        let one = &collection.collection;
        named(&one.name, &one.aliases).fold(draft, |draft, name| {
            let value = input(name.text(), TypeRef::named(of), &one.label);
            draft.field(name.mark_input(value), name.text())
        })
    })
}

fn set_name<'a>(types: &'a Types<'_>, collection: &SurfaceCollection) -> Option<&'a str> {
    match &collection.relation {
        Some(side) => Some(&types.names.link(side.relation.id)?.set),
        None => Some("MemberSet"),
    }
}

/// The inputs of the changes, each once.
pub(super) fn inputs(types: &mut Types<'_>) -> Vec<InputObject> {
    let surface = types.surface;
    let mut made = Vec::new();
    let all = surface.objects.iter().flat_map(|it| &it.collections);
    for collection in all.filter(|it| surface.is_settable(it)) {
        let Some(side) = &collection.relation else {
            if types.is_new("MemberSet") {
                made.push(set("MemberSet", "MemberItem", TypeRef::ID));
                let about = "A record to be a member.";
                let draft = InputDraft::new("MemberItem", about).field(item_id(), "id");
                let member = "Where it goes; in ordered collections alone.";
                made.push(draft.field(position(member), "position").object);
                made.extend(position_input(types));
            }
            continue;
        };
        let (Some(link), Some(linkable)) =
            (types.names.link(side.relation.id), side.linkable.as_deref())
        else {
            continue;
        };
        if types.is_new("LinkRemoval") {
            made.push(removal());
        }
        if types.is_new(&link.set) {
            made.push(set(&link.set, &link.item, "LinkRemoval"));
            let about = "A record to be linked to, with the fields of the link.";
            let mut draft = InputDraft::new(&link.item, about).field(item_id(), "id");
            let (source, target) = (&side.relation.source, &side.relation.target);
            if source.is_polymorphic() || target.is_polymorphic() {
                let about = "The name of its object type, where that is one of several.";
                let of_type = input("type", TypeRef::named(TypeRef::STRING), about);
                draft = draft.field(of_type, "type");
            }
            let mut draft = inputs::with_values(types.names, draft, linkable, false);
            if source.ordered || target.ordered {
                let member = "Where it goes, if the collection is ordered.";
                draft = draft.field(position(member), "position");
                made.extend(position_input(types));
            }
            made.push(draft.object);
        }
    }
    made
}

fn set(name: &str, item: &str, removal: &str) -> InputObject {
    let members = [
        (
            "add",
            item,
            "Members to add; those that are there already stay.",
        ),
        ("remove", removal, "Members to remove."),
        (
            "set",
            item,
            "All members that there are to be: the others go, as far as you see and may remove them.",
        ),
    ];
    let about = "A change of a whole collection: `add` and `remove`, or `set` alone.";
    let draft = InputDraft::new(name, about);
    let draft = members.into_iter().fold(draft, |draft, (name, of, about)| {
        draft.field(input(name, TypeRef::named_nn_list(of), about), name)
    });
    draft.object
}

fn item_id() -> InputValue {
    let id = TypeRef::named_nn(TypeRef::ID);
    input("id", id, "The record at the far end.")
}

fn position(about: &str) -> InputValue {
    input("position", TypeRef::named("MemberPosition"), about)
}

/// Where a member goes, the first time that it is asked for.
fn position_input(types: &mut Types<'_>) -> Option<InputObject> {
    if !types.is_new("MemberPosition") {
        return None;
    }
    let other = |name: &str, about: &str| input(name, TypeRef::named(TypeRef::ID), about);
    let at = "To this place among those that you see, from 0.";
    let object = InputObject::new("MemberPosition")
        .description("Where a member goes: give exactly one.")
        .field(other("before", "Right before this member."))
        .field(other("after", "Right behind this member."))
        .field(input("at", TypeRef::named(TypeRef::INT), at))
        .oneof();
    Some(object)
}

fn removal() -> InputObject {
    let id = |name: &str, about: &str| input(name, TypeRef::named(TypeRef::ID), about);
    InputObject::new("LinkRemoval")
        .description("What is to go: give exactly one.")
        .field(id("id", "All links to this record."))
        .field(id("link", "This link."))
        .oneof()
}
