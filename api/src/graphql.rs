//! The GraphQL face: the same reads and writes as REST, spelled as one document.
//!
//! ```text
//! text ─► guard ─► parse ─► validate ─► compile ─► engine ─► bytes
//!         limits           async-graphql  ReadRequest / WriteStep
//! ```
//!
//! async-graphql validates and introspects by a schema of the caller's surface; no resolver ever runs.
//! Nothing here decides about access: the engine checks every name again by itself.

mod cache;
mod coerce;
mod collect;
mod compile;
mod error;
mod execute;
mod guard;
mod http;
mod renamed;
mod respond;
mod schema;
mod validate;

#[cfg(test)]
mod tests;

pub use cache::Faces;
pub(crate) use http::answer_graphql;
