//! From wanted names to a selection: the caller's surface says what each name is. A name that the
//! surface does not know is passed on as a field, so that the engine alone answers for it and a hidden
//! name reads like an unknown one.

use std::sync::Arc;

use schema::{
    Place,
    access::{Surface, SurfaceCollection, SurfaceObject, SurfaceRelation},
    catalog::{Field, SystemField},
    request::{
        CollectionQuery, Count, Entry, LIMITS, ListPart, ListShape, Node, PageInfoPart,
        PageRequest, PartEntry, PartNode, PointerEntry, PointerNode, Selection,
    },
};

use super::{EVERYTHING, Wanted};

/// The name that stands for what people read of a record.
const DISPLAY_NAME: &str = "displayName";

/// Gives wanted names their kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shaper<'a> {
    surface: &'a Surface,
}

impl<'a> Shaper<'a> {
    /// A shaper for the caller of this surface.
    pub(crate) fn new(surface: &'a Surface) -> Self {
        Self { surface }
    }

    /// The selection of records of an object type; of its fields by default.
    pub(crate) fn record(self, object: &str, wanted: Option<&[Wanted]>) -> Selection {
        match self.surface.find_plural(object) {
            Some(object) => self.object(object, wanted),
            None => Selection::default(),
        }
    }

    /// The shape of a list of records.
    pub(crate) fn list(self, object: &str, wanted: Option<&[Wanted]>, count: Count) -> ListShape {
        list_shape(self.record(object, wanted), count)
    }

    /// The shape of the members of one collection of an object type.
    pub(crate) fn members(
        self,
        object: &str,
        collection: &str,
        wanted: Option<&[Wanted]>,
        count: Count,
    ) -> ListShape {
        let found = self
            .surface
            .find_plural(object)
            .and_then(|object| object.find_collection(collection));
        let selection = found.map_or_else(Selection::default, |found| self.member(found, wanted));
        list_shape(selection, count)
    }

    /// The selection of one collection of a record: its first page, under this key.
    pub(crate) fn one_collection(
        self,
        object: &str,
        (collection, key): (&str, &str),
        wanted: Option<&[Wanted]>,
    ) -> Selection {
        let query = CollectionQuery {
            place: Some(root()),
            page: PageRequest {
                limit: Some(LIMITS.default_page),
                is_cut: true,
                ..PageRequest::default()
            },
            ..CollectionQuery::default()
        };
        let shape = self.members(object, collection, wanted, query.count);
        let name = collection.to_owned();
        Selection {
            entries: vec![Entry {
                key: key.to_owned(),
                node: Node::Collection { name, query, shape },
                place: root(),
            }],
        }
    }

    /// The selection of links of a relation type: what a write of one answers.
    pub(crate) fn link(
        self,
        object: &str,
        collection: &str,
        wanted: Option<&[Wanted]>,
    ) -> Selection {
        self.surface
            .find_plural(object)
            .and_then(|object| object.find_collection(collection))
            .and_then(|collection| collection.relation.as_ref())
            .map_or_else(Selection::default, |relation| {
                self.link_of(relation, wanted)
            })
    }

    fn object(self, object: &SurfaceObject, wanted: Option<&[Wanted]>) -> Selection {
        let fields = object.readable.as_deref().unwrap_or_default();
        let mut entries = vec![field_entry("id", &root())];
        for wanted in wanted.unwrap_or(&[everything()]) {
            if wanted.name == EVERYTHING {
                for field in fields {
                    add_missing(&mut entries, self.field(field, None, &wanted.place));
                }
            } else if let Some(collection) = object.find_collection(&wanted.name) {
                add(&mut entries, self.collection(collection, wanted));
            } else {
                add(&mut entries, self.named(fields, wanted));
            }
        }
        Selection { entries }
    }

    fn named(self, fields: &[Arc<Field>], wanted: &Wanted) -> Entry {
        if let Some(query) = &wanted.query {
            // It was asked like a collection and is none; the engine refuses it as one.
            return Entry {
                key: wanted.name.clone(),
                place: wanted.place.clone(),
                node: Node::Collection {
                    name: wanted.name.clone(),
                    query: query.as_ref().clone(),
                    shape: ListShape::default(),
                },
            };
        }
        let mut named = fields.iter();
        let found = named
            .find(|field| field.name.as_str() == wanted.name)
            .or_else(|| fields.iter().find(|it| it.aliases.has(&wanted.name)));
        match found {
            Some(field) => self.field(field, Some(wanted), &wanted.place),
            None if wanted.name == DISPLAY_NAME && wanted.below.is_none() => Entry {
                key: wanted.name.clone(),
                node: Node::DisplayName,
                place: wanted.place.clone(),
            },
            None => field_entry(&wanted.name, &wanted.place),
        }
    }

