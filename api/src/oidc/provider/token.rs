//! What a provider proves by an ID token (OpenID Connect Core 1.0, section 3.1.3.7).

use std::error::Error as StdError;

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, JwsSigningAlgorithm as _, Nonce,
    UserInfoError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreUserInfoClaims},
};
use schema::identity::ProvenIdentity;

use super::{Client, Metadata, Provider, ProviderError};

/// Why an ID token is not believed.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not signed by a key of the provider, as far as we know its keys.
    Signature(ClaimsVerificationError),
    /// It is for somebody else, for something else, or over.
    Claims(ClaimsVerificationError),
    /// It was handed out to somebody else.
    Party,
    /// It does not belong to the access token beside it.
    AccessToken,
}

impl Provider {
    /// What an ID token says, if it is by this provider, for us, for this sign-in, and not over. Only signatures that
    /// the provider alone can make count.
    pub(super) fn verify<'token>(
        &self,
        metadata: &Metadata,
        client: &Client,
        (token, access_token, nonce): (&'token CoreIdToken, &AccessToken, &Nonce),
    ) -> Result<&'token CoreIdTokenClaims, Refused> {
        let signs = metadata.id_token_signing_alg_values_supported().iter();
        let signs = signs.filter(|it| !it.uses_shared_secret());
        let signs = signs.filter(|it| **it != CoreJwsSigningAlgorithm::None);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(signs.cloned())
            .set_time_fn(|| self.now());
        let claims = token.claims(&verifier, nonce).map_err(|error| {
            if matches!(error, ClaimsVerificationError::SignatureVerification(_)) {
                Refused::Signature(error)
            } else {
                Refused::Claims(error)
            }
        })?;
        let party = claims.authorized_party();
        if party.is_some_and(|party| **party != self.config.client_id) {
            return Err(Refused::Party);
        }
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = token.signing_alg();
            let key = token.signing_key(&verifier);
            let own = algorithm.and_then(|algorithm| Ok((algorithm, key?)));
            let own = own.ok().and_then(|(algorithm, key)| {
                AccessTokenHash::from_token(access_token, algorithm, key).ok()
            });
            if own.as_ref() != Some(hash) {
                return Err(Refused::AccessToken);
            }
        }
        Ok(claims)
    }

    /// Tells the log why a token is refused, and nobody else.
    pub(super) fn refused(&self, refused: &Refused) -> ProviderError {
        let (reason, cause): (_, Option<&dyn StdError>) = match refused {
            Refused::Signature(error) => ("signature", Some(error)),
            Refused::Claims(error) => (reason_of(error), Some(error)),
            Refused::Party => ("authorizedParty", None),
            Refused::AccessToken => ("accessTokenHash", None),
        };
        tracing::warn!(
            provider = self.config.name,
            reason,
            error = cause,
            "an ID token is refused"
        );
        ProviderError::Refused(reason)
    }

    /// The identity that was proven. Where the ID token leaves the address out and it is needed, the provider is
    /// asked for it: some tell it at their userinfo endpoint alone.
    pub(super) async fn identity(
        &self,
        client: &Client,
        claims: &CoreIdTokenClaims,
        access_token: &AccessToken,
    ) -> ProvenIdentity {
        let admission = &self.config.admission;
        let asks = claims.email().is_none()
            && (admission.link_by_email || admission.new_users.is_some())
            && client.user_info_url().is_some()
            // It would not fit into a header field.
            && access_token.secret().bytes().all(|byte| byte.is_ascii_graphic());
        let told = if asks {
            self.user_info(client, claims, access_token).await
        } else {
            None
        };
        let (email, is_verified, name) = match &told {
            Some(told) => (told.email(), told.email_verified(), told.name()),
            None => (claims.email(), claims.email_verified(), claims.name()),
        };
        let name = name.and_then(|name| name.get(None));
        ProvenIdentity {
            provider: self.config.name.clone(),
            issuer: self.config.issuer.clone(),
            subject: claims.subject().as_str().to_owned(),
            verified_email: email
                .filter(|_| is_verified == Some(true))
                .map(|email| email.as_str().to_owned()),
            name: name.map(|name| name.as_str().to_owned()),
        }
    }

    /// What the userinfo endpoint says of the same subject. Without it there is no address, that is all.
    async fn user_info(
        &self,
        client: &Client,
        claims: &CoreIdTokenClaims,
        access_token: &AccessToken,
    ) -> Option<CoreUserInfoClaims> {
        let subject = claims.subject().clone();
        let request = client.user_info(access_token.clone(), Some(subject)).ok()?;
        match request.request_async(self.http.as_ref()).await {
            Ok(told) => Some(told),
            Err(error) => {
                // The texts of these may hold what the endpoint says of a person.
                let kind = if matches!(error, UserInfoError::ClaimsVerification(_)) {
                    "its claims don't hold"
                } else if matches!(error, UserInfoError::Parse(_)) {
                    "it is not what it should be"
                } else {
                    "it can't be read"
                };
                let provider = &self.config.name;
                tracing::warn!(
                    provider,
                    kind,
                    "a userinfo endpoint gives no answer that counts"
                );
                None
            }
        }
    }

    /// The time of the server as the library has it.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        DateTime::from_timestamp(now.unix_timestamp(), now.nanosecond())
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Which of the claims it is.
fn reason_of(error: &ClaimsVerificationError) -> &'static str {
    use ClaimsVerificationError::{Expired, InvalidAudience, InvalidIssuer, InvalidNonce};
    if matches!(error, Expired(_)) {
        "tokenExpired"
    } else if matches!(error, InvalidAudience(_)) {
        "audience"
    } else if matches!(error, InvalidIssuer(_)) {
        "issuer"
    } else if matches!(error, InvalidNonce(_)) {
        "nonce"
    } else {
        "token"
    }
}
