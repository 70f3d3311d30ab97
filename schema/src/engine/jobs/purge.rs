//! What was purged leaves the database: a table or the columns of a field in each chunk. On PostgreSQL
//! that needs a lock for an instant; SQLite writes a table anew to drop a column, while other writers wait.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Running, Stop};
use crate::change::PurgeJob;

/// How far the job is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Progress {
    /// How many things are out.
    done: usize,
    /// How many tables went.
    tables: u64,
    /// How many columns went.
    columns: u64,
}

impl PurgeJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let mut progress: Progress = running.progress()?;
        loop {
            let chunk = running.chunk().await?;
            let Some(thing) = self.things.get(progress.done) else {
                let Progress {
                    tables, columns, ..
                } = progress;
                let report = json!({"tables": tables, "columns": columns});
                return chunk.finish(&report).await;
            };
            let store = &running.engine.store;
            let out = store.take_out(&chunk.tx, *thing).await?;
            progress.done += 1;
            progress.tables += out.tables;
            progress.columns += out.columns;
            chunk.commit(&progress).await?;
        }
    }
}
