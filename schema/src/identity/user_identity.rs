//! Who users are at providers of OpenID Connect: what a provider has proven, and what it is good for here.
//!
//! The protocol is the face's. Nothing here is believed that it has not verified.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Secret;
use crate::{
    error::{Error, Fault, FaultCode},
    id::{IdentityId, UserId},
};

/// The most characters of a subject identifier (OpenID Connect Core 1.0, section 2).
const MAX_SUBJECT: usize = 255;

/// An identity of a user, as the API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// The identity.
    pub id: IdentityId,
    /// The provider, by its issuer identifier.
    pub issuer: String,
    /// The user there, by the subject identifier.
    pub subject: String,
    /// When it was linked.
    pub created_at: String,
}

/// An identity to link.
#[derive(Clone, Debug)]
pub struct NewIdentity {
    /// The name of the provider in the settings.
    pub provider: String,
    /// Its issuer identifier.
    pub issuer: String,
    /// The user there, by the subject identifier.
    pub subject: String,
}

/// What a provider has proven of whoever signs in.
#[derive(Clone, Debug)]
pub struct ProvenIdentity {
    /// The name of the provider in the settings.
    pub provider: String,
    /// Its issuer identifier.
    pub issuer: String,
    /// The user there, by the subject identifier: unique and never given to somebody else.
    pub subject: String,
    /// An address that the provider says to have verified. Any other is to be left out.
    pub verified_email: Option<String>,
    /// What people call the user, as the provider says.
    pub name: Option<String>,
}

/// What an identity that was never seen is good for, and what is asked of one that was.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Whether it becomes one of the active user of the company who has its verified address.
    pub link_by_email: bool,
    /// Which users are made of identities.
    pub new_users: Option<NewUserPolicy>,
    /// Whether the provider's word stands for the second factor too.
    pub trusts_second_factor: bool,
}

/// Which users are made of identities.
#[derive(Clone, Debug)]
pub struct NewUserPolicy {
    /// The names or ids of their roles, none of which has permissions beyond records.
    pub roles: Vec<String>,
    /// The domains of their addresses, in lower case.
    pub email_domains: Vec<String>,
}

/// A sign-in by a provider that has begun: what has to fit when it comes back.
#[derive(Clone, Debug)]
pub struct ProviderSignIn {
    /// The name of the provider in the settings.
    pub provider: String,
    /// The page that the provider sends its user back to.
    pub redirect_uri: String,
    /// What comes back beside the code.
    pub state: Secret,
    /// What stands in the ID token.
    pub nonce: Secret,
    /// What proves to the provider that the code is for us (RFC 7636).
    pub verifier: Secret,
}

/// A sign-in by a provider that is refused.
#[derive(Clone, Debug)]
pub struct RefusedIdentity<'a> {
    /// The name of the provider in the settings.
    pub provider: &'a str,
    /// Whom it was for, if there is such a user.
    pub user: Option<UserId>,
    /// Why, for the audit log alone.
    pub reason: &'static str,
}

/// A sign-in that has begun, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedSignIn {
    pub(crate) id: Uuid,
    #[serde(with = "time::serde::timestamp")]
    pub(crate) expires_at: OffsetDateTime,
    redirect_uri: String,
    state: String,
    nonce: String,
    verifier: String,
}

impl SealedSignIn {
    /// What is sealed of it. The provider is bound in by the seal.
    pub(crate) fn of(sign_in: &ProviderSignIn, id: Uuid, expires_at: OffsetDateTime) -> Self {
        Self {
            id,
            expires_at,
            redirect_uri: sign_in.redirect_uri.clone(),
            state: sign_in.state.reveal().to_owned(),
            nonce: sign_in.nonce.reveal().to_owned(),
            verifier: sign_in.verifier.reveal().to_owned(),
        }
    }

    /// What was sealed.
    pub(crate) fn into_sign_in(self, provider: &str) -> ProviderSignIn {
        ProviderSignIn {
            provider: provider.to_owned(),
            redirect_uri: self.redirect_uri,
            state: Secret::new(self.state),
            nonce: Secret::new(self.nonce),
            verifier: Secret::new(self.verifier),
        }
    }
}

/// Checks a subject identifier, which is printable ASCII that means nothing to us.
pub(crate) fn check_subject(text: &str) -> Option<Fault> {
    let is_printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let well_formed = (1..=MAX_SUBJECT).contains(&text.len()) && is_printable;
    (!well_formed).then(|| Fault {
        place: super::check::at("subject"),
        code: FaultCode::InvalidValue,
        message: format!("must be 1 to {MAX_SUBJECT} printable ASCII characters"),
    })
}

/// One answer for all that can be wrong with a sign-in by a provider: which of it, only the audit log tells.
pub(crate) fn refused_identity() -> Error {
    Error::Unauthenticated(
        "the sign-in is refused: it is over, was used, does not fit what was begun here, or is for nobody who may sign \
         in; begin anew, or ask an administrator, who finds the reason in the audit log"
            .to_owned(),
    )
}