    fn field(self, field: &Field, wanted: Option<&Wanted>, place: &Place) -> Entry {
        let name = field.name.to_string();
        let below = wanted.and_then(|wanted| wanted.below.as_deref());
        let is_whole = wanted.is_some_and(|wanted| wanted.whole);
        let node = match field.target() {
            Some(target) => Node::Reference {
                name: name.clone(),
                selection: match (self.surface.find(target), below) {
                    (Some(target), Some(below)) => self.object(target, Some(below)),
                    (Some(_) | None, _) => Selection {
                        entries: vec![field_entry("id", place)],
                    },
                },
            },
            None if field.is_polymorphic() => Node::Pointer {
                name: name.clone(),
                entries: self.pointer(field, below, place),
            },
            None => Node::Field {
                name: name.clone(),
                parts: below.filter(|_| !is_whole).map(parts),
            },
        };
        Entry {
            key: name,
            node,
            place: place.clone(),
        }
    }

    /// What is shown of a record of one of several types: its id and type, and records by type.
    fn pointer(self, field: &Field, below: Option<&[Wanted]>, place: &Place) -> Vec<PointerEntry> {
        let entry = |key: &str, place: &Place, node: PointerNode| PointerEntry {
            key: key.to_owned(),
            node,
            place: place.clone(),
        };
        let mut entries = vec![
            entry("id", place, PointerNode::Id),
            entry("type", place, PointerNode::Type),
        ];
        for wanted in below.unwrap_or_default() {
            let name = wanted.name.as_str();
            if matches!(name, "id" | "type" | EVERYTHING) {
                continue;
            }
            let target = self.target(field, name);
            let key = target.map_or(name, |target| target.object.name.as_str());
            if entries.iter().any(|known| known.key == key) {
                continue;
            }
            let selection = target.map_or_else(Selection::default, |target| {
                self.object(target, wanted.below.as_deref())
            });
            let node = PointerNode::Record {
                object: name.to_owned(),
                selection,
            };
            entries.push(entry(key, &wanted.place, node));
        }
        entries
    }

    fn collection(self, collection: &SurfaceCollection, wanted: &Wanted) -> Entry {
        let name = collection.collection.name.to_string();
        let query = wanted.query.as_deref().cloned();
        let query = query.unwrap_or_else(|| CollectionQuery {
            place: Some(wanted.place.clone()),
            ..CollectionQuery::default()
        });
        let shape = list_shape(
            self.member(collection, wanted.below.as_deref()),
            query.count,
        );
        Entry {
            key: name.clone(),
            node: Node::Collection { name, query, shape },
            place: wanted.place.clone(),
        }
    }

    /// A member of a collection; of a relation, with its link.
    fn member(self, collection: &SurfaceCollection, wanted: Option<&[Wanted]>) -> Selection {
        let Some(relation) = &collection.relation else {
            let target = self.surface.member(collection);
            return target.map_or_else(Selection::default, |it| self.object(it, wanted));
        };
        let is_link = |wanted: &&Wanted| wanted.name == "link";
        let link = wanted.unwrap_or_default().iter().find(is_link);
        let others: Option<Vec<Wanted>> = wanted.map(|wanted| {
            let others = wanted.iter().filter(|wanted| !is_link(wanted));
            others.cloned().collect()
        });
        let mut selection = match (collection.pointer(), self.surface.member(collection)) {
            (Some(pointer), _) => self.pointed(pointer, others.as_deref()),
            (None, Some(target)) => self.object(target, others.as_deref()),
            (None, None) => return Selection::default(),
        };
        selection.entries.push(Entry {
            key: "link".to_owned(),
            place: link.map_or_else(root, |link| link.place.clone()),
            node: Node::Link {
                selection: self.link_of(relation, link.and_then(|link| link.below.as_deref())),
            },
        });
        selection
    }

