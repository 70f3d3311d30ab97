//! Filter and sort inputs. Their JSON is exactly the JSON form of REST.

use std::sync::Arc;

use async_graphql::dynamic::{InputObject, TypeRef};
use schema::{
    ObjectTypeId,
    access::{SurfaceCollection, SurfaceObject, SurfaceRelation},
    catalog::{Column, Field},
    field_type::{Operator, Scalar},
};

use super::{
    InputDraft, Types, about,
    aliases::named,
    input,
    names::{SideNames, is_composite, scalar_filter_name},
    outputs::{as_of, relations},
    pointers::{by_type, with_types},
    scalars::{describe, with_operators_of},
};

/// Adds the filters and sorts of all readable object types.
pub(super) fn add(types: &mut Types<'_>) {
    let mut inputs = Vec::new();
    for (object, names) in types.readable() {
        let filter = record_filter(types, object, &names.filter);
        let about = "On a reference and as the only member: compares the id of the record.";
        let filter = with_reference_operators(filter, about);
        inputs.push(with_places_in_trees(filter, object).object);
        let count = &names.collection_count;
        inputs.push(collection_filter(
            &names.collection_filter,
            &names.filter,
            count,
        ));
        inputs.push(collection_count(count, &names.filter));
        inputs.push(sort(types, object, &names.sort));
        for collection in &object.collections {
            inputs.extend(side_filters(types, object.object.id, collection));
        }
    }
    for (relation, (_, side)) in relations(types) {
        if let Some(names) = types.names.link(relation) {
            let draft = logic(&names.filter, "Which links.");
            let draft = with_fields(types, draft, &side.readable);
            inputs.push(with_period(draft, side).object);
            let about = "One sort key of a link: give exactly one field.";
            let draft = InputDraft::new(&names.sort, about);
            inputs.push(with_sorts(types, draft, &side.readable).object.oneof());
        }
    }
    inputs.extend(composite_inputs(types));
    inputs.extend(super::pointers::filters(types));
    for one in inputs {
        types.add(one);
    }
}

/// A filter with `and`, `or` and `not` of its own kind.
fn logic(name: &str, description: &str) -> InputDraft {
    InputDraft::new(name, description)
        .field(
            input("and", TypeRef::named_nn_list(name), "All of these hold."),
            "and",
        )
        .field(
            input("or", TypeRef::named_nn_list(name), "One of these holds."),
            "or",
        )
        .field(
            input("not", TypeRef::named(name), "This does not hold."),
            "not",
        )
}

fn record_filter(types: &Types<'_>, object: &SurfaceObject, name: &str) -> InputDraft {
    let draft = logic(name, "Which records; all that is given must hold.");
    let fields = object.readable.as_deref().unwrap_or_default();
    let draft = with_fields(types, draft, fields);
    object.collections.iter().fold(draft, |draft, collection| {
        let name = collection.collection.name.as_str();
        let side = types.names.side(object.object.id, name);
        let target = collection.collection.target.and_then(|id| types.target(id));
        let of = match (side, target, types.member(collection)) {
            (Some(side), _, Some(_)) => &side.collection_filter,
            (None, Some(target), Some(_)) => &target.collection_filter,
            (_, None, _) | (_, _, None) => return draft,
        };
        let one = &collection.collection;
        named(&one.name, &one.aliases).fold(draft, |draft, name| {
            let value = input(name.text(), TypeRef::named(of), &one.label);
            draft.field(name.mark_input(value), name.text())
        })
    })
}

/// The operators that a filter on a reference may consist of; they compare the id of the target.
pub(super) fn with_reference_operators(draft: InputDraft, about: &str) -> InputDraft {
    use schema::field_type::{OperandShape, Operator as O};
    [O::Eq, O::Neq, O::In, O::Nin, O::IsNull]
        .into_iter()
        .fold(draft, |draft, operator| {
            let of = match operator.operand() {
                OperandShape::One => TypeRef::named(TypeRef::ID),
                OperandShape::Many | OperandShape::Pair => TypeRef::named_nn_list(TypeRef::ID),
                OperandShape::Flag | OperandShape::Circle | OperandShape::Box => {
                    TypeRef::named(TypeRef::BOOLEAN)
                }
            };
            draft.field(input(operator.name(), of, about), operator.name())
        })
}

