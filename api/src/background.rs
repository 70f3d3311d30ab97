//! What runs beside the requests: following changes that were made elsewhere, and jobs.

use std::{convert::Infallible, sync::Arc, time::Duration};

use schema::Engine;
use tokio::{task::JoinSet, time::MissedTickBehavior};

use crate::{state::AppState, token};

/// How often the database is asked whether schema or access have changed.
const EVERY: Duration = Duration::from_millis(500);

/// Keeps the engine up to date until it is dropped. A failure is logged when it begins and when it is
/// over; meanwhile requests ask the database themselves before they trust an old policy.
pub(crate) async fn follow(state: AppState) -> Infallible {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        match look(&state).await {
            Ok(()) if failing => {
                failing = false;
                tracing::info!("the database can be followed again");
            }
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = %error, "the database can't be followed; trying on");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

/// Follows what others changed, ends what was deleted for long enough, and keeps the keys of tokens.
async fn look(state: &AppState) -> schema::Result<()> {
    state.engine.refresh().await?;
    state.engine.purge_expired().await?;
    let days = i64::from(state.config.signing_key_days);
    let age = (days > 0).then(|| time::Duration::days(days));
    let seeds = state.engine.keep_signing_keys(age, token::OVERLAP).await?;
    let put = state.tokens.put(&seeds);
    put.map_err(|error| schema::Error::internal("taking over the signing keys", error))
}

/// Does the jobs that changes of the schema leave behind, until it is dropped. They run in a task of
/// their own: one that panics takes nothing else with it, counts as lost after a while and is begun anew.
pub(crate) async fn work(engine: Arc<Engine>) -> Infallible {
    let mut failing = false;
    loop {
        let mut task = JoinSet::new();
        let jobs = Arc::clone(&engine);
        task.spawn(async move { jobs.run_due_jobs().await });
        match task.join_next().await {
            Some(Ok(Ok(()))) if failing => {
                failing = false;
                tracing::info!("jobs can be done again");
            }
            Some(Ok(Err(error))) if !failing => {
                failing = true;
                tracing::warn!(error = %error, "jobs can't be done; trying on");
            }
            Some(Err(error)) => tracing::error!(error = %error, "a job panicked"),
            Some(Ok(Ok(()) | Err(_))) | None => {}
        }
        engine.wait_for_jobs(EVERY).await;
    }
}