    /// A member of one of several types: its id and type, and its record by type.
    fn pointed(self, pointer: &Field, wanted: Option<&[Wanted]>) -> Selection {
        let mut entries = vec![field_entry("id", &root()), field_entry("type", &root())];
        for wanted in wanted.unwrap_or_default() {
            let name = wanted.name.as_str();
            let is_plain = wanted.query.is_none() && wanted.below.is_none();
            if is_plain && matches!(name, "id" | "type" | EVERYTHING) {
                continue;
            }
            match self
                .target(pointer, name)
                .filter(|_| wanted.query.is_none())
            {
                Some(target) => add(
                    &mut entries,
                    Entry {
                        key: target.object.name.to_string(),
                        node: Node::Reference {
                            name: name.to_owned(),
                            selection: self.object(target, wanted.below.as_deref()),
                        },
                        place: wanted.place.clone(),
                    },
                ),
                None => add(&mut entries, self.named(&[], wanted)),
            }
        }
        Selection { entries }
    }

    /// A target of a reference to several types by its name or alias.
    fn target(self, pointer: &Field, name: &str) -> Option<&'a SurfaceObject> {
        let targets = self.surface.targets(pointer);
        let mut named = targets.iter();
        let named = named.find(|it| it.object.name.as_str() == name);
        let found = named.or_else(|| targets.iter().find(|it| it.object.aliases.has(name)));
        found.copied()
    }

    fn link_of(self, relation: &SurfaceRelation, wanted: Option<&[Wanted]>) -> Selection {
        let mut entries = vec![field_entry("id", &root())];
        for wanted in wanted.unwrap_or(&[everything()]) {
            if wanted.name == EVERYTHING {
                // Of the fields that every link has, only those that say something of it.
                let says =
                    |system: SystemField| system == SystemField::Version || system.is_writable();
                let own = relation
                    .readable
                    .iter()
                    .filter(|field| field.system.is_none_or(says));
                for field in own {
                    add_missing(&mut entries, self.field(field, None, &wanted.place));
                }
            } else {
                add(&mut entries, self.named(&relation.readable, wanted));
            }
        }
        Selection { entries }
    }
}

/// Whether a selection shows the record alone, so that its version tells whether the answer changed.
pub(crate) fn is_flat(selection: &Selection) -> bool {
    selection.entries.iter().all(|entry| match &entry.node {
        Node::Constant(_) | Node::Field { .. } => true,
        // A reference reads as null when its target is deleted, which raises no version here; a display
        // name may look at one.
        Node::DisplayName
        | Node::Reference { .. }
        | Node::Pointer { .. }
        | Node::Collection { .. }
        | Node::Link { .. } => false,
    })
}

fn list_shape(selection: Selection, count: Count) -> ListShape {
    use PageInfoPart as Part;
    let page = [
        ("next", Part::Next),
        ("previous", Part::Previous),
        ("hasNext", Part::HasNext),
        ("hasPrevious", Part::HasPrevious),
    ];
    let page = page.map(|(key, part)| (key.to_owned(), part)).into();
    let mut entries = vec![
        ("data".to_owned(), ListPart::Records(selection)),
        ("page".to_owned(), ListPart::PageInfo(page)),
    ];
    match count {
        Count::None => {}
        Count::Exact => entries.push(("count".to_owned(), ListPart::Count)),
        Count::Bounded => {
            entries.push(("count".to_owned(), ListPart::Count));
            entries.push(("countIsExact".to_owned(), ListPart::CountIsExact));
        }
    }
    ListShape { entries }
}

fn parts(below: &[Wanted]) -> Vec<PartEntry> {
    let part = |wanted: &Wanted| PartEntry {
        key: wanted.name.clone(),
        part: PartNode::Part(wanted.name.clone()),
    };
    below.iter().map(part).collect()
}

/// Adds what `*` stands for; what is named wins over it.
fn add_missing(entries: &mut Vec<Entry>, entry: Entry) {
    if entries.iter().all(|known| known.key != entry.key) {
        entries.push(entry);
    }
}

/// Adds what is named. `id` stands there already, and what `*` brought may be named again.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    match entries.iter_mut().find(|known| known.key == entry.key) {
        Some(known) => *known = entry,
        None => entries.push(entry),
    }
}

fn everything() -> Wanted {
    Wanted {
        name: EVERYTHING.to_owned(),
        place: root(),
        query: None,
        below: None,
        whole: true,
    }
}

fn root() -> Place {
    Place::Pointer(String::new())
}

fn field_entry(name: &str, place: &Place) -> Entry {
    Entry {
        key: name.to_owned(),
        node: Node::Field {
            name: name.to_owned(),
            parts: None,
        },
        place: place.clone(),
    }
}
