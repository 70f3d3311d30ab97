//! SQL: from plans to statements. Pure; all text comes from sea-query, every value is bound, and what
//! differs between the databases stands in [`dialect`].

mod condition;
pub(crate) mod dialect;
pub(crate) mod read;

use sea_orm::sea_query::Values;

/// A statement that is ready to run. Only this module makes one, and only from a plan.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The text.
    pub(crate) text: String,
    /// The bound values.
    pub(crate) values: Values,
}
