//! Walks of the graph: who is connected to a record, and the shortest path between two.

mod paths;
mod walks;
