//! REST: one file a resource.

mod links;
mod lists;
mod pages;
mod query;
mod records;
