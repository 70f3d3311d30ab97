//! What the schema says of itself: descriptions for screens, JSON Schema for bodies, diagrams; always
//! under the caller's surface.

mod diagram;
mod json_schema;
mod languages;
mod limits;
mod relation_labels;
mod sight;
mod surface;
