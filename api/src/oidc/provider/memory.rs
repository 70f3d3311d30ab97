//! What a provider says of itself: asked when it is needed, by one at a time, and kept for an hour. Strangers who
//! begin sign-ins make us ask no more often than that, nor in a row while it does not answer.

use std::sync::Arc;

use openidconnect::core::CoreProviderMetadata;
use time::{Duration, OffsetDateTime};
use tokio::sync::OwnedMutexGuard;
use url::Url;

use super::{Metadata, Provider, ProviderError};
use crate::config::is_secure;

/// How long an answer counts.
const LIFETIME: Duration = Duration::hours(1);
/// How soon it is asked again for keys that it may have changed.
const SOONEST: Duration = Duration::minutes(1);
/// How soon it is asked again when it did not answer.
const RECOVERY: Duration = Duration::seconds(10);

/// What is kept of a provider.
#[derive(Default)]
pub(super) struct Memory {
    known: Option<(OffsetDateTime, Metadata)>,
    failed_at: Option<OffsetDateTime>,
}

/// What will do.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// What is known.
    Any,
    /// Something newer than this, if it may be asked for.
    OtherThan(&'a Metadata),
}

impl Memory {
    /// What is known and will do.
    fn find(&self, wanted: Wanted<'_>, now: OffsetDateTime) -> Option<Metadata> {
        let (asked_at, known) = self.known.as_ref()?;
        let lifetime = match wanted {
            Wanted::OtherThan(old) if Arc::ptr_eq(old, known) => SOONEST,
            Wanted::Any | Wanted::OtherThan(_) => LIFETIME,
        };
        is_within(lifetime, *asked_at, now).then(|| Arc::clone(known))
    }
}

/// Whether something is no longer ago than this. A clock that was set back makes it long ago.
fn is_within(time: Duration, at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (Duration::ZERO..time).contains(&(now - at))
}

impl Provider {
    /// What the provider says of itself.
    pub(super) async fn metadata(
        self: &Arc<Self>,
        wanted: Wanted<'_>,
    ) -> Result<Metadata, ProviderError> {
        let memory = Arc::clone(&self.memory).lock_owned().await;
        let now = self.clock.now();
        if let Some(known) = memory.find(wanted, now) {
            return Ok(known);
        }
        if memory
            .failed_at
            .is_some_and(|at| is_within(RECOVERY, at, now))
        {
            return Err(ProviderError::failed("did not answer a moment ago"));
        }
        // In a task of its own: whoever asks and goes away has asked all the same.
        let asking = tokio::spawn(Arc::clone(self).ask(memory, now));
        let answered = asking.await;
        answered.map_err(|error| ProviderError::because("could not be asked", error))?
    }

    async fn ask(
        self: Arc<Self>,
        mut memory: OwnedMutexGuard<Memory>,
        now: OffsetDateTime,
    ) -> Result<Metadata, ProviderError> {
        let found =
            CoreProviderMetadata::discover_async(self.issuer.clone(), self.http.as_ref()).await;
        let found = found
            .map_err(|error| ProviderError::because("does not say what it is", error))
            .and_then(|metadata| check(&metadata).map(|()| metadata));
        match found {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                memory.known = Some((now, Arc::clone(&metadata)));
                memory.failed_at = None;
                Ok(metadata)
            }
            Err(error) => {
                // Its answer may have taken longer than the time in which it is not asked again.
                memory.failed_at = Some(self.clock.now());
                Err(error)
            }
        }
    }
}

/// Refuses a provider that has people sent where others can read along.
fn check(metadata: &CoreProviderMetadata) -> Result<(), ProviderError> {
    let page: &Url = metadata.authorization_endpoint().url();
    if is_secure(page) {
        return Ok(());
    }
    Err(ProviderError::failed(
        "names an authorization endpoint that is neither https nor on this machine",
    ))
}
