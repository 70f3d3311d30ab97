//! The surface of a caller: the objects, fields, relations and operations that it may name.
//!
//! GraphQL schema, OpenAPI document and descriptions are generated from it; it comes from the same
//! checker as every grant, so that nothing shows that could not be asked, and the other way round.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    access::{
        Action, Checker, Create, Delete, Grant, Link, Mask, Permission, Read, Update, Visibility,
    },
    catalog::{Catalog, Collection, CollectionKind, Field, ObjectType, RelationType, SystemField},
    id::{FieldId, ObjectTypeId},
};

/// What one caller may name.
#[derive(Debug, Clone)]
pub struct Surface {
    /// Equal for callers who may name the same things of the same schema version (SHA-256, hex).
    pub hash: String,
    /// The schema version.
    pub schema_version: i64,
    /// The object types, by API name.
    pub objects: Vec<SurfaceObject>,
    /// The permissions beyond records.
    pub permissions: Vec<Permission>,
    by_id: HashMap<ObjectTypeId, usize>,
}

/// An object type as one caller may name it.
#[derive(Debug, Clone)]
pub struct SurfaceObject {
    /// The object type.
    pub object: Arc<ObjectType>,
    /// The fields that can be read, filtered and sorted; `None` when records can't be read.
    pub readable: Option<Vec<Arc<Field>>>,
    /// The most records of one page, where rules say it.
    pub max_rows: Option<u32>,
    /// How those of them show that do not show in full on every record that the caller sees.
    pub partly: BTreeMap<FieldId, Partly>,
    /// The fields of a create; `None` when records can't be created.
    pub creatable: Option<Vec<Arc<Field>>>,
    /// The fields of an update; `None` when records can't be changed.
    pub updatable: Option<Vec<Arc<Field>>>,
    /// Whether records can be deleted and restored.
    pub deletable: bool,
    /// Whether single records can be shared with others.
    pub sharable: bool,
    /// The collections that can be walked.
    pub collections: Vec<SurfaceCollection>,
}

/// How a field shows that does not show in full on every record that the caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partly {
    /// Whether it shows in full on some of them.
    pub sometimes: bool,
    /// What may be left of it elsewhere, that which tells most first; where none counts it is null.
    pub masks: Vec<Mask>,
}

/// A collection as one caller may name it.
#[derive(Debug, Clone)]
pub struct SurfaceCollection {
    /// The collection.
    pub collection: Collection,
    /// Set on the sides of relation types.
    pub relation: Option<SurfaceRelation>,
    /// Whether the members keep their order.
    pub ordered: bool,
}

/// The relation type behind a collection.
#[derive(Debug, Clone)]
pub struct SurfaceRelation {
    /// The relation type.
    pub relation: Arc<RelationType>,
    /// The link's own fields that can be read.
    pub readable: Vec<Arc<Field>>,
    /// How those of them show that do not show in full on every link that the caller sees.
    pub partly: BTreeMap<FieldId, Partly>,
    /// The link's own fields that can be sent; `None` when links can't be made or ended.
    pub linkable: Option<Vec<Arc<Field>>>,
}

impl Surface {
    /// The object type with this id.
    pub fn find(&self, id: ObjectTypeId) -> Option<&SurfaceObject> {
        self.by_id.get(&id).map(|at| &self.objects[*at])
    }

    /// The object type with this plural name or alias.
    pub fn find_plural(&self, plural: &str) -> Option<&SurfaceObject> {
        let objects = &self.objects;
        let mut named = objects.iter();
        named
            .find(|object| object.object.plural.as_str() == plural)
            .or_else(|| {
                objects
                    .iter()
                    .find(|it| it.object.plural_aliases.has(plural))
            })
    }

    /// The object type with this singular name or alias.
    pub fn find_name(&self, name: &str) -> Option<&SurfaceObject> {
        let objects = &self.objects;
        let mut named = objects.iter();
        named
            .find(|object| object.object.name.as_str() == name)
            .or_else(|| objects.iter().find(|it| it.object.aliases.has(name)))
    }
}

impl Surface {
    /// Whether the caller may add members to a collection and remove them: by links, or by the reference
    /// of which it is the inverse.
    pub fn is_settable(&self, collection: &SurfaceCollection) -> bool {
        let target = self.member(collection);
        match (&collection.relation, collection.collection.kind) {
            (Some(side), _) => side.linkable.is_some(),
            (None, CollectionKind::Inverse { field }) => {
                let fields = target.and_then(|target| target.updatable.as_ref());
                fields.is_some_and(|fields| fields.iter().any(|it| it.id == field))
            }
            (None, CollectionKind::Relation { .. }) => false,
        }
    }

