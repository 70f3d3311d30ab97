//! The table of field types: each type against each thing that a field can do, complete by
//! construction. A type of the server without a row in `table` fails, and so does an operator that a
//! row has no case for.
//!
//! A new type needs one row. Each test is one column: it makes an object type per row and asks of it
//! what the column says.

mod constraints;
mod definitions;
mod faces;
mod filters;
mod floats;
mod places;
mod secrets;
mod sorting;
mod table;
mod writes;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};
use table::Row;

/// An application with an object type per row: `rowText` with the fields `mark` and `value`.
struct Bench {
    app: TestApp,
    rows: Vec<Row>,
}

impl Bench {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let admin = app.admin();
        let mut targets = Vec::new();
        for name in ["A", "B", "C"] {
            targets.push(admin.make("organizations", json!({"name": name})).await);
        }
        // Ids ascend in the order in which they are made, but for those of one millisecond.
        targets.sort_unstable();
        let rows: Vec<Row> = table::rows()
            .into_iter()
            .map(|row| row.aimed_at(&targets))
            .collect();
        let operations = rows.iter().map(|row| {
            let mark = json!({"name": "mark", "type": "text"});
            json!({"op": "addObjectType", "name": row.object(), "plural": row.plural(),
                   "fields": [mark, row.field("value")]})
        });
        admin.change(operations.collect()).await.ok();
        // Amounts are converted: a dollar is worth a euro.
        let rate = json!({"currency": "USD", "validFrom": "2020-01-01", "rate": "1"});
        let currencies = json!({"base": "EUR", "rates": [rate]});
        admin.meta("PUT", "currencies", currencies).await.ok();
        Self { app, rows }
    }

    fn admin(&self) -> Client {
        self.app.admin()
    }

    /// Creates a record per value of the row, marked with its number, and one without a value, `none`;
    /// gives their ids.
    async fn fill(&self, row: &Row) -> Vec<String> {
        let admin = self.admin();
        let mut ids = Vec::new();
        for at in 0..row.sent.len() {
            let mut values = row.values(at);
            values["mark"] = json!(at.to_string());
            ids.push(admin.make(&row.plural(), values).await);
        }
        ids.push(admin.make(&row.plural(), json!({"mark": "none"})).await);
        ids
    }
}

/// Types whose values come of other records, with the tests that stand for their row.
const ELSEWHERE: &[(&str, &str)] = &[
    ("rollup", "tests/it/rollups.rs"),
    ("autoNumber", "tests/it/auto_numbers.rs"),
    ("user", "tests/it/references/users.rs"),
    ("lookup", "tests/it/references/lookups.rs"),
];

#[tokio::test]
async fn every_field_type_has_a_row() {
    let app = TestApp::start().await;
    let answer = app.admin().meta("GET", "field-types", Json::Null).await;
    let mut served = answer.column("name");
    let mut rows: Vec<String> = table::rows()
        .iter()
        .map(|row| row.name)
        .chain(ELSEWHERE.iter().map(|(name, _)| *name))
        .map(str::to_owned)
        .collect();
    served.sort_unstable();
    rows.sort_unstable();
    assert_eq!(served, rows, "each field type has one row in the table");
}
