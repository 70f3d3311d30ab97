//! GraphQL: the same reads and writes as one document.

mod documents;
mod limits;
mod mutations;
mod queries;