    /// The object types at which a reference may point for the caller: those whose records it may read.
    pub fn targets<'s>(&'s self, field: &Field) -> Vec<&'s SurfaceObject> {
        let is_readable = |object: &&SurfaceObject| object.readable.is_some();
        if field.settings.any {
            return self.objects.iter().filter(is_readable).collect();
        }
        let named = field.settings.named_targets();
        named
            .filter_map(|id| self.find(id))
            .filter(is_readable)
            .collect()
    }
}

impl SurfaceRelation {
    /// Whether a field that the caller reads shows in full on every link that it sees.
    pub fn always_shows(&self, field: &Field) -> bool {
        !self.partly.contains_key(&field.id)
    }

    /// Whether the caller reads the version of every link that it sees.
    pub fn always_shows_version(&self) -> bool {
        let mut readable = self.readable.iter();
        let version = readable.find(|field| field.system == Some(SystemField::Version));
        version.is_some_and(|version| self.always_shows(version))
    }

    /// Whether links hold for a period that the caller may read.
    pub fn is_temporal(&self) -> bool {
        let reads = |system: SystemField| {
            let mut readable = self.readable.iter();
            readable.any(|field| field.system == Some(system))
        };
        reads(SystemField::ValidFrom) && reads(SystemField::ValidUntil)
    }
}

impl SurfaceObject {
    /// Whether a field that the caller reads shows in full on every record that it sees.
    pub fn always_shows(&self, field: &Field) -> bool {
        !self.partly.contains_key(&field.id)
    }

    /// Whether the caller reads the version of every record that it sees.
    pub fn always_shows_version(&self) -> bool {
        let version = self.version();
        version.is_some_and(|version| self.always_shows(version))
    }

    /// The version, if the caller reads it on some record.
    pub fn version(&self) -> Option<&Arc<Field>> {
        let mut readable = self.readable.iter().flatten();
        readable.find(|field| field.system == Some(SystemField::Version))
    }

    /// The collection with this name or alias.
    pub fn find_collection(&self, name: &str) -> Option<&SurfaceCollection> {
        let collections = &self.collections;
        let mut named = collections.iter();
        named
            .find(|collection| collection.collection.name.as_str() == name)
            .or_else(|| {
                collections
                    .iter()
                    .find(|it| it.collection.aliases.has(name))
            })
    }
}

impl Checker<'_> {
    /// Everything that the caller may name.
    pub fn surface(&self) -> Surface {
        let objects: Vec<SurfaceObject> = self
            .catalog
            .objects()
            .into_iter()
            .filter_map(|object| self.surface_object(object))
            .collect();
        let permissions: Vec<Permission> = Permission::ALL
            .iter()
            .copied()
            .filter(|permission| self.permit(*permission).is_ok())
            .collect();
        let by_id = objects
            .iter()
            .enumerate()
            .map(|(at, object)| (object.object.id, at))
            .collect();
        let hash = hash(self.catalog, &objects, &permissions);
        Surface {
            hash,
            schema_version: self.catalog.version(),
            objects,
            permissions,
            by_id,
        }
    }

    fn surface_object(&self, object: &Arc<ObjectType>) -> Option<SurfaceObject> {
        let read = self.grant_read(object.id);
        let max_rows = read.as_ref().and_then(Grant::max_rows);
        let (readable, partly) = match read {
            Some(grant) => {
                let (fields, partly) = shown(&grant);
                (Some(fields), partly)
            }
            None => (None, BTreeMap::new()),
        };
        let creatable: Option<Grant<Create>> = self.grant(object);
        let updatable: Option<Grant<Update>> = self.grant(object);
        let deletable = self.grant::<Delete>(object).is_some();
        if readable.is_none() && creatable.is_none() && updatable.is_none() && !deletable {
            return None;
        }
        let collections = if readable.is_some() {
            let collections = self.catalog.collections(object.id).iter();
            collections
                .filter_map(|collection| self.surface_collection(object.id, collection))
                .collect()
        } else {
            Vec::new()
        };
        Some(SurfaceObject {
            creatable: creatable.map(|grant| grant.fields()),
            updatable: updatable.map(|grant| grant.fields()),
            deletable,
            sharable: readable.is_some() && self.allows(object.id.uuid(), Action::Share),
            collections,
            readable,
            max_rows,
            partly,
            object: Arc::clone(object),
        })
    }

    fn surface_collection(
        &self,
        near: ObjectTypeId,
        collection: &Collection,
    ) -> Option<SurfaceCollection> {
        let granted = self.find_collection(near, collection.name.as_str())?;
        let links = granted.links.as_ref().map(shown);
        let relation = match (collection.kind, links) {
            (
                CollectionKind::Relation {
                    relation,
                    direction,
                },
                Some((readable, partly)),
            ) => {
                let relation = Arc::clone(self.catalog.find_relation(relation)?);
                let may_link = |object: ObjectTypeId| self.allows(object.uuid(), Action::Link);
                let mut far = self.catalog.end_types(relation.far(direction)).into_iter();
                let may_point = may_link(near) && far.any(|object| may_link(object.id));
                let grant: Option<Grant<Link>> = if may_point {
                    self.grant_relation(&relation)
                } else {
                    None
                };
                let linkable = grant.map(|grant| grant.fields());
                Some(SurfaceRelation {
                    relation,
                    readable,
                    partly,
                    linkable,
                })
            }
            (CollectionKind::Relation { .. } | CollectionKind::Inverse { .. }, _) => None,
        };
        Some(SurfaceCollection {
            collection: collection.clone(),
            relation,
            ordered: self.catalog.is_ordered(collection.kind),
        })
    }
}

