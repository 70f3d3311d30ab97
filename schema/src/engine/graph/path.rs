//! The shortest path between two records: a breadth-first walk from both of them, always on the side
//! that has fewer records to start from.

use std::collections::HashMap;

use super::{Graph, Reached, Walk, argument, in_range, neighbours::Ways};
use crate::{
    access::Caller,
    engine::{Engine, Snapshot},
    error::Result,
    request::{LIMITS, MAX_PATH, PathRequest, RelatedEdge, RelatedGraph},
};

/// The most records that are reached in search of a path.
const MAX_REACHED: usize = 20_000;

/// The records reached from one end.
struct Side {
    known: HashMap<String, Way>,
    frontier: Vec<Reached>,
}

/// How a record was reached.
struct Way {
    record: Reached,
    title: Option<String>,
    distance: u32,
    /// The edge and the record before, but for the end itself.
    from: Option<(RelatedEdge, String)>,
}

impl Engine {
    /// The shortest path between two records, by a snapshot: its records and edges in order, nothing
    /// when there is none within the depth.
    pub async fn find_path(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        request: &PathRequest,
    ) -> Result<RelatedGraph> {
        let place = |name: &str| argument(request.place.as_ref(), name);
        in_range(request.depth, MAX_PATH, || place("depth"))?;
        let through = request.through.as_deref();
        let walk = Walk {
            engine: self,
            caller,
            snapshot,
            ways: Ways::named(snapshot.surface(), through, &place("through"))?,
            members: LIMITS.page,
        };
        let (from, to) = (&request.from, &request.to);
        let sides = [
            Side::new(walk.start(&from.0, &from.1).await?),
            Side::new(walk.start(&to.0, &to.1).await?),
        ];
        walk.meet(sides, request.depth).await
    }
}

impl Side {
    fn new((start, title): (Reached, Option<String>)) -> Self {
        let way = Way {
            record: start.clone(),
            title,
            distance: 0,
            from: None,
        };
        Self {
            known: HashMap::from([(start.id.clone(), way)]),
            frontier: vec![start],
        }
    }

    /// The records from `id` back to the end of this side.
    fn back<'s>(&'s self, id: &str) -> Vec<&'s Way> {
        let mut ways = Vec::new();
        let mut next = self.known.get(id);
        while let Some(way) = next {
            next = way
                .from
                .as_ref()
                .and_then(|(_, before)| self.known.get(before));
            ways.push(way);
        }
        ways
    }
}

impl Walk<'_> {
    async fn meet(&self, mut sides: [Side; 2], depth: u32) -> Result<RelatedGraph> {
        let mut graph = Graph::default();
        let mut walked = 0;
        loop {
            if let Some(middle) = meeting(&sides) {
                self.join(&sides, &middle, &mut graph);
                break;
            }
            let reached = sides[0].known.len() + sides[1].known.len();
            graph.is_cut |= reached > MAX_REACHED;
            if walked == depth
                || reached > MAX_REACHED
                || sides.iter().any(|side| side.frontier.is_empty())
            {
                break;
            }
            let at = usize::from(sides[1].frontier.len() < sides[0].frontier.len());
            graph.is_cut |= self.widen(&mut sides[at]).await?;
            walked += 1;
        }
        Ok(graph.finish())
    }

    /// One step further on one side; tells whether a collection was cut.
    async fn widen(&self, side: &mut Side) -> Result<bool> {
        let neighbours = self.neighbours(&side.frontier).await?;
        side.frontier.clear();
        for found in neighbours.found {
            if side.known.contains_key(&found.far.id) {
                continue;
            }
            let near = if found.edge.from == found.far.id {
                &found.edge.to
            } else {
                &found.edge.from
            };
            let distance = side.known.get(near).map_or(0, |way| way.distance) + 1;
            let way = Way {
                record: found.far.clone(),
                title: found.title,
                distance,
                from: Some((found.edge.clone(), near.clone())),
            };
            side.known.insert(found.far.id.clone(), way);
            side.frontier.push(found.far);
        }
        Ok(neighbours.is_cut)
    }

    fn join(&self, sides: &[Side; 2], middle: &str, graph: &mut Graph) {
        let mut first = sides[0].back(middle);
        first.reverse();
        let second = sides[1].back(middle);
        let records = first.iter().chain(second.iter().skip(1));
        for (way, distance) in records.zip(0..) {
            graph.add(self.node(&way.record, way.title.clone(), distance));
        }
        let edges = first.iter().chain(&second);
        for (edge, _) in edges.filter_map(|way| way.from.as_ref()) {
            graph.connect(edge.clone());
        }
    }
}

/// The record that both sides have reached with the fewest steps in all.
fn meeting(sides: &[Side; 2]) -> Option<String> {
    let (few, many) = if sides[0].known.len() < sides[1].known.len() {
        (&sides[0], &sides[1])
    } else {
        (&sides[1], &sides[0])
    };
    few.known
        .iter()
        .filter_map(|(id, way)| {
            let other = many.known.get(id)?;
            Some((way.distance + other.distance, id))
        })
        .min()
        .map(|(_, id)| id.clone())
}
