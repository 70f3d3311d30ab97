//! What runs beside the requests: following changes that were made elsewhere.

use std::{convert::Infallible, sync::Arc, time::Duration};

use schema::Engine;
use tokio::time::MissedTickBehavior;

/// How often the database is asked whether schema or access have changed.
const EVERY: Duration = Duration::from_millis(500);

/// Keeps the engine up to date until it is dropped. A failure is logged when it begins and when it is
/// over; meanwhile requests ask the database themselves before they trust an old policy.
pub(crate) async fn follow(engine: Arc<Engine>) -> Infallible {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        match engine.refresh().await {
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
