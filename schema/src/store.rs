//! The database: the only module that holds a connection.

mod catalog;
mod connect;

pub(crate) use connect::Store;
