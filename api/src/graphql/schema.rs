//! From a surface to a GraphQL schema: what the caller may name, and nothing else.
//!
//! async-graphql validates and introspects by it. No field has a resolver that is ever called: the
//! compiler beside this module hands validated operations to the engine.

mod aliases;
mod filters;
mod graph;
mod inputs;
mod names;
mod outputs;
mod pointers;
mod roots;
mod scalars;
mod sets;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::dynamic::{
    Field as OutputField, FieldFuture, InputObject, InputValue, Object, ResolverContext, Schema,
    Type, TypeRef,
};
use schema::{
    ObjectTypeId,
    access::{Surface, SurfaceCollection, SurfaceObject},
    catalog::Field,
};

#[cfg(test)]
pub(in crate::graphql) use names::Claims;
pub(in crate::graphql) use names::{RecordNames, TypeNames};

use crate::graphql::validate::ValidateOnly;

/// A schema with what the compiler must know of it.
#[derive(Debug)]
pub(in crate::graphql) struct Face {
    /// What the caller may name.
    pub(in crate::graphql) surface: Arc<Surface>,
    /// The schema, for validation and introspection.
    pub(in crate::graphql) schema: Schema,
    /// The names of the types.
    pub(in crate::graphql) names: TypeNames,
    /// The fields of `Query`.
    pub(in crate::graphql) queries: HashMap<String, QueryField>,
    /// The fields of `Mutation`.
    pub(in crate::graphql) mutations: HashMap<String, MutationField>,
    /// What types were called before, with what they are called now.
    pub(in crate::graphql) renamed: HashMap<String, String>,
    /// How many types it has, as its weight in a cache.
    pub(in crate::graphql) weight: u32,
}

/// What a field of `Query` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) enum QueryField {
    /// One record by id.
    Record(ObjectTypeId),
    /// A page of records.
    List(ObjectTypeId),
    /// The schema version.
    SchemaVersion,
    /// The records around one record.
    Related,
    /// The shortest path between two records.
    Path,
}

/// What a field of `Mutation` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) struct MutationField {
    /// The object type of the record.
    pub(in crate::graphql) object: ObjectTypeId,
    /// What it does to the record.
    pub(in crate::graphql) act: Act,
}

/// What a mutation does to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) enum Act {
    /// Creates it.
    Create,
    /// Patches it.
    Update,
    /// Deletes it.
    Delete,
    /// Brings it back.
    Restore,
    /// Makes a link along this collection.
    Link(String),
    /// Patches a link of this collection.
    UpdateLink(String),
    /// Ends a link of this collection.
    Unlink(String),
}

/// Builds the schema of a surface.
pub(in crate::graphql) fn build(
    surface: Arc<Surface>,
) -> Result<Face, async_graphql::dynamic::SchemaError> {
    let names = TypeNames::of(&surface);
    let mut types = Types {
        surface: &surface,
        names: &names,
        list: scalars::types(&surface),
        seen: HashSet::new(),
    };
    let queries = roots::add_query(&mut types);
    let mutations = roots::add_mutation(&mut types);
    outputs::add(&mut types);
    filters::add(&mut types);
    inputs::add(&mut types);
    let types = types.list;
    let mut renamed = aliases::renamed_types(&surface, &names);
    let mutation_root = (!mutations.is_empty()).then_some("Mutation");
    let weight = u32::try_from(types.len()).unwrap_or(u32::MAX);
    let schema = types
        .into_iter()
        .fold(
            Schema::build("Query", mutation_root, None),
            async_graphql::dynamic::SchemaBuilder::register,
        )
        .disable_suggestions()
        .extension(ValidateOnly)
        .finish()?;
    // Where a new type has an old name, the name is the new type's.
    renamed.retain(|old, _| !schema.registry().types.contains_key(old));
    Ok(Face {
        surface,
        schema,
        names,
        queries,
        mutations,
        renamed,
        weight,
    })
}