/// The fields that a grant shows, and how those of them show that do not show always. It hangs on the rules
/// alone, not on the values of their variables: callers of the same roles have one surface.
fn shown(grant: &Grant<Read>) -> (Vec<Arc<Field>>, BTreeMap<FieldId, Partly>) {
    let mut fields = Vec::new();
    let mut partly = BTreeMap::new();
    for readable in grant.fields() {
        if !matches!(readable.visibility, Visibility::Always) {
            let how = Partly {
                sometimes: !readable.visibility.is_nowhere(),
                masks: readable.masked.iter().map(|masked| masked.mask).collect(),
            };
            partly.insert(readable.field.id, how);
        }
        fields.push(readable.field);
    }
    (fields, partly)
}

fn hash(catalog: &Catalog, objects: &[SurfaceObject], permissions: &[Permission]) -> String {
    let mut sha = Sha256::new();
    sha.update(catalog.version().to_be_bytes());
    // Aliases end while the version stays.
    sha.update(catalog.alias_count().to_be_bytes());
    let mut fields = |tag: u8, list: Option<&Vec<Arc<Field>>>| {
        sha.update([tag, u8::from(list.is_some())]);
        for field in list.into_iter().flatten() {
            sha.update(field.id.uuid().as_bytes());
        }
    };
    let mut rows = Vec::new();
    for object in objects {
        fields(0, Some(&vec![]));
        fields(1, object.readable.as_ref());
        fields(2, object.creatable.as_ref());
        fields(3, object.updatable.as_ref());
        fields(4 + u8::from(object.deletable), None);
        fields(9 + u8::from(object.sharable), None);
        rows.extend(object.max_rows.unwrap_or(u32::MAX).to_be_bytes());
        for collection in &object.collections {
            fields(6, None);
            if let Some(relation) = &collection.relation {
                fields(7, Some(&relation.readable));
                fields(8, relation.linkable.as_ref());
            }
        }
    }
    for object in objects {
        sha.update(object.object.id.uuid().as_bytes());
        hash_partly(&mut sha, &object.partly);
        for collection in &object.collections {
            sha.update(collection.collection.name.as_str().as_bytes());
            sha.update([0]);
            if let Some(relation) = &collection.relation {
                hash_partly(&mut sha, &relation.partly);
            }
        }
    }
    sha.update(&rows);
    for permission in permissions {
        sha.update([*permission as u8]);
    }
    sha.finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn hash_partly(sha: &mut Sha256, partly: &BTreeMap<FieldId, Partly>) {
    sha.update((partly.len() as u64).to_be_bytes());
    for (field, how) in partly {
        sha.update(field.uuid().as_bytes());
        sha.update([u8::from(how.sometimes)]);
        sha.update((how.masks.len() as u64).to_be_bytes());
        for mask in &how.masks {
            sha.update(mask.name());
        }
    }
}
