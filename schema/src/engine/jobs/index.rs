//! The index of a field. The job asks what the definition wants by now, so that however many of them
//! wait, and in whichever order they are done, the last one leaves what the schema says.

use serde_json::json;
use uuid::Uuid;

use super::{Chunk, Running, Stop};
use crate::{catalog::Catalog, change::IndexJob, error::Error, sql::job::Indexed};

/// How often the schema may change its mind while the job runs.
const ROUNDS: u32 = 10;

/// What the definition wants.
struct Wanted {
    table: String,
    column: String,
    there: bool,
}

impl IndexJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        for _ in 0..ROUNDS {
            let chunk = running.chunk().await?;
            let Some(wanted) = wanted(&chunk.catalog, self.owner, self) else {
                return chunk.finish(&json!({"index": "gone with its field"})).await;
            };
            let found = state(&chunk, running, &wanted).await?;
            if found == wanted.there.then_some(true) {
                return chunk.finish(&report(&wanted)).await;
            }
            self.mend(running, chunk, (&wanted, found)).await?;
        }
        Err(Error::Busy.into())
    }

    /// Builds or drops. What a build that was cut off has left is dropped first.
    async fn mend(
        &self,
        running: &Running<'_>,
        chunk: Chunk<'_>,
        (wanted, found): (&Wanted, Option<bool>),
    ) -> Result<(), Stop> {
        let dialect = running.dialect();
        let statement = if wanted.there && found.is_none() {
            dialect.build_index(wanted.indexed())
        } else {
            dialect.drop_index(wanted.indexed())
        };
        if dialect.builds_indexes_beside_writers() {
            drop(chunk);
            let store = &running.engine.store;
            return running.while_alive(store.run_alone(statement)).await;
        }
        chunk.tx.connection().run_once(statement).await?;
        chunk.commit(&json!({})).await
    }
}

impl Wanted {
    fn indexed(&self) -> Indexed<'_> {
        Indexed {
            table: &self.table,
            column: &self.column,
        }
    }
}

/// What the definition of a live field wants.
fn wanted(catalog: &Catalog, owner: Uuid, job: &IndexJob) -> Option<Wanted> {
    let subject = catalog.find_subject_by_id(owner)?;
    let field = catalog.subject_fields(subject)?.find_by_id(job.field)?;
    Some(Wanted {
        table: catalog.subject_table(subject)?.to_owned(),
        column: field.column().name.clone(),
        there: field.has_index(),
    })
}

/// Whether the index is there and whole; nothing when there is none.
async fn state(
    chunk: &Chunk<'_>,
    running: &Running<'_>,
    wanted: &Wanted,
) -> Result<Option<bool>, Stop> {
    let select = running.dialect().index_state(wanted.indexed());
    let rows = chunk.tx.connection().fetch(select).await?;
    let row = rows.first();
    let valid = row.map(|row| row.integer(0)).transpose()?.flatten();
    Ok(valid.map(|valid| valid == 1))
}

fn report(wanted: &Wanted) -> serde_json::Value {
    json!({"index": if wanted.there { "built" } else { "dropped" }})
}
