//! Gives the rows of a type their auto numbers when the field is added or comes back: in the order of their
//! ids, each by the day of its creation, deleted ones too, for they may come back.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;
use time::Date;
use uuid::Uuid;

use crate::{
    change::Numbering,
    error::{Error, Result},
    store::{Connection, Row, Store, schema_change::run},
    value::{Storage, Value},
};

/// Rows that are read at once.
const PAGE: u64 = 4_000;
/// Rows of one statement.
const CHUNK: usize = 200;

impl Store {
    /// Numbers the rows and leaves the counters where the next record goes on. Tells how many rows.
    pub(super) async fn number_rows(
        &self,
        tx: &DatabaseTransaction,
        numbering: &Numbering,
    ) -> Result<u64> {
        let dialect = self.dialect();
        let mut counters = self.counters(tx, numbering).await?;
        let (mut last, mut written) = (None, 0);
        loop {
            let statement = dialect.rows_to_number(numbering, last, PAGE);
            let rows = Connection::Transaction(tx).fetch(statement).await?;
            let mut numbers = Vec::with_capacity(rows.len());
            for row in &rows {
                let (id, day) = created(row)?;
                let counter = counters.entry(numbering.format.period(day)).or_insert(0);
                *counter += 1;
                numbers.push((id, numbering.format.write(day, *counter)));
                last = Some(id);
            }
            for chunk in numbers.chunks(CHUNK) {
                written += run(tx, dialect.set_numbers(numbering, chunk)).await?;
            }
            if (rows.len() as u64) < PAGE {
                break;
            }
        }
        for (period, value) in counters {
            let statement = dialect.set_counter(numbering.field, &period, value)?;
            run(tx, statement).await?;
        }
        Ok(written)
    }

    /// The counters of the field as they stand; those of a new field are all at their beginning.
    async fn counters(
        &self,
        tx: &DatabaseTransaction,
        numbering: &Numbering,
    ) -> Result<BTreeMap<String, i64>> {
        let select = self.dialect().counters(numbering.field);
        let rows = Connection::Transaction(tx).fetch(select).await?;
        let mut counters = BTreeMap::new();
        for row in &rows {
            let period = row.json(0, Storage::Text)?;
            let period = period.as_str().map(str::to_owned);
            counters.extend(period.zip(row.integer(1)?));
        }
        Ok(counters)
    }
}

/// The id of a row and the day of its creation.
fn created(row: &Row) -> Result<(Uuid, Date)> {
    let failed = || Error::internal("numbering rows", "a row has no id or no instant");
    let mut text = Vec::new();
    row.write(1, Storage::Instant, &mut text)?;
    let json =
        serde_json::from_slice(&text).map_err(|error| Error::internal("numbering rows", error))?;
    match (row.uuid(0)?, Value::from_json(&json, Storage::Instant)) {
        (Some(id), Some(Value::Instant(instant))) => Ok((id, instant.date())),
        _ => Err(failed()),
    }
}
