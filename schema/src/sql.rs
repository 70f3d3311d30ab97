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
mod number;
mod option;
pub(crate) mod position;
pub(crate) mod read;
pub(crate) mod sets;
pub(crate) mod tree;
pub(crate) mod write;

#[cfg(test)]
mod tests;

use sea_orm::sea_query::Values;

/// A statement that is ready to run. Only this module makes one, and only from a plan.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The text.
    pub(crate) text: String,
    /// The bound values.
    pub(crate) values: Values,
}

impl Statement {
    /// A statement with the schema version at its end, so that what a connection has prepared before a
    /// change of the schema is not used after it.
    pub(crate) fn versioned(mut text: String, values: Values, schema_version: i64) -> Self {
        text.push_str(" /*v");
        text.push_str(&schema_version.to_string());
        text.push_str("*/");
        Self { text, values }
    }
}
