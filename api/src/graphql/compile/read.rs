//! Selections: records, links, composite values, connections.

use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use schema::{
    ObjectTypeId, Place,
    access::{SurfaceCollection, SurfaceObject, SurfaceRelation},
    catalog::Field,
    request::{
        EdgePart, Entry, ListPart, ListRequest, ListShape, Node, PageInfoPart, PartEntry, PartNode,
        PointerEntry, PointerNode, ReadRequest, RecordRequest, Selection,
    },
};

use super::{At, Compiler, GraphRequest, Plan, QueryPart, unknown};
use crate::graphql::{collect::Collected, error::GraphError, schema::QueryField};

/// `Result` of the compiler.
type Compiled<T> = Result<T, GraphError>;

/// A list: the type of its members, the names of its types, its link.
#[derive(Debug, Clone, Copy)]
struct List<'a> {
    member: Member<'a>,
    connection: &'a str,
    edge: &'a str,
    link: Option<&'a SurfaceRelation>,
}

/// What the members of a list are.
#[derive(Debug, Clone, Copy)]
enum Member<'a> {
    /// Records of one type.
    Of(&'a SurfaceObject),
    /// Records of several types, by the pointer to them.
    At(&'a Field),
}

impl<'a> Compiler<'a> {
    pub(super) fn query(&mut self, roots: &[Collected<'a>]) -> Compiled<Plan> {
        let mut parts = Vec::with_capacity(roots.len());
        for root in roots {
            let part = match root.name() {
                "__typename" => QueryPart::Constant("Query".to_owned()),
                "__schema" | "__type" => QueryPart::Introspection,
                _ => self.query_part(root)?,
            };
            parts.push((root.key.to_owned(), part));
        }
        Ok(Plan::Query(parts))
    }

    fn query_part(&mut self, root: &Collected<'a>) -> Compiled<QueryPart> {
        let at = At {
            path: vec![root.key.to_owned()],
            position: root.first().pos,
        };
        self.places.push(at.clone());
        let request = match self.query_field(root.name())? {
            QueryField::SchemaVersion => return Ok(QueryPart::SchemaVersion),
            QueryField::Related => {
                let request = GraphRequest::Related(self.related(root, &at)?);
                return self.graph_part(request, root, at);
            }
            QueryField::Path => {
                let request = GraphRequest::Path(self.path(root, &at)?);
                return self.graph_part(request, root, at);
            }
            QueryField::Record(id) => {
                let object = self.object(id)?;
                let arguments = self.arguments("Query", root.first(), &at)?;
                ReadRequest::Record(RecordRequest {
                    object: object.object.plural.to_string(),
                    id: arguments.text("id"),
                    selection: self.record(object, &root.selections(), &at)?,
                    as_of: arguments.as_of(),
                })
            }
            QueryField::List(id) => {
                let member = self.object(id)?;
                let names = self
                    .face
                    .names
                    .record(id)
                    .ok_or_else(|| unknown("a list"))?;
                let list = List {
                    member: Member::Of(member),
                    connection: &names.connection,
                    edge: &names.edge,
                    link: None,
                };
                let (query, shape) = self.list("Query", list, (root, &at))?;
                ReadRequest::List(ListRequest {
                    object: member.object.plural.to_string(),
                    query,
                    shape,
                    of: None,
                })
            }
        };
        Ok(QueryPart::Read {
            request: Box::new(request),
            at,
        })
    }

    fn object(&self, id: ObjectTypeId) -> Compiled<&'a SurfaceObject> {
        let object = self.face.surface.find(id);
        object.ok_or_else(|| unknown("an object type"))
    }

    /// The selection of a record.
    pub(super) fn record(
        &mut self,
        object: &'a SurfaceObject,
        sets: &[&'a SelectionSet],
        at: &At,
    ) -> Compiled<Selection> {
        let names = self.face.names.record(object.object.id);
        let own = names.ok_or_else(|| unknown("a record"))?.record.as_str();
        let readable = object.readable.as_deref().unwrap_or_default();
        let mut entries = Vec::new();
        for one in self.collector.collect(sets)? {
            let at = at.child(one.key, one.first().pos);
            let field = find(readable, one.name());
            let collection = object.find_collection(one.name());
            let node = match (field, collection) {
                (Some(field), _) => self.field(field, &one, &at)?,
                (None, Some(collection)) => self.collection(object, collection, (&one, &at))?,
                (None, None) if one.name() == "displayName" => Node::DisplayName,
                (None, None) => constant(&one, own)?,
            };
            entries.push(entry(&one, node, &at));
        }
        Ok(Selection { entries })
    }

    /// The selection of a link.
    pub(super) fn link(
        &mut self,
        relation: &'a SurfaceRelation,
        sets: &[&'a SelectionSet],
        at: &At,
    ) -> Compiled<Selection> {
        let names = self.face.names.link(relation.relation.id);
        let own = names.ok_or_else(|| unknown("a link"))?.link.as_str();
        let mut entries = Vec::new();
        for one in self.collector.collect(sets)? {
            let at = at.child(one.key, one.first().pos);
            let node = match find(&relation.readable, one.name()) {
                Some(field) => self.field(field, &one, &at)?,
                None => constant(&one, own)?,
            };
            entries.push(entry(&one, node, &at));
        }
        Ok(Selection { entries })
    }

    fn field(&mut self, field: &'a Field, one: &Collected<'a>, at: &At) -> Compiled<Node> {
        let name = field.name.to_string();
        if let Some(target) = field.target() {
            let target = self.object(target)?;
            let selection = self.record(target, &one.selections(), at)?;
            return Ok(Node::Reference { name, selection });
        }
        if field.is_polymorphic() {
            let entries = self.pointer(field, &one.selections(), at)?;
            return Ok(Node::Pointer { name, entries });
        }
        let parts = match self.face.names.composite(field) {
            Some(composite) if field.is_composite() => {
                Some(self.parts(&composite.object, &one.selections())?)
            }
            Some(_) | None => None,
        };
        Ok(Node::Field { name, parts })
    }

    /// What is shown of a record of one of several types.
    fn pointer(
        &mut self,
        field: &'a Field,
        sets: &[&'a SelectionSet],
        at: &At,
    ) -> Compiled<Vec<PointerEntry>> {
        let names = self.face.names.pointer(field);
        let own = names.ok_or_else(|| unknown("a reference"))?.object.as_str();
        let mut entries = Vec::new();
        for one in self.collector.collect(sets)? {
            let at = at.child(one.key, one.first().pos);
            let node = match one.name() {
                "__typename" => PointerNode::Constant(own.to_owned()),
                "id" => PointerNode::Id,
                "type" => PointerNode::Type,
                name => {
                    let target = self.face.surface.find_name(name);
                    let target = target.ok_or_else(|| unknown("an object type"))?;
                    PointerNode::Record {
                        object: name.to_owned(),
                        selection: self.record(target, &one.selections(), &at)?,
                    }
                }
            };
            entries.push(PointerEntry {
                key: one.key.to_owned(),
                node,
                place: Place::Pointer(at.pointer()),
            });
        }
        Ok(entries)
    }

    fn parts(&self, own: &str, sets: &[&'a SelectionSet]) -> Compiled<Vec<PartEntry>> {
        let parts = self.collector.collect(sets)?.into_iter();
        let parts = parts.map(|one| PartEntry {
            key: one.key.to_owned(),
            part: match one.name() {
                "__typename" => PartNode::Constant(own.to_owned()),
                part => PartNode::Part(part.to_owned()),
            },
        });
        Ok(parts.collect())
    }

    fn collection(
        &mut self,
        near: &'a SurfaceObject,
        collection: &'a SurfaceCollection,
        (one, at): (&Collected<'a>, &At),
    ) -> Compiled<Node> {
        self.places.push(at.clone());
        let face = self.face;
        let name = collection.collection.name.as_str();
        let parent = face.names.record(near.object.id);
        let parent = parent.ok_or_else(|| unknown("a collection"))?;
        let member = match (collection.pointer(), collection.collection.target) {
            (Some(pointer), _) => Member::At(pointer),
            (None, Some(target)) => Member::Of(self.object(target)?),
            (None, None) => return Err(unknown("a collection")),
        };
        let target = match member {
            Member::Of(target) => face.names.record(target.object.id),
            Member::At(_) => None,
        };
        let (connection, edge) = match (face.names.side(near.object.id, name), target) {
            (Some(side), _) => (&side.connection, &side.edge),
            (None, Some(target)) => (&target.connection, &target.edge),
            (None, None) => return Err(unknown("a collection")),
        };
        let list = List {
            member,
            connection,
            edge,
            link: collection.relation.as_ref(),
        };
        let (query, shape) = self.list(&parent.record, list, (one, at))?;
        Ok(Node::Collection {
            name: name.to_owned(),
            query,
            shape,
        })
    }

    fn list(
        &mut self,
        parent: &str,
        list: List<'a>,
        (one, at): (&Collected<'a>, &At),
    ) -> Compiled<(schema::request::CollectionQuery, ListShape)> {
        let arguments = self.arguments(parent, one.first(), at)?;
        let members = self.collector.collect(&one.selections())?;
        let counted = members.iter().any(|member| member.name() == "totalCount");
        let query = arguments.into_query(counted)?;
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let at = at.child(member.key, member.first().pos);
            let part = match member.name() {
                "__typename" => ListPart::Constant(list.connection.to_owned()),
                "nodes" => {
                    ListPart::Records(self.member(list.member, &member.selections(), &at)?)
                }
                "edges" => ListPart::Edges(self.edges(list, &member, &at)?),
                "pageInfo" => ListPart::PageInfo(self.page_info(&member.selections())?),
                "totalCount" => ListPart::Count,
                other => return Err(unknown(other)),
            };
            entries.push((member.key.to_owned(), part));
        }
        Ok((query, ListShape { entries }))
    }

    fn edges(
        &mut self,
        list: List<'a>,
        edges: &Collected<'a>,
        at: &At,
    ) -> Compiled<Vec<(String, EdgePart)>> {
        let mut parts = Vec::new();
        for one in self.collector.collect(&edges.selections())? {
            let at = at.child(one.key, one.first().pos);
            let part = match (one.name(), list.link) {
                ("__typename", _) => EdgePart::Constant(list.edge.to_owned()),
                ("cursor", _) => EdgePart::Cursor,
                ("node", _) => {
                    EdgePart::Record(self.member(list.member, &one.selections(), &at)?)
                }
                ("link", Some(link)) => EdgePart::Link(self.link(link, &one.selections(), &at)?),
                (other, _) => return Err(unknown(other)),
            };
            parts.push((one.key.to_owned(), part));
        }
        Ok(parts)
    }

    /// The selection of a member of a list.
    fn member(
        &mut self,
        member: Member<'a>,
        sets: &[&'a SelectionSet],
        at: &At,
    ) -> Compiled<Selection> {
        let pointer = match member {
            Member::Of(object) => return self.record(object, sets, at),
            Member::At(pointer) => pointer,
        };
        let entries = self.pointer(pointer, sets, at)?.into_iter();
        let entries = entries.map(|entry| Entry {
            key: entry.key,
            place: entry.place,
            node: match entry.node {
                PointerNode::Constant(text) => Node::Constant(text),
                PointerNode::Id => plain("id"),
                PointerNode::Type => plain("type"),
                PointerNode::Record { object, selection } => Node::Reference {
                    name: object,
                    selection,
                },
            },
        });
        Ok(Selection {
            entries: entries.collect(),
        })
    }

    fn page_info(&self, sets: &[&'a SelectionSet]) -> Compiled<Vec<(String, PageInfoPart)>> {
        let parts = self.collector.collect(sets)?.into_iter();
        parts
            .map(|one| {
                let part = match one.name() {
                    "__typename" => PageInfoPart::Constant("PageInfo".to_owned()),
                    "hasNextPage" => PageInfoPart::HasNext,
                    "hasPreviousPage" => PageInfoPart::HasPrevious,
                    "startCursor" => PageInfoPart::Start,
                    "endCursor" => PageInfoPart::End,
                    other => return Err(unknown(other)),
                };
                Ok((one.key.to_owned(), part))
            })
            .collect()
    }
}

fn find<'a>(fields: &'a [Arc<Field>], name: &str) -> Option<&'a Field> {
    let mut named = fields.iter();
    let field = named
        .find(|field| field.name.as_str() == name)
        .or_else(|| fields.iter().find(|field| field.aliases.has(name)));
    field.map(|field| &**field)
}

fn plain(name: &str) -> Node {
    Node::Field {
        name: name.to_owned(),
        parts: None,
    }
}

fn constant(one: &Collected<'_>, own: &str) -> Compiled<Node> {
    match one.name() {
        "__typename" => Ok(Node::Constant(own.to_owned())),
        other => Err(unknown(other)),
    }
}

fn entry(one: &Collected<'_>, node: Node, at: &At) -> Entry {
    Entry {
        key: one.key.to_owned(),
        node,
        place: Place::Pointer(at.pointer()),
    }
}
