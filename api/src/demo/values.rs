//! From the cells of a row to the JSON values of a record.

use schema::RecordId;
use serde_json::{Map, Value as Json, json};

use super::{DemoError, data::Row};

/// The values of one record or link.
pub(super) type Values = Map<String, Json>;

/// Which fields take which cells.
pub(super) type Mapping = &'static [(&'static str, &'static str, Form)];

/// The form that the value of a cell takes in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A string: text, dates, and decimals, which are strings too.
    Text,
    /// A number.
    Integer,
    /// An amount of US dollars.
    Dollars,
}

/// The values of a row's cells; an empty cell gives none.
pub(super) fn values_of(row: &Row<'_>, mapping: Mapping) -> Result<Values, DemoError> {
    let mut values = Values::new();
    for &(field, column, form) in mapping {
        let Some(cell) = row.find(column)? else {
            continue;
        };
        let value = match form {
            Form::Text => json!(cell),
            // A cell that is no number is sent as it is, and the engine says what is wrong with it.
            Form::Integer => cell
                .parse::<i64>()
                .map_or_else(|_| json!(cell), |number| json!(number)),
            Form::Dollars => json!({"amount": cell, "currency": "USD"}),
        };
        values.insert(field.to_owned(), value);
    }
    Ok(values)
}

/// A value that does not come from a cell as it is.
pub(super) fn set(values: &mut Values, field: &str, value: impl Into<Json>) {
    values.insert(field.to_owned(), value.into());
}

/// A reference to a record.
pub(super) fn point_at(values: &mut Values, field: &str, id: RecordId) {
    set(values, field, id.to_string());
}
