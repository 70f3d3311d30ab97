//! The document as it is written: one object type at a time, so that of a large schema there is little more
//! in memory than its text.

use std::collections::{BTreeMap, HashSet};

use schema::access::{Surface, SurfaceObject};
use serde::{Serialize, Serializer};
use utoipa::openapi::{
    Components, Info, OpenApiVersion, Paths, RefOr, Response, Schema, Tag,
    header::Header,
    path::{Parameter, PathItem},
    security::SecurityScheme,
    server::Server,
};

use super::{
    Reader, bearer, fixed, graph, info, objects, operations, parts, parts::Names, records, scalars,
};

/// The document of one surface.
pub(super) struct Document<'a> {
    surface: &'a Surface,
    /// The object types that show.
    objects: &'a [SurfaceObject],
    names: Names,
    info: Info,
    /// The paths that are the same for all types.
    paths: Paths,
    /// The components that are the same for all types.
    components: Components,
}

impl<'a> Document<'a> {
    /// The document; without credentials it has what leads to some.
    pub(super) fn new(surface: &'a Surface, reader: Reader) -> Self {
        let names = Names::new(surface);
        let mut paths = Paths::new();
        let mut components = parts::components(&names);
        fixed::add(&mut paths, &mut components, &names, (surface, reader));
        let objects = match reader {
            Reader::Nobody => &[],
            Reader::Key | Reader::Person => &surface.objects[..],
        };
        if !objects.is_empty() {
            scalars::add_conditions(&mut components, &names, surface);
        }
        if objects.iter().any(|object| object.readable.is_some()) {
            graph::add_paths(&mut paths, &mut components, &names);
        }
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer()));
        Self {
            surface,
            objects,
            names,
            info: info(surface),
            paths,
            components,
        }
    }

    fn all_paths(&self) -> impl Iterator<Item = (String, PathItem)> {
        let of_objects = self.objects.iter().flat_map(|object| {
            let mut paths = Paths::new();
            records::add_paths(&mut paths, &self.names, self.surface, object);
            paths.paths
        });
        self.paths.paths.clone().into_iter().chain(of_objects)
    }

    /// How schemas are called.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The schemas that the bodies of one object type may be made of: its own and those of no type.
    pub(super) fn schemas_for(&self, object: &SurfaceObject) -> BTreeMap<String, RefOr<Schema>> {
        let mut schemas = self.components.schemas.clone();
        schemas.extend(self.schemas_of(object));
        schemas
    }

    fn schemas_of(&self, object: &SurfaceObject) -> BTreeMap<String, RefOr<Schema>> {
        let mut components = Components::new();
        objects::add_schemas(&mut components, &self.names, self.surface, object);
        components.schemas
    }

    /// Each schema once: those of the members of inverse collections are of several object types.
    fn all_schemas(&self) -> impl Iterator<Item = (String, RefOr<Schema>)> {
        let objects = self.objects.iter();
        let of_objects = objects.flat_map(|object| self.schemas_of(object));
        let mut written = HashSet::new();
        let schemas = self
            .components
            .schemas
            .clone()
            .into_iter()
            .chain(of_objects);
        schemas.filter(move |(name, _)| written.insert(name.clone()))
    }

    fn tags(&self) -> Vec<Tag> {
        let used = operations::used_tags(&self.paths);
        let mut tags = fixed::tags();
        tags.retain(|tag| used.contains(&tag.name));
        tags.extend(self.objects.iter().map(|object| {
            let object = &object.object;
            let mut tag = Tag::new(object.plural.as_str());
            tag.description = Some(parts::sentence(&object.plural_label, &object.description));
            tag
        }));
        tags
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct All<'a, P: Serialize, C: Serialize> {
            openapi: OpenApiVersion,
            info: &'a Info,
            servers: [Server; 1],
            paths: P,
            components: C,
            tags: Vec<Tag>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Parts<'a, C: Serialize> {
            schemas: C,
            responses: &'a BTreeMap<String, RefOr<Response>>,
            parameters: &'a BTreeMap<String, RefOr<Parameter>>,
            headers: &'a BTreeMap<String, RefOr<Header>>,
            security_schemes: &'a BTreeMap<String, RefOr<SecurityScheme>>,
        }
        let all = All {
            openapi: OpenApiVersion::default(),
            info: &self.info,
            servers: [Server::new("/")],
            paths: Entries(|| self.all_paths()),
            components: Parts {
                schemas: Entries(|| self.all_schemas()),
                responses: &self.components.responses,
                parameters: &self.components.parameters,
                headers: &self.components.headers,
                security_schemes: &self.components.security_schemes,
            },
            tags: self.tags(),
        };
        all.serialize(serializer)
    }
}

/// A JSON object whose members are made while it is written.
struct Entries<F>(F);

impl<F, I, K, V> Serialize for Entries<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item = (K, V)>,
    K: Serialize,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}
