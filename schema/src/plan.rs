//! Plans: requests as allowed, with every name resolved to an id. The only door from a request to SQL.
//!
//! [`filter`] resolves conditions, [`read`] and [`write`] make plans. They take grants from the checker
//! and nothing else, so that no name reaches SQL that the caller may not use.

pub(crate) mod choice;
pub(crate) mod derivation;
mod display;
pub(crate) mod filter;
mod lookup;
mod member;
mod operand;
pub(crate) mod pointer;
pub(crate) mod read;
pub(crate) mod rollup;
mod selection;
mod sort;
pub(crate) mod translate;
pub(crate) mod validity;
pub(crate) mod write;
