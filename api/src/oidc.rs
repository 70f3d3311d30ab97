//! Sign-in by providers of OpenID Connect: the protocol alone, by the crate `openidconnect`. What a proven identity
//! is good for is decided by the engine.

mod http;
mod provider;

use std::{fmt, sync::Arc};

use schema::Clock;

use self::http::HttpClient;
pub(crate) use self::provider::{Provider, ProviderError};
use crate::config::{ConfigError, OidcProvider};

/// The providers of the settings, in their order.
#[derive(Clone, Default)]
pub struct Providers(Arc<[Arc<Provider>]>);

impl fmt::Debug for Providers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|provider| provider.name());
        formatter.debug_list().entries(names).finish()
    }
}

impl Providers {
    /// Those of the settings. None of them is asked anything yet: a provider that is down must not keep the server
    /// from starting.
    pub fn of(config: &[OidcProvider], clock: &Arc<dyn Clock>) -> Result<Self, ConfigError> {
        if config.is_empty() {
            return Ok(Self::default());
        }
        let is_remote = |provider: &OidcProvider| provider.issuer.starts_with("https:");
        let http = Arc::new(HttpClient::new(config.iter().any(is_remote))?);
        let providers = config.iter().map(|config| {
            let provider = Provider::new(config.clone(), Arc::clone(&http), Arc::clone(clock));
            provider.map(Arc::new)
        });
        let providers: Result<Vec<_>, ConfigError> = providers.collect();
        Ok(Self(providers?.into()))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter()
    }

    /// The one with this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Provider>> {
        self.iter().find(|provider| provider.name() == name)
    }
}
