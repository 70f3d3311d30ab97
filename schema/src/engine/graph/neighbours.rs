//! One step of a walk: from records of any types to what they point at, what points at them, and what
//! is linked to them. The step is one list read a type.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json, json};

use super::{Reached, Walk};
use crate::{
    access::{Surface, SurfaceCollection, SurfaceObject},
    catalog::{CollectionKind, Direction, Field},
    error::{Error, FaultCode, Place, Result},
    id::{FieldId, ObjectTypeId, RelationTypeId},
    request::{
        CollectionQuery, EdgeKind, Entry, Filter, LIMITS, ListPart, ListRequest, ListShape, Node,
        PageInfoPart, PageRequest, PointerEntry, PointerNode, ReadRequest, RecordRequest,
        RelatedEdge, Selection,
    },
};

/// How many records one read may answer if every page were full.
const PLANNED: u32 = 40_000;

/// The ways that a walk may take.
#[derive(Debug)]
pub(super) enum Ways {
    All,
    These {
        references: HashSet<FieldId>,
        relations: HashSet<RelationTypeId>,
    },
}

impl Ways {
    /// The ways with these names: relation types as they are, references as `order.customer`.
    pub(super) fn named(
        surface: &Surface,
        names: Option<&[String]>,
        place: &Place,
    ) -> Result<Self> {
        let Some(names) = names else {
            return Ok(Self::All);
        };
        let (mut references, mut relations) = (HashSet::new(), HashSet::new());
        for name in names {
            match (find_reference(surface, name), find_relation(surface, name)) {
                (Some(field), _) => references.insert(field),
                (None, Some(relation)) => relations.insert(relation),
                (None, None) => {
                    let message = format!(
                        "there is no relation type {name:?}; references are named as order.customer"
                    );
                    return Err(Error::fault(
                        place.clone(),
                        FaultCode::UnknownRelation,
                        message,
                    ));
                }
            };
        }
        Ok(Self::These {
            references,
            relations,
        })
    }

    fn have_reference(&self, field: FieldId) -> bool {
        match self {
            Self::All => true,
            Self::These { references, .. } => references.contains(&field),
        }
    }

    fn have(&self, collection: &SurfaceCollection) -> bool {
        match (self, collection.collection.kind) {
            (Self::All, _) => true,
            (Self::These { references, .. }, CollectionKind::Inverse { field }) => {
                references.contains(&field)
            }
            (Self::These { relations, .. }, CollectionKind::Relation { relation, .. }) => {
                relations.contains(&relation)
            }
        }
    }
}

fn find_reference(surface: &Surface, name: &str) -> Option<FieldId> {
    let (object, field) = name.split_once('.')?;
    let readable = surface.find_name(object)?.readable.as_deref()?;
    let named = readable.iter().find(|it| it.name.as_str() == field);
    let field = named.or_else(|| readable.iter().find(|it| it.aliases.has(field)))?;
    field.is_reference().then_some(field.id)
}

fn find_relation(surface: &Surface, name: &str) -> Option<RelationTypeId> {
    let collections = surface.objects.iter().flat_map(|it| &it.collections);
    let relations = || {
        let all = collections.clone();
        all.filter_map(|it| it.relation.as_ref())
    };
    let named = relations().find(|it| it.relation.name.as_str() == name);
    let found = named.or_else(|| relations().find(|it| it.relation.aliases.has(name)));
    found.map(|it| it.relation.id)
}

/// What one step has found.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    pub(super) found: Vec<Found>,
    /// Whether there is more than was looked at.
    pub(super) is_cut: bool,
}

/// After so many connections a step looks at no further records.
const MAX_FOUND: usize = 50_000;

/// A record next to one that was reached before, and what connects the two.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) edge: RelatedEdge,
    pub(super) far: Reached,
    pub(super) title: Option<String>,
    /// Whether a pointer led to it, which does not say the title.
    pub(super) is_pointed: bool,
}

