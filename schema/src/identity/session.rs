//! Sign-in: what the faces need to check a password, and what a signed-in principal is.

use serde::Serialize;
use time::Duration;

use crate::{
    access::Permission,
    id::{PartnerId, SessionId, UserId},
};

/// A text that must not stand in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The user behind an email, for the check of a password. The caller of the engine verifies the
/// password also when there is no user, so that both take the same time.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The user.
    pub user: UserId,
    /// The hash of the password, if there is one.
    pub password_hash: Option<Secret>,
    /// Whether the user may sign in.
    pub active: bool,
    /// The epoch that the password was read in: a session made of it is void when it has moved.
    pub auth_epoch: i32,
    /// Whether a code has to follow the password.
    pub second_factor: bool,
    /// The provider that has proven who it is; none for a password.
    pub provider: Option<String>,
}

/// What a code has to answer.
#[derive(Clone, Debug)]
pub struct SignInChallenge {
    /// Names the sign-in.
    pub token: Secret,
    /// How long it waits.
    pub lifetime: Duration,
}

/// What an app needs to make one-time codes.
#[derive(Clone, Debug)]
pub struct TotpEnrolment {
    /// The secret in base32.
    pub secret: Secret,
    /// The same as an address, for a QR code.
    pub uri: Secret,
}

/// A session that was opened or prolonged.
#[derive(Clone, Debug)]
pub struct SessionTokens {
    /// The user.
    pub user: UserId,
    /// The sign-in, `sid` of access tokens.
    pub session: SessionId,
    /// The epoch of the user.
    pub auth_epoch: i32,
    /// The token that prolongs the session once.
    pub refresh_token: Secret,
}

/// Who a caller is, for the caller itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Who {
    /// `user` or `key`.
    pub kind: &'static str,
    /// The id of the user or key.
    pub id: uuid::Uuid,
    /// The sign-in name of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What people call the user or key.
    pub name: String,
    /// Whether a user signs in with a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<bool>,
    /// The names of the roles.
    pub roles: Vec<String>,
    /// The partner that it acts for.
    pub partner: Option<Membership>,
    /// What it may do beyond records.
    pub permissions: Vec<Permission>,
    /// What a key is narrowed to; null narrows nothing.
    pub scopes: Option<Vec<String>>,
}

/// The partner of a caller.
#[derive(Clone, Debug, Serialize)]
pub struct Membership {
    /// The partner.
    pub id: PartnerId,
    /// What people call it.
    pub name: String,
    /// Its organization.
    pub organization: super::PartnerOrganization,
}
