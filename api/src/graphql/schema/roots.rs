//! The roots: `Query` and `Mutation`, and what each of their fields means.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dynamic::{Field as OutputField, Object, TypeRef};
use schema::{
    access::{SurfaceCollection, SurfaceObject},
    catalog::Field,
};

use super::{
    Act, MutationField, QueryField, Types, graph, input,
    inputs::is_required,
    names::{Claims, RecordNames},
    output,
    outputs::with_list_arguments,
};

/// Adds `Query`.
pub(super) fn add_query(types: &mut Types<'_>) -> HashMap<String, QueryField> {
    let mut claims = Claims::default();
    let mut fields = HashMap::new();
    let mut query = Object::new("Query").description("What can be read.");
    let version = claims.claim("schemaVersion");
    query = query.field(output(
        &version,
        TypeRef::named_nn(TypeRef::INT),
        "The version of the schema that answers; it grows with each change of types or fields.",
    ));
    fields.insert(version, QueryField::SchemaVersion);
    if types.readable().next().is_some() {
        query = graph::add_roots(query, &mut claims, &mut fields);
        graph::add_types(types);
    }
    for (object, names) in types.readable() {
        let name = claims.claim(object.object.plural.as_str());
        let list = output(
            &name,
            TypeRef::named_nn(&names.connection),
            &object.object.plural_label,
        );
        query = query.field(with_list_arguments(list, &names.filter, &names.sort));
        fields.insert(name, QueryField::List(object.object.id));
    }
    for (object, names) in types.readable() {
        let name = claims.claim(object.object.name.as_str());
        query = query.field(
            output(&name, TypeRef::named(&names.record), &object.object.label)
                .argument(id("id", "The id of the record.")),
        );
        fields.insert(name, QueryField::Record(object.object.id));
    }
    types.add(query);
    fields
}

/// Adds `Mutation` and the payloads, if the surface grants any write.
pub(super) fn add_mutation(types: &mut Types<'_>) -> HashMap<String, MutationField> {
    let mut draft = MutationDraft {
        object: Object::new("Mutation").description(
            "What can be written. All fields of one operation are one transaction, in order.",
        ),
        claims: Claims::default(),
        fields: HashMap::new(),
    };
    let (surface, names) = (types.surface, types.names);
    for object in &surface.objects {
        let Some(record) = names.record(object.object.id) else {
            continue;
        };
        if object.creatable.is_some() || object.updatable.is_some() || object.deletable {
            types.add(payload(object, record));
        }
        draft.add_record_writes(object, record);
        for collection in &object.collections {
            let Some(side) = &collection.relation else {
                continue;
            };
            let (Some(linkable), Some(link)) = (&side.linkable, names.link(side.relation.id))
            else {
                continue;
            };
            if types.is_new(&link.payload) {
                types.add(written(&link.payload).field(output(
                    "link",
                    TypeRef::named(&link.link),
                    "The link; null when it can't be read.",
                )));
            }
            draft.add_link_writes(object, collection, (linkable, link));
        }
    }
    if !draft.fields.is_empty() {
        types.add(draft.object);
    }
    draft.fields
}

fn payload(object: &SurfaceObject, names: &RecordNames) -> Object {
    let payload = written(&names.payload);
    if object.readable.is_none() {
        return payload;
    }
    payload.field(output(
        object.object.name.as_str(),
        TypeRef::named(&names.record),
        "The record; null when it can't be read.",
    ))
}

fn written(name: &str) -> Object {
    Object::new(name)
        .description("What was written.")
        .field(output("id", TypeRef::named_nn(TypeRef::ID), "The id."))
        .field(output(
            "version",
            TypeRef::named_nn(TypeRef::INT),
            "The version after the write.",
        ))
}

/// `Mutation` while it is built.
struct MutationDraft {
    object: Object,
    claims: Claims,
    fields: HashMap<String, MutationField>,
}