impl Walk<'_> {
    /// The title of a record, which must be there for the caller.
    pub(super) async fn title(
        &self,
        object: &SurfaceObject,
        plural: &str,
        id: &str,
    ) -> Result<Option<String>> {
        let request = ReadRequest::Record(RecordRequest {
            object: plural.to_owned(),
            id: id.to_owned(),
            selection: named(object),
            as_of: None,
        });
        let record = self.read(request).await?;
        Ok(title_of(&record))
    }

    async fn read(&self, request: ReadRequest) -> Result<Json> {
        let answers = self
            .engine
            .read_in_snapshot(self.snapshot, self.caller, &[request])
            .await?;
        let answer = answers.into_iter().next().unwrap_or(Err(Error::Busy))?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| Error::internal("reading a record of a walk", error))
    }

    /// Everything next to these records, in a stable order.
    pub(super) async fn neighbours(&self, records: &[Reached]) -> Result<Neighbours> {
        let mut all = Neighbours::default();
        let mut types: Vec<ObjectTypeId> = Vec::new();
        for record in records {
            if !types.contains(&record.object) {
                types.push(record.object);
            }
        }
        'types: for id in types {
            let Some(object) = self.surface().find(id) else {
                continue;
            };
            let step = self.step(object);
            let ids: Vec<&str> = records
                .iter()
                .filter(|record| record.object == id)
                .map(|record| record.id.as_str())
                .collect();
            for ids in ids.chunks(step.chunk()) {
                let answer = self.read(step.request(ids)).await?;
                for record in answer["data"].as_array().into_iter().flatten() {
                    step.take(self.surface(), record, &mut all);
                }
                if all.found.len() > MAX_FOUND {
                    all.is_cut = true;
                    break 'types;
                }
            }
        }
        self.name_pointed(&mut all.found).await?;
        Ok(all)
    }

    /// Puts the titles of records to which pointers led, which say only their id and type.
    async fn name_pointed(&self, found: &mut [Found]) -> Result<()> {
        let mut unnamed: HashMap<ObjectTypeId, Vec<String>> = HashMap::new();
        for one in found.iter().filter(|one| one.is_pointed) {
            let ids = unnamed.entry(one.far.object).or_default();
            if !ids.contains(&one.far.id) {
                ids.push(one.far.id.clone());
            }
        }
        let mut titles: HashMap<String, String> = HashMap::new();
        for (id, ids) in unnamed {
            let Some(object) = self.surface().find(id) else {
                continue;
            };
            for ids in ids.chunks(LIMITS.page_of(object.max_rows) as usize) {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                let answer = self.read(list(object, &ids, named(object))).await?;
                for record in answer["data"].as_array().into_iter().flatten() {
                    if let (Some(id), Some(title)) = (record["id"].as_str(), title_of(record)) {
                        titles.insert(id.to_owned(), title);
                    }
                }
            }
        }
        for one in found.iter_mut().filter(|one| one.is_pointed) {
            one.title = titles.get(&one.far.id).cloned();
        }
        Ok(())
    }

    fn step<'s>(&'s self, object: &'s SurfaceObject) -> Step<'s> {
        let surface = self.surface();
        let readable = object.readable.as_deref().unwrap_or_default().iter();
        let references = readable.filter_map(|field| {
            let target = surface.find(field.target()?)?;
            let is_way = self.ways.have_reference(field.id) && target.readable.is_some();
            is_way.then_some((&**field, target))
        });
        let pointers = object.readable.as_deref().unwrap_or_default().iter();
        let pointers = pointers.filter(|field| {
            field.is_polymorphic()
                && self.ways.have_reference(field.id)
                && !surface.targets(field).is_empty()
        });
        let ways = object.collections.iter().filter(|it| self.ways.have(it));
        let (several, one): (Vec<_>, Vec<_>) = ways.partition(|it| it.pointer().is_some());
        let collections = one.into_iter().filter_map(|collection| {
            let target = surface.member(collection)?;
            Some((collection, target))
        });
        let collections: Vec<_> = collections.collect();
        let number = u32::try_from(collections.len() + several.len()).unwrap_or(u32::MAX);
        // Of one record with many collections a few members each, so that one read has them all.
        let members = self.members.min((PLANNED - 1) / number.max(1)).max(1);
        Step {
            object,
            references: references.collect(),
            pointers: pointers.map(|field| &**field).collect(),
            collections,
            several,
            members,
        }
    }
}

/// The ways on from the records of one type.
struct Step<'a> {
    object: &'a SurfaceObject,
    references: Vec<(&'a Field, &'a SurfaceObject)>,
    /// References to several types.
    pointers: Vec<&'a Field>,
    collections: Vec<(&'a SurfaceCollection, &'a SurfaceObject)>,
    /// Collections of members of several types.
    several: Vec<&'a SurfaceCollection>,
    members: u32,
}

