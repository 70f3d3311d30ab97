//! Links that are mailed to people, with which they choose a password.

use time::{Duration, OffsetDateTime};

use super::Secret;

/// What a link was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// An admin invites a user.
    Invitation,
    /// A user has forgotten the password.
    Reset,
}

/// A link that was just made: the only time that its token is known.
#[derive(Clone, Debug)]
pub struct MailedLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Where to send it.
    pub email: String,
    /// What stands in it.
    pub token: Secret,
    /// From when on it is refused.
    pub expires_at: OffsetDateTime,
}

impl LinkPurpose {
    /// The text that is stored.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    /// How long a link of this purpose is good.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::Reset => Duration::hours(1),
        }
    }
}