/// The types of a schema while it is built.
struct Types<'a> {
    surface: &'a Surface,
    names: &'a TypeNames,
    list: Vec<Type>,
    seen: HashSet<String>,
}

impl Types<'_> {
    fn add(&mut self, one: impl Into<Type>) {
        self.list.push(one.into());
    }

    /// Whether a type of this name has not been added yet; from now on it has.
    fn is_new(&mut self, name: &str) -> bool {
        self.seen.insert(name.to_owned())
    }

    /// The readable object types of the surface, with their names.
    fn readable(&self) -> impl Iterator<Item = (&SurfaceObject, &RecordNames)> {
        self.surface.objects.iter().filter_map(|object| {
            object.readable.as_ref()?;
            Some((object, self.names.record(object.object.id)?))
        })
    }

    /// The type in which a member of a collection is read.
    fn member(&self, collection: &SurfaceCollection) -> Option<&str> {
        match collection.pointer() {
            Some(pointer) => Some(&self.names.pointer(pointer)?.object),
            None => Some(&self.target(collection.collection.target?)?.record),
        }
    }

    /// The names of a readable object type; `None` when its records can't be read.
    fn target(&self, id: ObjectTypeId) -> Option<&RecordNames> {
        self.surface.find(id)?.readable.as_ref()?;
        self.names.record(id)
    }
}

/// Every field of a surface, of records and of links, readable or not.
fn all_fields(surface: &Surface) -> impl Iterator<Item = &Arc<Field>> {
    surface.objects.iter().flat_map(|object| {
        let links = object
            .collections
            .iter()
            .filter_map(|collection| collection.relation.as_ref())
            .flat_map(|side| side.relation.fields.iter());
        object.object.fields.iter().chain(links)
    })
}

/// An output field. It is never resolved.
fn output(name: &str, of: TypeRef, description: &str) -> OutputField {
    let field = OutputField::new(name, of, unresolved);
    if description.is_empty() {
        field
    } else {
        field.description(description)
    }
}

fn unresolved(_: ResolverContext<'_>) -> FieldFuture<'_> {
    FieldFuture::Value(None)
}

/// An argument or a member of an input object.
fn input(name: &str, of: TypeRef, description: &str) -> InputValue {
    let value = InputValue::new(name, of);
    if description.is_empty() {
        value
    } else {
        value.description(description)
    }
}

/// What people read of a field: its help, or else its label, and its options.
fn about(field: &Field) -> String {
    let text = if field.help.is_empty() {
        &field.label
    } else {
        &field.help
    };
    let options = &field.settings.options;
    if options.is_empty() {
        return text.clone();
    }
    let names = |active: bool| {
        let options = options.iter().filter(|option| option.active == active);
        let names: Vec<&str> = options.map(|option| option.name.as_str()).collect();
        names.join(", ")
    };
    let (active, inactive) = (names(true), names(false));
    if inactive.is_empty() {
        return format!("{text}. Options: {active}");
    }
    format!("{text}. Options: {active}; no longer chosen: {inactive}")
}

/// An object type that takes each field name once.
struct ObjectDraft {
    object: Object,
    taken: HashSet<String>,
}

impl ObjectDraft {
    fn new(name: &str, description: &str) -> Self {
        Self {
            object: Object::new(name).description(description),
            taken: HashSet::new(),
        }
    }

    fn field(mut self, name: &str, field: impl FnOnce() -> OutputField) -> Self {
        if self.taken.insert(name.to_owned()) {
            self.object = self.object.field(field());
        }
        self
    }
}

/// An input object that takes each member name once.
struct InputDraft {
    object: InputObject,
    taken: HashSet<String>,
}

impl InputDraft {
    fn new(name: &str, description: &str) -> Self {
        Self {
            object: InputObject::new(name).description(description),
            taken: HashSet::new(),
        }
    }

    fn field(mut self, value: InputValue, name: &str) -> Self {
        if self.taken.insert(name.to_owned()) {
            self.object = self.object.field(value);
        }
        self
    }

    fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }
}
