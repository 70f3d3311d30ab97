//! Walks of the graph of references and links, as asked.

use serde::Serialize;

use crate::error::Place;

/// The most steps from the record in the middle.
pub const MAX_DEPTH: u32 = 5;

/// The most records of one answer.
pub const MAX_NODES: u32 = 1_000;

/// The most steps of a path.
pub const MAX_PATH: u32 = 10;

/// The records around one record, and how they are connected.
#[derive(Clone, Debug)]
pub struct RelatedRequest {
    /// The plural API name of the object type.
    pub object: String,
    /// The id, as text.
    pub id: String,
    /// How many steps to walk, 1 to [`MAX_DEPTH`].
    pub depth: u32,
    /// How many records to answer at most, 1 to [`MAX_NODES`].
    pub limit: u32,
    /// The ways to walk: relation types by name, references as `order.customer`. All of them when absent.
    pub through: Option<Vec<String>>,
    /// Where the arguments stand in the request; parameters of a query string when absent.
    pub place: Option<Place>,
}

/// The shortest path between two records.
#[derive(Clone, Debug)]
pub struct PathRequest {
    /// The record to start at: the plural API name of its type, its id.
    pub from: (String, String),
    /// The record to arrive at.
    pub to: (String, String),
    /// How many steps at most, 1 to [`MAX_PATH`].
    pub depth: u32,
    /// The ways to walk; see [`RelatedRequest::through`].
    pub through: Option<Vec<String>>,
    /// Where the arguments stand in the request; parameters of a query string when absent.
    pub place: Option<Place>,
}

/// A piece of the graph.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RelatedGraph {
    /// The records: the one in the middle (of a path: the first) comes first, near ones before far ones.
    pub nodes: Vec<RelatedNode>,
    /// What connects them.
    pub edges: Vec<RelatedEdge>,
    /// Whether nothing was left out for want of room.
    pub is_complete: bool,
}

/// A record of the graph.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RelatedNode {
    /// The id.
    pub id: String,
    /// The API name of the object type.
    #[serde(rename = "type")]
    pub object: String,
    /// What names the record to people, as far as the caller may read it.
    pub title: Option<String>,
    /// How many steps it is away from the first one.
    pub distance: u32,
}

/// A reference or a link between two records of the graph.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "camelCase")]
pub struct RelatedEdge {
    /// The id of the record that has the reference, or of the source of the link.
    pub from: String,
    /// The id of the record that it points at.
    pub to: String,
    /// Whether it is a reference or a link.
    pub kind: EdgeKind,
    /// `order.customer` for a reference, the API name of the relation type for a link.
    pub name: String,
    /// What people read.
    pub label: String,
    /// The id of the link.
    pub link: Option<String>,
}

/// What an edge is.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "camelCase")]
pub enum EdgeKind {
    /// A reference field.
    Reference,
    /// A link of a relation type.
    Link,
}
