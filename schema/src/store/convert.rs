//! Values of a field that go over into the columns of another one, or are tried whether they would.

use uuid::Uuid;

use crate::{
    catalog::{Catalog, Column, Field},
    change::{Misfit, Misfits, PlannedConversion},
    error::{Error, Result},
    field_type::{Conversion, ConversionRules},
    sql::{self, derive::NewValues, dialect::Dialect},
    store::{Connection, Store, WriteFailure, derive::pieces},
    value::Value,
};

/// The most records that a report names.
const SAMPLES: usize = 10;
/// The most characters of a value in a report.
const SHOWN: usize = 200;
/// The rows that are tried at once.
const PAGE: u64 = 2_000;

/// The way of the values of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copying<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) connection: Connection<'a>,
    pub(crate) table: &'a str,
    pub(crate) from: &'a Field,
    pub(crate) into: &'a Field,
    pub(crate) rules: &'a ConversionRules,
}

/// What became of some rows.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    /// The last of them; nothing when there was none.
    pub(crate) last: Option<Uuid>,
    /// How many there were.
    pub(crate) rows: u64,
    /// The values of live records that do not fit.
    pub(crate) misfits: Misfits,
    /// How many values of deleted records do not fit.
    pub(crate) deleted_misfits: u64,
    values: Vec<NewValues>,
}

impl Copying<'_> {
    /// Tries the values of the next rows; under a lock, when they are to be stored.
    pub(crate) async fn read(
        &self,
        page: (Option<Uuid>, u64),
        (lock, version): (bool, i64),
    ) -> Result<Copied> {
        let columns: Vec<&Column> = self.from.columns.iter().collect();
        let from = (self.table, columns.as_slice());
        let select = sql::convert::values_after(self.dialect, from, page, (lock, version));
        let conversion = Conversion::find(
            (self.from.field_type, &self.from.definition.settings),
            (self.into.field_type, &self.into.definition.settings),
            self.rules,
        )
        .map_err(|message| Error::internal("converting a field", message))?;
        let mut copied = Copied::default();
        for row in self.connection.fetch(select).await? {
            let Some(id) = row.uuid(0)? else { continue };
            let is_live = row.integer(1)? == Some(1);
            let mut values = Vec::with_capacity(columns.len());
            for (at, column) in columns.iter().enumerate() {
                values.push(row.value(2 + at, column.part.storage)?);
            }
            copied.last = Some(id);
            copied.rows += 1;
            match conversion.convert(&values) {
                Ok(values) => copied.values.push(NewValues { id, values }),
                Err(reason) => {
                    let none = self.into.columns.iter().map(|_| Value::Null);
                    copied.values.push(NewValues {
                        id,
                        values: none.collect(),
                    });
                    if is_live {
                        let value = Some(shortened(conversion.shown(&values)));
                        let record = id.to_string();
                        copied.misfits.rows += 1;
                        copied.misfits.samples.push(Misfit {
                            record,
                            value,
                            reason,
                        });
                    } else {
                        copied.deleted_misfits += 1;
                    }
                }
            }
        }
        copied.misfits.samples.truncate(SAMPLES);
        Ok(copied)
    }

    /// Stores what was read. Nobody is shown it yet, so that no version rises.
    pub(crate) async fn store(&self, catalog: &Catalog, copied: &Copied) -> Result<()> {
        let columns: Vec<&Column> = self.into.columns.iter().collect();
        for piece in pieces(&copied.values) {
            let to = (self.table, columns.as_slice());
            let update = sql::derive::store(catalog, self.dialect, to, piece, false);
            let Some(update) = update else { continue };
            match self.connection.execute(update).await {
                Ok(_) => {}
                Err(WriteFailure::Other(error)) => return Err(error),
                Err(WriteFailure::Unique(_)) => {
                    let why = "a hidden column is unique";
                    return Err(Error::internal("converting a field", why));
                }
            }
        }
        Ok(())
    }
}

impl Misfits {
    /// Adds those of further rows.
    pub(crate) fn add(&mut self, more: Self) {
        self.rows += more.rows;
        self.samples.extend(more.samples);
        self.samples.truncate(SAMPLES);
    }
}

impl Store {
    /// How many values a field has, and those that would not fit its new type. Only reads, beside all writers.
    pub(crate) async fn try_conversion(
        &self,
        planned: &PlannedConversion,
        version: i64,
    ) -> Result<(u64, Misfits)> {
        let copying = Copying {
            dialect: self.dialect(),
            connection: Connection::Pool(self.reader()),
            table: &planned.table,
            from: &planned.from,
            into: &planned.into,
            rules: &planned.rules,
        };
        let (mut rows, mut misfits) = (0, Misfits::default());
        let mut after = None;
        loop {
            let copied = copying.read((after, PAGE), (false, version)).await?;
            misfits.add(copied.misfits);
            rows += copied.rows;
            if copied.last.is_none() {
                return Ok((rows, misfits));
            }
            after = copied.last;
        }
    }
}

/// A value as a report shows it.
fn shortened(value: serde_json::Value) -> serde_json::Value {
    match value.as_str() {
        Some(text) if text.chars().count() > SHOWN => {
            let mut text: String = text.chars().take(SHOWN).collect();
            text.push('…');
            serde_json::Value::from(text)
        }
        Some(_) | None => value,
    }
}
