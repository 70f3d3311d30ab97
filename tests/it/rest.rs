//! REST: one file a resource.

mod conflicts;
mod links;
mod lists;
mod pages;
mod query;
mod records;
