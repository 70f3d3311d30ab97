//! SQL: from plans to statements. Pure; all text comes from sea-query, every value is bound, and what
//! differs between the databases stands in [`dialect`].

mod access;
mod condition;
pub(crate) mod convert;
pub(crate) mod day;
pub(crate) mod ddl;
pub(crate) mod deleted;
pub(crate) mod deletion;
pub(crate) mod derive;
pub(crate) mod dialect;
pub(crate) mod expression;
mod facts;
pub(crate) mod job;
pub(crate) mod links;
mod named;
mod number;
mod option;
pub(crate) mod position;
#[cfg(any(test, all(feature = "proof", debug_assertions)))]
mod proof;
pub(crate) mod reach;
pub(crate) mod read;
pub(crate) mod sets;
mod statement;
pub(crate) mod tree;
pub(crate) mod write;

#[cfg(test)]
mod tests;

pub(crate) use statement::{Reads, Sight, Statement, Why};
