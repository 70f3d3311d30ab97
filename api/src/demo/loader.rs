//! Sends records and links to the engine, many in one transaction, and remembers their ids.

use std::collections::HashMap;

use schema::{
    Engine, Place, RecordId,
    access::Caller,
    request::{WriteRequest, WriteStep},
};

use super::{DemoError, Progress, values::Values};

/// Writes of one transaction.
const BATCH: usize = 500;

/// The ids of the records of one table, by their keys in the source.
pub(super) type Ids = HashMap<String, RecordId>;

/// The id of a record by its key in the source.
pub(super) fn find(ids: &Ids, key: &str) -> Result<RecordId, DemoError> {
    let found = ids.get(key).copied();
    found.ok_or_else(|| DemoError::UnknownKey(key.to_owned()))
}

/// A link to be made.
pub(super) struct NewLink {
    pub(super) from: RecordId,
    pub(super) to: RecordId,
    pub(super) values: Values,
}

/// Writes as the system does, and reports how far it is.
pub(super) struct Loader<'a> {
    engine: &'a Engine,
    caller: &'a Caller,
    report: &'a mut (dyn FnMut(Progress) + Send),
}

impl<'a> Loader<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        caller: &'a Caller,
        report: &'a mut (dyn FnMut(Progress) + Send),
    ) -> Self {
        Self {
            engine,
            caller,
            report,
        }
    }

    /// Creates the records of one table.
    pub(super) async fn create(
        &mut self,
        what: &'static str,
        object: &str,
        records: Vec<(String, Values)>,
    ) -> Result<Ids, DemoError> {
        let (keys, writes): (Vec<String>, Vec<WriteRequest>) = records
            .into_iter()
            .map(|(key, values)| {
                let object = object.to_owned();
                (key, WriteRequest::Create { object, values })
            })
            .unzip();
        let ids = self.write(what, writes).await?;
        Ok(keys.into_iter().zip(ids).collect())
    }

    /// Makes links from records of one type along one relation.
    pub(super) async fn link(
        &mut self,
        what: &'static str,
        (object, relation): (&str, &str),
        links: Vec<NewLink>,
    ) -> Result<(), DemoError> {
        let writes = links.into_iter().map(|link| WriteRequest::Link {
            object: object.to_owned(),
            id: link.from.to_string(),
            relation: relation.to_owned(),
            target: link.to.to_string(),
            values: link.values,
        });
        self.write(what, writes.collect()).await?;
        Ok(())
    }

    async fn write(
        &mut self,
        what: &'static str,
        writes: Vec<WriteRequest>,
    ) -> Result<Vec<RecordId>, DemoError> {
        let of = writes.len();
        let mut ids = Vec::with_capacity(of);
        let mut writes = writes.into_iter().peekable();
        while writes.peek().is_some() {
            let batch = writes.by_ref().take(BATCH).map(|write| WriteStep {
                write,
                answer: None,
                place: Place::Pointer(String::new()),
            });
            let written = self.engine.write(self.caller, batch.collect()).await;
            let written = written.map_err(DemoError::of(what))?;
            ids.extend(written.into_iter().map(|answer| answer.id));
            (self.report)(Progress {
                what,
                done: ids.len(),
                of,
            });
        }
        Ok(ids)
    }
}
