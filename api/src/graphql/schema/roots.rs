//! The roots: `Query` and `Mutation`, and what each of their fields means.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dynamic::{Field as OutputField, Object, TypeRef};
use schema::{
    access::{SurfaceCollection, SurfaceObject},
    catalog::Field,
};

use super::{
    Act, MutationField, QueryField, Types,
    aliases::{Named, named},
    graph, input,
    inputs::is_required,
    names::{Claims, RecordNames},
    output,
    outputs::{as_of, with_list_arguments},
};

const AS_OF: &str =
    "The day on which links that hold for a period must hold, here and below; today unless told.";

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
        let list = with_list_arguments(list, &names.filter, &names.sort);
        query = query.field(list.argument(as_of(AS_OF)));
        fields.insert(name, QueryField::List(object.object.id));
    }
    for (object, names) in types.readable() {
        let name = claims.claim(object.object.name.as_str());
        query = query.field(
            output(&name, TypeRef::named(&names.record), &object.object.label)
                .argument(id("id", "The id of the record."))
                .argument(as_of(AS_OF)),
        );
        fields.insert(name, QueryField::Record(object.object.id));
    }
    query = add_old_names(types, query, (&mut claims, &mut fields));
    types.add(query);
    fields
}

/// Adds the root fields of what was renamed, under the old names.
fn add_old_names(
    types: &Types<'_>,
    mut query: Object,
    (claims, fields): (&mut Claims, &mut HashMap<String, QueryField>),
) -> Object {
    for (object, names) in types.readable() {
        let (one, id_of) = (&object.object, object.object.id);
        for old in named(&one.plural, &one.plural_aliases).filter(Named::is_old) {
            let Some(name) = claims.claim_free(old.text().to_owned()) else {
                continue;
            };
            let list = output(
                &name,
                TypeRef::named_nn(&names.connection),
                &one.plural_label,
            );
            let list = with_list_arguments(list, &names.filter, &names.sort);
            query = query.field(old.mark(list.argument(as_of(AS_OF))));
            fields.insert(name, QueryField::List(id_of));
        }
        for old in named(&one.name, &one.aliases).filter(Named::is_old) {
            let Some(name) = claims.claim_free(old.text().to_owned()) else {
                continue;
            };
            let record = output(&name, TypeRef::named(&names.record), &one.label)
                .argument(id("id", "The id of the record."))
                .argument(as_of(AS_OF));
            query = query.field(old.mark(record));
            fields.insert(name, QueryField::Record(id_of));
        }
    }
    query
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
        let own = || named(&object.object.name, &object.object.aliases);
        for name in own() {
            draft.add_record_writes(object, record, &name);
        }
        for collection in &object.collections {
            let Some(side) = &collection.relation else {
                continue;
            };
            let (Some(linkable), Some(link)) = (&side.linkable, names.link(side.relation.id))
            else {
                continue;
            };
            if types.is_new(&link.payload) {
                let payload = written(&link.payload, side.always_shows_version());
                types.add(payload.field(output(
                    "link",
                    TypeRef::named(&link.link),
                    "The link; null when it can't be read.",
                )));
            }
            let one = &collection.collection;
            for near in own() {
                for far in named(&one.name, &one.aliases) {
                    let of = (linkable.as_slice(), link, types.names.pointer_input());
                    draft.add_link_writes(object, collection, of, (&near, &far));
                }
            }
        }
    }
    if !draft.fields.is_empty() {
        types.add(draft.object);
    }
    draft.fields
}

fn payload(object: &SurfaceObject, names: &RecordNames) -> Object {
    let payload = written(&names.payload, object.always_shows_version());
    if object.readable.is_none() {
        return payload;
    }
    named(&object.object.name, &object.object.aliases).fold(payload, |payload, name| {
        payload.field(name.mark(output(
            name.text(),
            TypeRef::named(&names.record),
            "The record; null when it can't be read.",
        )))
    })
}

/// The version is null for those who don't read that of every record: it would tell of changes out of sight.
fn written(name: &str, shows_version: bool) -> Object {
    Object::new(name)
        .description("What was written.")
        .field(output("id", TypeRef::named_nn(TypeRef::ID), "The id."))
        .field(version_after(shows_version))
}

/// The name of a mutation, with what is to be said of one that is old.
struct Spelt {
    text: String,
    gone: Option<String>,
}

