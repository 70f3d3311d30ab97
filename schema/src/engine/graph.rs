//! Walks of the graph of references and links around a record, under the caller's rights.
//!
//! Each step is an ordinary list read of the records that were reached, with their references and
//! collections: a walk can show nothing that its caller could not read one by one.

mod neighbours;
mod path;

use std::collections::{HashMap, HashSet};

use crate::{
    access::{Caller, Surface},
    engine::{Engine, Snapshot},
    error::{Error, FaultCode, Place, Result},
    id::ObjectTypeId,
    plan::read::not_found,
    request::{MAX_DEPTH, MAX_NODES, RelatedEdge, RelatedGraph, RelatedNode, RelatedRequest},
};
use neighbours::{Found, Ways};

/// One walk of one caller.
struct Walk<'a> {
    engine: &'a Engine,
    caller: &'a Caller,
    snapshot: &'a Snapshot,
    ways: Ways,
    /// The most members of one collection that are looked at.
    members: u32,
}

/// A record that a walk has reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reached {
    object: ObjectTypeId,
    id: String,
}

impl Engine {
    /// The records around one record, by a snapshot.
    pub async fn related(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        request: &RelatedRequest,
    ) -> Result<RelatedGraph> {
        let place = |name: &str| argument(request.place.as_ref(), name);
        in_range(request.depth, MAX_DEPTH, || place("depth"))?;
        in_range(request.limit, MAX_NODES, || place("limit"))?;
        let through = request.through.as_deref();
        let walk = Walk {
            engine: self,
            caller,
            snapshot,
            ways: Ways::named(snapshot.surface(), through, &place("through"))?,
            members: request.limit.min(crate::request::LIMITS.page),
        };
        let (start, title) = walk.start(&request.object, &request.id).await?;
        walk.around(start, title, (request.depth, request.limit))
            .await
    }
}

impl Walk<'_> {
    fn surface(&self) -> &Surface {
        self.snapshot.surface()
    }

    /// The record that a walk starts at, with its title.
    async fn start(&self, plural: &str, id: &str) -> Result<(Reached, Option<String>)> {
        let object = self
            .surface()
            .find_plural(plural)
            .ok_or_else(|| Error::ObjectNotFound(plural.to_owned()))?;
        let reached = Reached {
            object: object.object.id,
            id: crate::plan::read::parse_id(id)
                .ok_or_else(|| not_found(plural, id))?
                .to_string(),
        };
        let title = self.title(object, plural, id).await?;
        Ok((reached, title))
    }

    async fn around(
        &self,
        start: Reached,
        title: Option<String>,
        (depth, limit): (u32, u32),
    ) -> Result<RelatedGraph> {
        let mut graph = Graph::default();
        graph.add(self.node(&start, title, 0));
        let mut frontier = vec![start];
        for distance in 1..=depth {
            let neighbours = self.neighbours(&frontier).await?;
            graph.is_cut |= neighbours.is_cut;
            frontier = Vec::new();
            for Found {
                edge, far, title, ..
            } in neighbours.found
            {
                if !graph.has(&far.id) {
                    if graph.nodes.len() >= limit as usize {
                        graph.is_cut = true;
                        continue;
                    }
                    graph.add(self.node(&far, title, distance));
                    frontier.push(far);
                }
                graph.connect(edge);
            }
        }
        Ok(graph.finish())
    }

    fn node(&self, reached: &Reached, title: Option<String>, distance: u32) -> RelatedNode {
        let object = self.surface().find(reached.object);
        RelatedNode {
            id: reached.id.clone(),
            object: object.map_or_else(String::new, |object| object.object.name.to_string()),
            title,
            distance,
        }
    }
}

/// A graph while it grows.
#[derive(Default)]
struct Graph {
    nodes: Vec<RelatedNode>,
    known: HashMap<String, usize>,
    edges: Vec<RelatedEdge>,
    connected: HashSet<RelatedEdge>,
    is_cut: bool,
}

impl Graph {
    fn has(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    fn add(&mut self, node: RelatedNode) {
        self.known.insert(node.id.clone(), self.nodes.len());
        self.nodes.push(node);
    }

    /// Adds an edge; one that is seen from both of its ends counts once.
    fn connect(&mut self, edge: RelatedEdge) {
        if self.connected.insert(edge.clone()) {
            self.edges.push(edge);
        }
    }

    fn finish(self) -> RelatedGraph {
        RelatedGraph {
            nodes: self.nodes,
            edges: self.edges,
            is_complete: !self.is_cut,
        }
    }
}

/// The place of an argument: below the place of the request, or a parameter.
fn argument(place: Option<&Place>, name: &str) -> Place {
    match place {
        Some(place) => place.child(name),
        None => Place::Parameter(name.to_owned()),
    }
}

fn in_range(number: u32, most: u32, place: impl FnOnce() -> Place) -> Result<()> {
    if (1..=most).contains(&number) {
        return Ok(());
    }
    let message = format!("must be from 1 to {most}");
    Err(Error::fault(place(), FaultCode::InvalidValue, message))
}