impl Step<'_> {
    /// How many records one read may start from.
    fn chunk(&self) -> usize {
        let collections = self.collections.len() + self.several.len();
        let collections = u32::try_from(collections).unwrap_or(u32::MAX);
        let each = collections.saturating_mul(self.members).saturating_add(1);
        (PLANNED / each).clamp(1, LIMITS.page_of(self.object.max_rows)) as usize
    }

    fn request(&self, ids: &[&str]) -> ReadRequest {
        let mut entries = vec![entry("id", field("id"))];
        for (at, (reference, target)) in self.references.iter().enumerate() {
            let node = Node::Reference {
                name: reference.name.to_string(),
                selection: named(target),
            };
            entries.push(entry(format!("reference{at}"), node));
        }
        for (at, pointer) in self.pointers.iter().enumerate() {
            entries.push(entry(format!("pointer{at}"), pointed(pointer)));
        }
        for (at, (collection, target)) in self.collections.iter().enumerate() {
            entries.push(entry(
                format!("collection{at}"),
                self.members_of(collection, named(target)),
            ));
        }
        for (at, collection) in self.several.iter().enumerate() {
            let selection = Selection {
                entries: vec![entry("id", field("id")), entry("type", field("type"))],
            };
            let members = self.members_of(collection, selection);
            entries.push(entry(format!("several{at}"), members));
        }
        list(self.object, ids, Selection { entries })
    }

    fn members_of(&self, collection: &SurfaceCollection, mut selection: Selection) -> Node {
        if collection.relation.is_some() {
            let id = Selection {
                entries: vec![entry("id", field("id"))],
            };
            selection
                .entries
                .push(entry("link", Node::Link { selection: id }));
        }
        let has_next = vec![("hasNext".to_owned(), PageInfoPart::HasNext)];
        Node::Collection {
            name: collection.collection.name.to_string(),
            query: CollectionQuery {
                page: page(self.members),
                ..CollectionQuery::default()
            },
            shape: ListShape {
                entries: vec![
                    ("data".to_owned(), ListPart::Records(selection)),
                    ("page".to_owned(), ListPart::PageInfo(has_next)),
                ],
            },
        }
    }

    /// Takes what one record of the answer is connected with.
    fn take(&self, surface: &Surface, record: &Json, all: &mut Neighbours) {
        let near = record["id"].as_str().unwrap_or_default();
        for (at, (reference, target)) in self.references.iter().enumerate() {
            let found = &record[format!("reference{at}")];
            if let Some(far) = found["id"].as_str() {
                let name = format!("{}.{}", self.object.object.name, reference.name);
                all.found.push(Found {
                    edge: reference_edge(reference, name, (near, far)),
                    far: reached(target, far),
                    title: title_of(found),
                    is_pointed: false,
                });
            }
        }
        for (at, pointer) in self.pointers.iter().enumerate() {
            let found = &record[format!("pointer{at}")];
            let of_type = found["type"]
                .as_str()
                .and_then(|name| surface.find_name(name));
            if let (Some(target), Some(far)) = (of_type, found["id"].as_str()) {
                let name = format!("{}.{}", self.object.object.name, pointer.name);
                all.found.push(Found {
                    edge: reference_edge(pointer, name, (near, far)),
                    far: reached(target, far),
                    title: None,
                    is_pointed: true,
                });
            }
        }
        for (at, (collection, target)) in self.collections.iter().enumerate() {
            let members = &record[format!("collection{at}")];
            all.is_cut |= members["page"]["hasNext"] == Json::Bool(true);
            for member in members["data"].as_array().into_iter().flatten() {
                let Some(far) = member["id"].as_str() else {
                    continue;
                };
                if let Some(edge) = member_edge(collection, target, (near, far), member) {
                    all.found.push(Found {
                        edge,
                        far: reached(target, far),
                        title: title_of(member),
                        is_pointed: false,
                    });
                }
            }
        }
        self.take_several(surface, (near, record), all);
    }

    /// Takes the members of several types, which say only their id and type.
    fn take_several(&self, surface: &Surface, (near, record): (&str, &Json), all: &mut Neighbours) {
        for (at, collection) in self.several.iter().enumerate() {
            let members = &record[format!("several{at}")];
            all.is_cut |= members["page"]["hasNext"] == Json::Bool(true);
            for member in members["data"].as_array().into_iter().flatten() {
                let of_type = member["type"].as_str();
                let target = of_type.and_then(|name| surface.find_name(name));
                if let (Some(target), Some(far)) = (target, member["id"].as_str())
                    && let Some(edge) = member_edge(collection, target, (near, far), member)
                {
                    all.found.push(Found {
                        edge,
                        far: reached(target, far),
                        title: None,
                        is_pointed: true,
                    });
                }
            }
        }
    }
}