/// The version after a write.
pub(super) fn version_after(shows_version: bool) -> OutputField {
    if shows_version {
        let about = "The version after the write.";
        return output("version", TypeRef::named_nn(TypeRef::INT), about);
    }
    let about = "The version after the write; null where you don't read that of every record.";
    output("version", TypeRef::named(TypeRef::INT), about)
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
        (name, act): (Spelt, Act),
        field: impl FnOnce(&str) -> OutputField,
    ) {
        let claimed = match &name.gone {
            Some(_) => self.claims.claim_free(name.text),
            None => Some(self.claims.claim(name.text)),
        };
        let Some(text) = claimed else { return };
        let object = std::mem::replace(&mut self.object, Object::new("Mutation"));
        let field = field(&text);
        self.object = object.field(match &name.gone {
            Some(reason) => field.deprecation(Some(reason)),
            None => field,
        });
        let name = text;
        let meaning = MutationField {
            object: of.object.id,
            act,
        };
        self.fields.insert(name, meaning);
    }

    fn add_record_writes(&mut self, object: &SurfaceObject, names: &RecordNames, own: &Named<'_>) {
        let spelt = |verb: &str| Spelt {
            text: format!("{verb}{}", own.name.pascal_case()),
            gone: own.with(own),
        };
        let label = &object.object.label;
        let payload = || TypeRef::named_nn(&names.payload);
        if let Some(fields) = &object.creatable {
            self.add(object, (spelt("create"), Act::Create), |name| {
                let field = output(name, payload(), &format!("Creates: {label}."));
                with_values(field, &names.input, fields)
            });
        }
        if object
            .updatable
            .as_ref()
            .is_some_and(|fields| !fields.is_empty())
        {
            self.add(object, (spelt("update"), Act::Update), |name| {
                output(name, payload(), &format!("Changes: {label}."))
                    .argument(id("id", "The id of the record."))
                    .argument(input("input", TypeRef::named_nn(&names.patch), ""))
                    .argument(if_match())
            });
        }
        if object.deletable {
            self.add(object, (spelt("delete"), Act::Delete), |name| {
                let of = TypeRef::named_nn("RemovalPayload");
                output(name, of, &format!("Deletes: {label}. It can be restored."))
                    .argument(id("id", "The id of the record."))
                    .argument(if_match())
            });
            self.add(object, (spelt("restore"), Act::Restore), |name| {
                let about = format!("Brings a deleted record back: {label}.");
                output(name, payload(), &about).argument(id("id", "The id of the record."))
            });
        }
    }

    fn add_link_writes(
        &mut self,
        object: &SurfaceObject,
        collection: &SurfaceCollection,
        (linkable, names, pointer_input): (&[Arc<Field>], &super::names::LinkNames, &str),
        (near, far): (&Named<'_>, &Named<'_>),
    ) {
        let far_end = target_argument(collection, pointer_input);
        let collection = &collection.collection;
        let own = collection.name.to_string();
        let spelt = |verb: &str, end: &str| Spelt {
            text: [verb, &near.name.pascal_case(), &far.name.pascal_case(), end].concat(),
            gone: near.with(far),
        };
        let label = format!("{}: {}", object.object.label, collection.label);
        let payload = || TypeRef::named_nn(&names.payload);
        let link = spelt("link", "");
        self.add(object, (link, Act::Link(own.clone())), |name| {
            let field = output(name, payload(), &format!("Makes a link. {label}."))
                .argument(id("id", "The id of the record."))
                .argument(far_end);
            with_values(field, &names.input, linkable)
        });
        if !linkable.is_empty() {
            let update = spelt("update", "Link");
            self.add(object, (update, Act::UpdateLink(own.clone())), |name| {
                output(name, payload(), &format!("Changes a link. {label}."))
                    .argument(id("id", "The id of the record."))
                    .argument(id("link", "The id of the link."))
                    .argument(input("input", TypeRef::named_nn(&names.patch), ""))
                    .argument(if_match())
            });
        }
        let unlink = spelt("unlink", "");
        self.add(object, (unlink, Act::Unlink(own)), |name| {
            let of = TypeRef::named_nn("RemovalPayload");
            output(name, of, &format!("Ends a link. {label}."))
                .argument(id("id", "The id of the record."))
                .argument(id("link", "The id of the link."))
                .argument(if_match())
        });
    }
}

/// What names the record at the far end of a new link: its id, or where it is one of several types, its
/// type and id.
fn target_argument(
    collection: &SurfaceCollection,
    pointer_input: &str,
) -> async_graphql::dynamic::InputValue {
    if collection.pointer().is_none() {
        return id("target", "The id of the record at the far end.");
    }
    let about = "The record at the far end.";
    input("target", TypeRef::named_nn(pointer_input), about)
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
