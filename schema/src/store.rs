//! The database: the only module that holds a connection.

mod catalog;
mod cell;
mod connect;
mod rows;

pub(crate) use connect::Store;
pub(crate) use rows::{Connection, Row};