impl MutationDraft {
    fn add(
        &mut self,
        of: &SurfaceObject,
        (name, act): (String, Act),
        field: impl FnOnce(&str) -> OutputField,
    ) {
        let name = self.claims.claim(name);
        let object = std::mem::replace(&mut self.object, Object::new("Mutation"));
        self.object = object.field(field(&name));
        let meaning = MutationField {
            object: of.object.id,
            act,
        };
        self.fields.insert(name, meaning);
    }

    fn add_record_writes(&mut self, object: &SurfaceObject, names: &RecordNames) {
        let pascal = object.object.name.pascal_case();
        let label = &object.object.label;
        let payload = || TypeRef::named_nn(&names.payload);
        if let Some(fields) = &object.creatable {
            self.add(object, (format!("create{pascal}"), Act::Create), |name| {
                let field = output(name, payload(), &format!("Creates: {label}."));
                with_values(field, &names.input, fields)
            });
        }
        if object
            .updatable
            .as_ref()
            .is_some_and(|fields| !fields.is_empty())
        {
            self.add(object, (format!("update{pascal}"), Act::Update), |name| {
                output(name, payload(), &format!("Changes: {label}."))
                    .argument(id("id", "The id of the record."))
                    .argument(input("input", TypeRef::named_nn(&names.patch), ""))
                    .argument(if_match())
            });
        }
        if object.deletable {
            self.add(object, (format!("delete{pascal}"), Act::Delete), |name| {
                let of = TypeRef::named_nn("RemovalPayload");
                output(name, of, &format!("Deletes: {label}. It can be restored."))
                    .argument(id("id", "The id of the record."))
                    .argument(if_match())
            });
            self.add(object, (format!("restore{pascal}"), Act::Restore), |name| {
                let about = format!("Brings a deleted record back: {label}.");
                output(name, payload(), &about).argument(id("id", "The id of the record."))
            });
        }
    }

    fn add_link_writes(
        &mut self,
        object: &SurfaceObject,
        collection: &SurfaceCollection,
        (linkable, names): (&[Arc<Field>], &super::names::LinkNames),
    ) {
        let collection = &collection.collection;
        let own = collection.name.to_string();
        let both = format!(
            "{}{}",
            object.object.name.pascal_case(),
            collection.name.pascal_case()
        );
        let label = format!("{}: {}", object.object.label, collection.label);
        let payload = || TypeRef::named_nn(&names.payload);
        let link = format!("link{both}");
        self.add(object, (link, Act::Link(own.clone())), |name| {
            let field = output(name, payload(), &format!("Makes a link. {label}."))
                .argument(id("id", "The id of the record."))
                .argument(id("target", "The id of the record at the far end."));
            with_values(field, &names.input, linkable)
        });
        if !linkable.is_empty() {
            let update = format!("update{both}Link");
            self.add(object, (update, Act::UpdateLink(own.clone())), |name| {
                output(name, payload(), &format!("Changes a link. {label}."))
                    .argument(id("id", "The id of the record."))
                    .argument(id("link", "The id of the link."))
                    .argument(input("input", TypeRef::named_nn(&names.patch), ""))
                    .argument(if_match())
            });
        }
        let unlink = format!("unlink{both}");
        self.add(object, (unlink, Act::Unlink(own)), |name| {
            let of = TypeRef::named_nn("RemovalPayload");
            output(name, of, &format!("Ends a link. {label}."))
                .argument(id("id", "The id of the record."))
                .argument(id("link", "The id of the link."))
                .argument(if_match())
        });
    }
}

/// The argument `input`, if there is anything to send.
fn with_values(field: OutputField, of: &str, fields: &[Arc<Field>]) -> OutputField {
    if fields.is_empty() {
        return field;
    }
    let needed = fields.iter().any(|field| is_required(field));
    let of = if needed {
        TypeRef::named_nn(of)
    } else {
        TypeRef::named(of)
    };
    field.argument(input("input", of, "The fields."))
}

fn id(name: &str, description: &str) -> async_graphql::dynamic::InputValue {
    input(name, TypeRef::named_nn(TypeRef::ID), description)
}

fn if_match() -> async_graphql::dynamic::InputValue {
    input(
        "ifMatch",
        TypeRef::named(TypeRef::INT),
        "The version that you know; when the stored one differs, nothing is written.",
    )
}
