//! Walks of the graph: their arguments, and which members of the answer are selected.

use async_graphql::parser::types::SelectionSet;
use schema::{
    Place,
    request::{PathRequest, RelatedGraph, RelatedRequest},
};
use serde_json::{Map, Value as Json};

use super::{At, Compiler, QueryPart, arguments::Arguments};
use crate::graphql::{collect::Collected, error::GraphError};

/// The most walks of one operation.
const MAX_WALKS: u32 = 3;

/// A walk as asked.
#[derive(Debug)]
pub(in crate::graphql) enum GraphRequest {
    /// Around one record.
    Related(RelatedRequest),
    /// Between two.
    Path(PathRequest),
}

/// The selected members of an object, in order, each with those below it.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Picked(Vec<(String, Picks)>);

#[derive(Debug)]
enum Picks {
    Constant(&'static str),
    Member(String, Picked),
}

impl<'a> Compiler<'a> {
    pub(super) fn related(
        &self,
        root: &Collected<'a>,
        at: &At,
    ) -> Result<RelatedRequest, GraphError> {
        let arguments = self.arguments("Query", root.first(), at)?;
        Ok(RelatedRequest {
            object: self.plural(&arguments.text("type")),
            id: arguments.text("id"),
            depth: number(&arguments, "depth", 1),
            limit: number(&arguments, "limit", 100),
            through: arguments.texts("through"),
            place: Some(Place::Pointer(at.pointer())),
        })
    }

    pub(super) fn path(&self, root: &Collected<'a>, at: &At) -> Result<PathRequest, GraphError> {
        let arguments = self.arguments("Query", root.first(), at)?;
        let end = |of: &str, id: &str| (self.plural(&arguments.text(of)), arguments.text(id));
        Ok(PathRequest {
            from: end("fromType", "from"),
            to: end("toType", "to"),
            depth: number(&arguments, "depth", 6),
            through: arguments.texts("through"),
            place: Some(Place::Pointer(at.pointer())),
        })
    }

    /// A walk costs as much as many lists, so that one operation has few of them.
    pub(super) fn graph_part(
        &mut self,
        request: GraphRequest,
        root: &Collected<'a>,
        at: At,
    ) -> Result<QueryPart, GraphError> {
        self.walks += 1;
        if self.walks > MAX_WALKS {
            let message = format!("One operation walks the graph at most {MAX_WALKS} times.");
            return Err(GraphError::invalid(message).at(at.position));
        }
        Ok(QueryPart::Graph {
            request: Box::new(request),
            picked: self.picked("RelatedGraph", &root.selections())?,
            at,
        })
    }

    /// The plural name; a name that the caller may not use is handed on as it is.
    fn plural(&self, name: &str) -> String {
        let object = self.face.surface.find_name(name);
        object.map_or_else(
            || name.to_owned(),
            |object| object.object.plural.to_string(),
        )
    }

    /// What is selected of a graph. `own` is the name of the type at this level.
    pub(super) fn picked(
        &self,
        own: &'static str,
        sets: &[&'a SelectionSet],
    ) -> Result<Picked, GraphError> {
        let mut members = Vec::new();
        for one in self.collector.collect(sets)? {
            let below = match one.name() {
                "nodes" => self.picked("RelatedNode", &one.selections())?,
                "edges" => self.picked("RelatedEdge", &one.selections())?,
                _ => Picked::default(),
            };
            let picks = match one.name() {
                "__typename" => Picks::Constant(own),
                name => Picks::Member(name.to_owned(), below),
            };
            members.push((one.key.to_owned(), picks));
        }
        Ok(Picked(members))
    }
}

/// Depth and limit are checked by the engine; what is below zero is as wrong as zero.
fn number(arguments: &Arguments, name: &str, otherwise: u32) -> u32 {
    arguments.number(name).map_or(otherwise, |number| {
        u32::try_from(number).unwrap_or_default()
    })
}

impl Picked {
    /// The JSON text of what is selected of the graph.
    pub(in crate::graphql) fn of(
        &self,
        graph: &RelatedGraph,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_value(graph)?;
        serde_json::to_vec(&self.pick(&json))
    }

    fn pick(&self, json: &Json) -> Json {
        let members = self.0.iter().map(|(key, picks)| {
            let value = match picks {
                Picks::Constant(text) => Json::String((*text).to_owned()),
                Picks::Member(name, below) => below.pick_member(name, &json[name.as_str()]),
            };
            (key.clone(), value)
        });
        Json::Object(members.collect::<Map<_, _>>())
    }

    fn pick_member(&self, name: &str, json: &Json) -> Json {
        match json {
            Json::Array(items) => items.iter().map(|item| self.pick(item)).collect(),
            Json::String(kind) if name == "kind" => Json::String(kind.to_ascii_uppercase()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                json.clone()
            }
        }
    }
}