/// The operators on a place in a tree; a filter on a reference that makes one may consist of them.
fn with_places_in_trees(draft: InputDraft, object: &SurfaceObject) -> InputDraft {
    let mut fields = object.readable.iter().flatten();
    if !fields.any(|field| field.settings.tree) {
        return draft;
    }
    let operators = schema::field_type::Operator::IN_TREES.iter();
    operators.fold(draft, |draft, operator| {
        let about = format!(
            "On a reference that makes a tree, and as the only member. {}",
            describe(*operator)
        );
        let value = input(operator.name(), TypeRef::named(TypeRef::ID), &about);
        draft.field(value, operator.name())
    })
}

fn with_fields(types: &Types<'_>, draft: InputDraft, fields: &[Arc<Field>]) -> InputDraft {
    fields.iter().fold(draft, |draft, field| {
        named(&field.name, &field.aliases).fold(draft, |draft, name| {
            let Some(of) = filter_of(types, field) else {
                return draft;
            };
            let value = input(name.text(), TypeRef::named(of), &about(field));
            draft.field(name.mark_input(value), name.text())
        })
    })
}

fn filter_of<'a>(types: &'a Types<'_>, field: &Field) -> Option<&'a str> {
    if let Some(target) = field.target() {
        return Some(&types.target(target)?.filter);
    }
    if field.is_polymorphic() {
        return Some(&types.names.pointer(field)?.filter);
    }
    if field.is_composite() {
        return Some(&types.names.composite(field)?.filter);
    }
    Some(scalar_filter_name(field.column().part.scalar))
}

fn collection_filter(name: &str, member: &str, count: &str) -> InputObject {
    let of = || TypeRef::named(member);
    InputObject::new(name)
        .description("What must hold of the members of a collection.")
        .field(input("some", of(), "At least one member matches."))
        .field(input("none", of(), "No member matches."))
        .field(input("every", of(), "Every member matches."))
        .field(input(
            "count",
            TypeRef::named(count),
            "How many members there are, or how many match.",
        ))
}

/// Comparisons of a number of members, and which of them are counted.
fn collection_count(name: &str, member: &str) -> InputObject {
    let draft = InputDraft::new(
        name,
        "How many members there are: all comparisons must hold.",
    );
    let about = "Only members that match are counted.";
    let filter = input("filter", TypeRef::named(member), about);
    let operators: Vec<Operator> = Scalar::Int
        .operators()
        .iter()
        .copied()
        .filter(|operator| *operator != Operator::IsNull)
        .collect();
    with_operators_of(draft.field(filter, "filter"), Scalar::Int, &operators).object
}

/// The words that choose links by their period.
fn with_period(draft: InputDraft, side: &SurfaceRelation) -> InputDraft {
    if !side.is_temporal() {
        return draft;
    }
    let current = TypeRef::named(TypeRef::BOOLEAN);
    let about =
        "Only links that hold on the day of the read (true, as without it), or only others.";
    draft
        .field(input("current", current, about), "current")
        .field(as_of("Only links that hold on this day."), "asOf")
        .field(
            input("validity", TypeRef::named("Validity"), "Which links."),
            "validity",
        )
}

/// The member filter of a relation's side also takes the link.
fn side_filters(
    types: &Types<'_>,
    near: ObjectTypeId,
    collection: &SurfaceCollection,
) -> Vec<InputObject> {
    let Some(relation) = &collection.relation else {
        return Vec::new();
    };
    let name = collection.collection.name.as_str();
    let target = types.surface.member(collection);
    let target = target.filter(|target| target.readable.is_some());
    let parts = (
        types.names.side(near, name),
        types.names.link(relation.relation.id),
    );
    let (Some(side), Some(link)) = parts else {
        return Vec::new();
    };
    let (member, sort) = match (collection.pointer(), target) {
        (Some(pointer), _) => pointed_inputs(types, pointer, side),
        (None, Some(target)) => (
            record_filter(types, target, &side.filter),
            record_sort(types, target, &side.sort),
        ),
        (None, None) => return Vec::new(),
    };
    let of_link = input(
        "link",
        TypeRef::named(&link.filter),
        "What must hold of the link; its fields may also stand here, where the member has none of \
         the name.",
    );
    let member = member.field(of_link, "link");
    let member = with_fields(types, member, &relation.readable);
    let member = with_period(member, relation);
    vec![
        side_sort(sort, &link.sort),
        member.object,
        collection_filter(
            &side.collection_filter,
            &side.filter,
            &side.collection_count,
        ),
        collection_count(&side.collection_count, &side.filter),
    ]
}

