//! One provider: what it says of itself, kept for a while, and the two steps of a sign-in.

mod memory;
mod token;

use std::{error::Error as StdError, sync::Arc};

use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType,
        CoreProviderMetadata, CoreTokenResponse,
    },
};
use schema::{
    Clock,
    identity::{Admission, ProvenIdentity, ProviderSignIn, Secret as Text},
};
use tokio::sync::{Mutex, Semaphore};
use url::Url;

use self::memory::{Memory, Wanted};
use super::http::HttpClient;
use crate::config::{ConfigError, OIDC_PROVIDERS, OidcProvider};

/// How many sign-ins of a provider are being finished at once: each asks it something.
const MOST_AT_ONCE: usize = 32;
/// The longest code that is shown to a provider.
const MAX_CODE: usize = 4_096;

/// What was found out about a provider.
type Metadata = Arc<CoreProviderMetadata>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// One provider.
pub(crate) struct Provider {
    config: OidcProvider,
    issuer: IssuerUrl,
    http: Arc<HttpClient>,
    clock: Arc<dyn Clock>,
    memory: Arc<Mutex<Memory>>,
    turns: Semaphore,
}

/// Why a provider has not proven anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It can't be reached, or answers what it should not.
    #[error("the provider {0}")]
    Failed(String, #[source] Option<Box<dyn StdError + Send + Sync>>),
    /// As many sign-ins are being finished as may at once.
    #[error("too many sign-ins are being finished")]
    Busy,
    /// What it was shown, or what it says, is not good; the reason is for the audit log.
    #[error("refused: {0}")]
    Refused(&'static str),
}

impl ProviderError {
    fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into(), None)
    }

    fn because(message: impl Into<String>, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::Failed(message.into(), Some(Box::new(cause)))
    }
}

impl Provider {
    /// A provider of the settings, which is asked nothing yet.
    pub(super) fn new(
        config: OidcProvider,
        http: Arc<HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|error| ConfigError {
            variable: OIDC_PROVIDERS,
            message: format!("{}: issuer: {error}", config.name),
        })?;
        Ok(Self {
            config,
            issuer,
            http,
            clock,
            memory: Arc::default(),
            turns: Semaphore::new(MOST_AT_ONCE),
        })
    }

    /// What it is called in requests.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// What people call it.
    pub(crate) fn label(&self) -> &str {
        &self.config.label
    }

    /// Its issuer identifier.
    pub(crate) fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// What its identities are good for.
    pub(crate) fn admission(&self) -> &Admission {
        &self.config.admission
    }

    /// Whether people may be sent back to this page.
    pub(crate) fn returns_to(&self, page: &str) -> bool {
        self.config.redirect_uris.iter().any(|it| it == page)
    }

    /// Where to send somebody to sign in, and what has to fit when it comes back.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        redirect_uri: &str,
    ) -> Result<(Url, ProviderSignIn), ProviderError> {
        let metadata = self.metadata(Wanted::Any).await?;
        let client = self.client(&metadata, redirect_uri)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = self.config.scopes.iter().filter(|scope| *scope != "openid");
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        let sign_in = ProviderSignIn {
            provider: self.config.name.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: Text::new(state.into_secret()),
            nonce: Text::new(nonce.secret().clone()),
            verifier: Text::new(verifier.into_secret()),
        };
        Ok((url, sign_in))
    }

    /// Who has signed in there, by the code that it has sent back.
    pub(crate) async fn prove(
        self: &Arc<Self>,
        code: String,
        sign_in: &ProviderSignIn,
    ) -> Result<ProvenIdentity, ProviderError> {
        if code.is_empty() || code.len() > MAX_CODE {
            return Err(ProviderError::Refused("code"));
        }
        let _turn = self.turns.try_acquire().map_err(|_| ProviderError::Busy)?;
        let metadata = self.metadata(Wanted::Any).await?;
        let client = self.client(&metadata, &sign_in.redirect_uri)?;
        let answer = self.exchange(&client, code, sign_in).await?;
        let token = answer.id_token();
        let token = token.ok_or_else(|| ProviderError::failed("gives no ID token"))?;
        let nonce = Nonce::new(sign_in.nonce.reveal().to_owned());
        let proven = (token, answer.access_token(), &nonce);
        let claims = match self.verify(&metadata, &client, proven) {
            Err(token::Refused::Signature(_)) => {
                // It may sign with another key since we asked for its keys.
                let metadata = self.metadata(Wanted::OtherThan(&metadata)).await?;
                let client = self.client(&metadata, &sign_in.redirect_uri)?;
                self.verify(&metadata, &client, proven)
            }
            verified => verified,
        };
        let claims = claims.map_err(|refused| self.refused(&refused))?;
        Ok(self.identity(&client, claims, answer.access_token()).await)
    }

    /// Exchanges the code for tokens.
    async fn exchange(
        &self,
        client: &Client,
        code: String,
        sign_in: &ProviderSignIn,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|_| ProviderError::failed("names no token endpoint"))?;
        let verifier = PkceCodeVerifier::new(sign_in.verifier.reveal().to_owned());
        let answered = request
            .set_pkce_verifier(verifier)
            .request_async(self.http.as_ref())
            .await;
        answered.map_err(|error| match error {
            RequestTokenError::ServerResponse(told)
                if *told.error() == CoreErrorResponseType::InvalidGrant =>
            {
                ProviderError::Refused("code")
            }
            // The settings are wrong, or it does not do what it says.
            RequestTokenError::ServerResponse(told) => {
                ProviderError::because("refuses us at its token endpoint", Told(told))
            }
            RequestTokenError::Request(error) => {
                ProviderError::because("does not answer at its token endpoint", error)
            }
            // The texts of these may hold parts of a token.
            RequestTokenError::Parse(error, _) => ProviderError::failed(format!(
                "answers at its token endpoint what is no answer of one, at {}",
                error.path()
            )),
            RequestTokenError::Other(_) => {
                ProviderError::failed("answers at its token endpoint what is no answer of one")
            }
        })
    }

    /// The client of these metadata.
    fn client(&self, metadata: &Metadata, page: &str) -> Result<Client, ProviderError> {
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        let page = RedirectUrl::new(page.to_owned());
        let page = page.map_err(|_| ProviderError::Refused("redirectUri"))?;
        let client = CoreClient::from_provider_metadata(metadata.as_ref().clone(), id, secret);
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        // Basic is what holds where nothing is said.
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic)
            && takes(CoreClientAuthMethod::ClientSecretPost);
        let how = if in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        Ok(client.set_auth_type(how).set_redirect_uri(page))
    }
}

/// What a provider says that it refuses us for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(openidconnect::StandardErrorResponse<CoreErrorResponseType>);
