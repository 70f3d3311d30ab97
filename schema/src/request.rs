//! Requests as they were asked: one abstract syntax tree for REST and GraphQL, names still text.

mod cost;
pub mod cursor;
mod graph;
mod read;
pub(crate) mod sets;
mod write;

pub use graph::{
    EdgeKind, MAX_DEPTH, MAX_NODES, MAX_PATH, PathRequest, RelatedEdge, RelatedGraph, RelatedNode,
    RelatedRequest,
};
pub use read::{
    AsOf, CollectionQuery, Count, EdgePart, Entry, Filter, LIMITS, Limits, ListPart, ListRequest,
    ListShape, Node, PageInfoPart, PageRequest, PartEntry, PartNode, PointerEntry, PointerNode,
    ReadRequest, RecordRequest, Selection, SortKey, TextTerm,
};
pub use write::{WriteRequest, WriteStep};
