//! The turn of the day, in UTC: rollups over links that hold today are computed anew for exactly those
//! records that have a link which begins or ends on a day since the last turn.
//!
//! The last day that was turned stands in the database. Whoever moves it writes the jobs of the day in
//! the same transaction, so that one process does it, and nothing is lost while none runs. A write that
//! began before midnight and ends after it, or comes from a server whose clock is behind, may compute by
//! the day before: a second job looks again a little later.

use serde::{Deserialize, Serialize};
use time::{Date, Duration};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{CHUNK, Chunk, Running, Stop};
use crate::{
    access::Hop,
    catalog::{Direction, RelationType, Subject},
    change::{JobInput, TurnDayJob},
    engine::Engine,
    error::{Error, Result},
    id::{FieldId, JobId},
    plan::{derivation::Computation, validity::parse_day},
    sql,
    store::NewDay,
    value::{Storage, Value},
};

/// When the second job looks again.
const AGAIN_AFTER: Duration = Duration::minutes(5);

/// The day that this process knows to be turned.
#[derive(Debug, Default)]
pub(super) struct KnownDay(Mutex<Option<Date>>);

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// The last rollup that is done.
    done: Option<FieldId>,
    /// The last record of the next one.
    after: Option<Uuid>,
    /// How many records were computed anew.
    rows: u64,
}

/// What a rollup is over.
struct Followed<'a> {
    field: FieldId,
    owner: Subject,
    relation: &'a RelationType,
    direction: Direction,
}

impl Engine {
    /// Asks for the jobs of a day that has begun since anybody looked.
    pub(super) async fn turn_day(&self) -> Result<()> {
        let now = self.clock.now();
        let today = now.to_offset(time::UtcOffset::UTC).date();
        let mut known = self.jobs.day.0.lock().await;
        if known.is_some_and(|known| known >= today) {
            return Ok(());
        }
        let text = text_of(today);
        let before = self.store.load_day(&text).await?;
        if before < text {
            self.refresh().await?;
            let state = self.state();
            let input = || {
                JobInput::TurnDay(TurnDayJob {
                    after: before.clone(),
                    until: text.clone(),
                })
            };
            let is_needed = !state.derivations.of_today().is_empty();
            let begins = [now, now + AGAIN_AFTER].into_iter().filter(|_| is_needed);
            let jobs = begins.map(|at| (JobId::new(self.ids.uuid(now)), input(), at));
            let new = NewDay {
                days: (&before, &text),
                jobs: jobs.collect(),
                schema_version: state.catalog.version(),
            };
            self.store.turn_day(new).await?;
        }
        *known = Some(today);
        Ok(())
    }
}

impl TurnDayJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let days = parse_day(&self.after).zip(parse_day(&self.until));
        let (first, last) = days.ok_or_else(|| Error::internal("turning the day", "no day"))?;
        let mut progress: Progress = running.progress()?;
        loop {
            let chunk = running.chunk().await?;
            let Some(followed) = next(&chunk, progress.done) else {
                let report = serde_json::json!({"rows": progress.rows});
                return chunk.finish(&report).await;
            };
            let by = (followed.relation, followed.direction);
            let page = (progress.after, CHUNK);
            let dialect = running.dialect();
            let select = sql::day::turned(&chunk.catalog, dialect, by, (first, last), page)?;
            let mut ids = Vec::new();
            for row in chunk.tx.connection().fetch(select).await? {
                ids.extend(row.uuid(0)?);
            }
            let (field, owner) = (followed.field, followed.owner);
            chunk.deriving().recompute(owner, &[field], &ids).await?;
            let number = u64::try_from(ids.len()).unwrap_or(u64::MAX);
            progress.rows += number;
            progress.after = ids.last().copied();
            if number < CHUNK {
                (progress.done, progress.after) = (Some(field), None);
            }
            chunk.commit(&progress).await?;
        }
    }
}

/// The rollup behind the last one that is done.
fn next<'c>(chunk: &'c Chunk<'_>, done: Option<FieldId>) -> Option<Followed<'c>> {
    let rollups = chunk.derivations.of_today().into_iter();
    let mut left = rollups.filter(|(id, _)| done.is_none_or(|done| *id > done));
    left.find_map(|(field, derived)| {
        let Computation::Rollup(rollup) = &derived.computation else {
            return None;
        };
        let Hop::Relation(relation, direction) = rollup.members.hop else {
            return None;
        };
        Some(Followed {
            field,
            owner: derived.owner,
            relation: chunk.catalog.find_relation(relation)?,
            direction,
        })
    })
}

/// A day as `YYYY-MM-DD`, which orders as days do.
fn text_of(day: Date) -> String {
    let json = Value::Date(day).to_json(Storage::Date);
    json.as_str().unwrap_or_default().to_owned()
}
