//! Gives the rows of a type their auto numbers when the field is added: in the order of their ids, each by
//! the day of its creation, deleted ones too, for they may come back.

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
    /// Numbers all rows and leaves the counters where the next record goes on. Tells how many rows.
    pub(super) async fn number_rows(
        &self,
        tx: &DatabaseTransaction,
        numbering: &Numbering,
    ) -> Result<u64> {
        let dialect = self.dialect();
        let mut counters: BTreeMap<String, i64> = BTreeMap::new();
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
            let statement = dialect.begin_counter(numbering.field, &period, value)?;
            run(tx, statement).await?;
        }
        Ok(written)
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
