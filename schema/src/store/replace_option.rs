//! Puts an option in the place of another one on all rows, within a change of the schema: each record's
//! version rises and each has an event, as if its users had changed it one by one.

use sea_orm::DatabaseTransaction;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    change::Replacement,
    error::{Error, Result},
    sql::write::{self as sql, Event},
    store::{Connection, Store, schema_change::Change, schema_change::run},
    value::Value,
};

impl Store {
    /// Replaces the option and tells on how many rows.
    pub(super) async fn replace_option(
        &self,
        tx: &DatabaseTransaction,
        replacement: &Replacement,
        (change, catalog): (&Change<'_>, &Catalog),
    ) -> Result<u64> {
        let dialect = self.dialect();
        let connection = Connection::Transaction(tx);
        let users = connection
            .fetch(dialect.users_of_option(replacement))
            .await?;
        let transaction = change.ids.uuid(change.now);
        let mut written = 0;
        for row in &users {
            let (Some(id), Some(version)) = (row.uuid(0)?, row.integer(1)?) else {
                continue;
            };
            let mut text = Vec::new();
            row.write(2, replacement.storage, &mut text)?;
            let before: Json = serde_json::from_slice(&text)
                .map_err(|error| Error::internal("reading a value", error))?;
            let (value, after) = replaced(&before, replacement);
            run(tx, dialect.set_option(replacement, id, &value)).await?;
            let changes = json!({
                replacement.field.to_string(): { "before": before, "after": after }
            });
            let event = event(
                replacement,
                (id, version + 1),
                (change, transaction),
                changes,
            );
            run(tx, sql::event(catalog, dialect, event)?).await?;
            written += 1;
        }
        Ok(written)
    }
}

fn event<'a>(
    replacement: &Replacement,
    (record, version): (Uuid, i64),
    (change, transaction): (&Change<'a>, Uuid),
    changes: Json,
) -> Event<'a> {
    Event {
        subject: replacement.subject,
        record,
        operation: "replaceOption",
        version,
        actor: (change.caller.actor_kind(), change.caller.actor()),
        transaction,
        at: change.now,
        changes,
    }
}

/// The value with the option replaced; in a set the new one stands once.
fn replaced(before: &Json, replacement: &Replacement) -> (Value, Json) {
    let Json::Array(items) = before else {
        let new = replacement.new.clone();
        return (Value::Text(new.clone()), Json::String(new));
    };
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for name in items.iter().filter_map(Json::as_str) {
        let name = if name == replacement.old {
            &replacement.new
        } else {
            name
        };
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    (Value::TextSet(names.clone()), Json::from(names))
}
