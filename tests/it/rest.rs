//! REST: one file a resource.

mod changesets;
mod conflicts;
mod links;
mod lists;
mod pages;
mod query;
mod records;