/// The records of a type with these ids.
fn list(object: &SurfaceObject, ids: &[&str], selection: Selection) -> ReadRequest {
    let query = CollectionQuery {
        filter: Filter {
            json: Some(json!({ "id": { "in": ids } })),
            terms: Vec::new(),
        },
        page: page(u32::try_from(ids.len()).unwrap_or(LIMITS.page)),
        ..CollectionQuery::default()
    };
    let shape = ListShape {
        entries: vec![("data".to_owned(), ListPart::Records(selection))],
    };
    ReadRequest::List(ListRequest {
        object: object.object.plural.to_string(),
        query,
        shape,
        of: None,
    })
}

/// The id and the type of what a pointer points at.
fn pointed(pointer: &Field) -> Node {
    let member = |key: &str, node: PointerNode| PointerEntry {
        key: key.to_owned(),
        node,
        place: Place::Parameter(key.to_owned()),
    };
    Node::Pointer {
        name: pointer.name.to_string(),
        entries: vec![
            member("id", PointerNode::Id),
            member("type", PointerNode::Type),
        ],
    }
}

fn reached(object: &SurfaceObject, id: &str) -> Reached {
    Reached {
        object: object.object.id,
        id: id.to_owned(),
    }
}

fn reference_edge(field: &Field, name: String, (from, to): (&str, &str)) -> RelatedEdge {
    RelatedEdge {
        from: from.to_owned(),
        to: to.to_owned(),
        kind: EdgeKind::Reference,
        name,
        label: field.label.clone(),
        link: None,
    }
}

/// The edge to a member of a collection, told as it is from its own start: a reference from the record
/// that has it, a link from its source.
fn member_edge(
    collection: &SurfaceCollection,
    target: &SurfaceObject,
    (near, far): (&str, &str),
    member: &Json,
) -> Option<RelatedEdge> {
    match (collection.collection.kind, &collection.relation) {
        (CollectionKind::Inverse { field }, _) => {
            let field = target.object.fields.find_by_id(field)?;
            let name = format!("{}.{}", target.object.name, field.name);
            Some(reference_edge(field, name, (far, near)))
        }
        (CollectionKind::Relation { direction, .. }, Some(side)) => {
            let (from, to) = match direction {
                Direction::Forward => (near, far),
                Direction::Reverse => (far, near),
                // As it is stored, so that it is the same edge from either end.
                Direction::Either => (near.min(far), near.max(far)),
            };
            Some(RelatedEdge {
                from: from.to_owned(),
                to: to.to_owned(),
                kind: EdgeKind::Link,
                name: side.relation.name.to_string(),
                label: side.relation.label.clone(),
                link: member["link"]["id"].as_str().map(str::to_owned),
            })
        }
        (CollectionKind::Relation { .. }, None) => None,
    }
}

/// The id of a record and what names it, as far as the caller may read it.
fn named(object: &SurfaceObject) -> Selection {
    let mut entries = vec![entry("id", field("id"))];
    let readable = object.readable.as_deref().unwrap_or_default();
    let title = object.object.title;
    let title = readable.iter().find(|field| Some(field.id) == title);
    if let Some(title) = title.filter(|field| !field.is_reference()) {
        entries.push(entry("title", field(title.name.as_str())));
    }
    Selection { entries }
}

/// A title as people read it: a text as it is, a composite value as its texts.
fn title_of(record: &Json) -> Option<String> {
    match record.get("title")? {
        Json::String(text) => Some(text.clone()),
        Json::Object(parts) => Some(joined(parts)),
        Json::Null => None,
        other @ (Json::Bool(_) | Json::Number(_) | Json::Array(_)) => Some(other.to_string()),
    }
}

fn joined(parts: &Map<String, Json>) -> String {
    let texts: Vec<&str> = parts.values().filter_map(Json::as_str).collect();
    texts.join(" ")
}

fn field(name: &str) -> Node {
    Node::Field {
        name: name.to_owned(),
        parts: None,
    }
}

fn entry(key: impl Into<String>, node: Node) -> Entry {
    let key = key.into();
    Entry {
        place: Place::Parameter(key.clone()),
        key,
        node,
    }
}

fn page(limit: u32) -> PageRequest {
    PageRequest {
        limit: Some(limit),
        is_cut: true,
        ..PageRequest::default()
    }
}