/// Filter and sort of members of several types.
fn pointed_inputs(
    types: &Types<'_>,
    pointer: &Field,
    side: &SideNames,
) -> (InputDraft, InputDraft) {
    let filter = logic(&side.filter, "Which members; all that is given must hold.");
    let about = "One sort key: give exactly one field.";
    let sort = InputDraft::new(&side.sort, about);
    let about = "By a field of the records of this type; the others come last.";
    (
        with_types(types, filter, pointer),
        by_type(types, sort, (pointer, about), |names| &names.sort),
    )
}

fn sort(types: &Types<'_>, object: &SurfaceObject, name: &str) -> InputObject {
    record_sort(types, object, name).object.oneof()
}

fn record_sort(types: &Types<'_>, object: &SurfaceObject, name: &str) -> InputDraft {
    let draft = InputDraft::new(name, "One sort key: give exactly one field.");
    let fields = object.readable.as_deref().unwrap_or_default();
    with_sorts(types, draft, fields)
}

/// The sort of the members of a relation's side, which are sorted by their links as well.
fn side_sort(draft: InputDraft, link: &str) -> InputObject {
    let by_link = input("link", TypeRef::named(link), "By a field of the link.");
    draft.field(by_link, "link").object.oneof()
}

fn with_sorts(types: &Types<'_>, draft: InputDraft, fields: &[Arc<Field>]) -> InputDraft {
    fields.iter().fold(draft, |draft, field| {
        named(&field.name, &field.aliases).fold(draft, |draft, name| {
            let Some(of) = sort_of(types, field) else {
                return draft;
            };
            let value = input(name.text(), TypeRef::named(of), &about(field));
            draft.field(name.mark_input(value), name.text())
        })
    })
}

fn sort_of<'a>(types: &'a Types<'_>, field: &Field) -> Option<&'a str> {
    if let Some(target) = field.target() {
        return Some(&types.target(target)?.sort);
    }
    if field.is_polymorphic() {
        return None;
    }
    if field.is_composite() {
        let sortable = field.columns.iter().any(is_sort_key);
        let names = types.names.composite(field)?;
        return sortable.then_some(names.sort.as_str());
    }
    field
        .column()
        .part
        .scalar
        .is_sortable()
        .then_some("SortDirection")
}

/// Whether a column is one that lists can be sorted by.
fn is_sort_key(column: &Column) -> bool {
    column.part.key.is_some() && column.part.scalar.is_sortable()
}

fn composite_inputs(types: &mut Types<'_>) -> Vec<InputObject> {
    let surface = types.surface;
    let names = types.names;
    let mut inputs = Vec::new();
    for field in super::all_fields(surface).filter(|field| is_composite(field)) {
        let Some(composite) = names.composite(field) else {
            continue;
        };
        if !types.is_new(&composite.filter) {
            continue;
        }
        let about = "Comparisons of the value as a whole, or of each part by its name.";
        let mut filter = InputDraft::new(&composite.filter, about);
        let mut sort = InputDraft::new(&composite.sort, "One part: give exactly one.");
        for column in &field.columns {
            let Some(key) = column.part.key else { continue };
            let of = scalar_filter_name(column.part.scalar);
            filter = filter.field(input(key, TypeRef::named(of), ""), key);
            if is_sort_key(column) {
                sort = sort.field(input(key, TypeRef::named("SortDirection"), ""), key);
            }
        }
        filter = with_operators_of(filter, field.column().part.scalar, field.operators());
        inputs.push(filter.object);
        if !sort.is_empty() {
            inputs.push(sort.object.oneof());
        }
    }
    inputs
}
