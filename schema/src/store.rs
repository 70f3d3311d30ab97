//! The database: the only module that holds a connection.

mod audit;
mod catalog;
mod cell;
mod connect;
mod convert;
mod currencies;
mod day;
mod deletions;
pub(crate) mod derive;
mod expression;
mod head;
pub(crate) mod identity;
mod jobs;
mod number_rows;
mod packages;
mod purge;
mod replace_option;
mod rows;
mod schema_change;
mod schema_impact;
mod transaction;

#[cfg(test)]
mod tests;

pub(crate) use connect::Store;
pub(crate) use convert::Copying;
pub(crate) use currencies::NewCurrencies;
pub(crate) use day::NewDay;
pub(crate) use deletions::{Counted, Held};
pub(crate) use expression::{Computing, Known, is_missing};
pub(crate) use jobs::{Claim, JobOrder, OpenIndex, Turn};
pub(crate) use rows::{Connection, Row, Taken, WriteFailure};
pub(crate) use schema_change::{Change, Ended, JobEnd, Switched};
pub(crate) use transaction::Transaction;
