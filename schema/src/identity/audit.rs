//! The audit log: what an entry tells, how it is shown, and the chain that its hashes make.
//!
//! No entry holds a password, a secret, or a hash of one: entries are made of what the API shows of
//! users, roles, rules, partners and keys.

mod chain;
mod sessions;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::{Caller, Origin, Principal},
    id::UserId,
    value::instant_text,
};

use chain::hex;
pub use chain::{AuditBreak, AuditReport};
pub(crate) use chain::{Verifier, chained, parse_hash};
pub use sessions::{Arrival, SessionDescription};

macro_rules! texts {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name, which is a promise of the API: it is never changed and never used again.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The one with this name.
            pub fn find(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.text() == text)
            }
        }
    };
}

texts! {
    /// What an entry tells.
    AuditKind {
        /// A user has signed in.
        SignIn = "signIn",
        /// A sign-in was refused.
        SignInFailed = "signInFailed",
        /// A user has signed out.
        SignOut = "signOut",
        /// A refresh token was used twice, which ended its session.
        RefreshReused = "refreshReused",
        /// Sessions were ended by their user or by an admin.
        SessionsRevoked = "sessionsRevoked",
        /// A key, or the token of a session that has ended, was refused.
        CredentialsRefused = "credentialsRefused",
        /// Somebody was refused what it has no right to.
        AccessDenied = "accessDenied",
        /// A user was made.
        UserCreated = "userCreated",
        /// A user was changed.
        UserChanged = "userChanged",
        /// A role was made.
        RoleCreated = "roleCreated",
        /// A role was changed.
        RoleChanged = "roleChanged",
        /// A role was deleted, with its rules.
        RoleDeleted = "roleDeleted",
        /// A rule was added to a role.
        RuleCreated = "ruleCreated",
        /// A rule was replaced.
        RuleChanged = "ruleChanged",
        /// A rule was taken from a role.
        RuleDeleted = "ruleDeleted",
        /// Somebody has looked at what a changed rule set would do.
        AccessPreviewed = "accessPreviewed",
        /// An organization was made a partner.
        PartnerCreated = "partnerCreated",
        /// A partner was changed.
        PartnerChanged = "partnerChanged",
        /// A key was made.
        KeyCreated = "keyCreated",
        /// A key was changed.
        KeyChanged = "keyChanged",
        /// A key got another secret.
        KeyRotated = "keyRotated",
        /// A key was revoked.
        KeyRevoked = "keyRevoked",
        /// A user was invited once more.
        UserInvited = "userInvited",
        /// Somebody has asked for a link to choose a password anew.
        PasswordForgotten = "passwordForgotten",
        /// A user has chosen a password by a mailed link.
        PasswordReset = "passwordReset",
        /// A user has changed the own password.
        PasswordChanged = "passwordChanged",
        /// A user has a second factor from now on.
        SecondFactorAdded = "secondFactorAdded",
        /// A user has no second factor any more.
        SecondFactorRemoved = "secondFactorRemoved",
        /// A user can sign in by an identity at a provider from now on.
        IdentityLinked = "identityLinked",
        /// An identity at a provider was taken from a user.
        IdentityUnlinked = "identityUnlinked",
        /// The key that signs access tokens was rotated.
        SigningKeyRotated = "signingKeyRotated",
        /// A team was made.
        TeamCreated = "teamCreated",
        /// A team was changed.
        TeamChanged = "teamChanged",
        /// A team was deleted.
        TeamDeleted = "teamDeleted",
        /// A record was shared.
        ShareCreated = "shareCreated",
        /// A share was ended.
        ShareDeleted = "shareDeleted",
        /// Fields were read of which the log tells that.
        PersonalDataRead = "personalDataRead",
        /// More was refused in a minute, by more callers, than the log tells one by one.
        EntriesDropped = "entriesDropped",
    }
}

texts! {
    /// What sort of thing an entry is about.
    AuditObject {
        /// A user.
        User = "user",
        /// A role.
        Role = "role",
        /// A rule.
        Rule = "rule",
        /// A partner.
        Partner = "partner",
        /// A key.
        Key = "key",
        /// A session.
        Session = "session",
        /// A team.
        Team = "team",
        /// A share of a record.
        Share = "share",
    }
}

/// An entry that is not yet in the log.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) at: OffsetDateTime,
    pub(crate) kind: AuditKind,
    pub(crate) principal: Principal,
    pub(crate) origin: Origin,
    pub(crate) object: Option<(AuditObject, Uuid)>,
    pub(crate) details: Map<String, Json>,
}

impl Draft {
    /// What this caller does to this thing.
    pub(crate) fn of(caller: &Caller, kind: AuditKind, object: (AuditObject, Uuid)) -> Self {
        let draft = Self {
            at: caller.now,
            kind,
            principal: caller.principal,
            origin: caller.origin,
            object: Some(object),
            details: Map::new(),
        };
        match caller.principal {
            Principal::System { reason } => draft.with("reason", json!(reason)),
            Principal::Anonymous | Principal::User(_) | Principal::Key(_) => draft,
        }
    }

    /// What a user does to its own session.
    pub(crate) fn of_session(
        user: UserId,
        kind: AuditKind,
        (origin, at): (Origin, OffsetDateTime),
    ) -> Self {
        let session = origin.session.map(|it| (AuditObject::Session, it.uuid()));
        Self {
            at,
            kind,
            principal: Principal::User(user),
            origin,
            object: session,
            details: Map::new(),
        }
    }

    /// What this caller does to no thing in particular.
    pub(crate) fn without_object(caller: &Caller, kind: AuditKind) -> Self {
        Self {
            object: None,
            ..Self::of(caller, kind, (AuditObject::User, Uuid::nil()))
        }
    }

    /// What a user, or somebody who may be that user, does to the user's own credentials.
    pub(crate) fn of_credentials(
        user: UserId,
        kind: AuditKind,
        (principal, origin, at): (Principal, Origin, OffsetDateTime),
    ) -> Self {
        Self {
            at,
            kind,
            principal,
            origin,
            object: Some((AuditObject::User, user.uuid())),
            details: Map::new(),
        }
    }

    /// How the thing was.
    pub(crate) fn before(self, thing: &impl Serialize) -> Self {
        self.with("before", shown(thing))
    }

    /// How the thing is now.
    pub(crate) fn after(self, thing: &impl Serialize) -> Self {
        self.with("after", shown(thing))
    }

    /// One thing more that it tells.
    pub(crate) fn with(mut self, name: &str, value: Json) -> Self {
        self.details.insert(name.to_owned(), value);
        self
    }
}

/// A thing as the API shows it, without what is not of the thing but of the moment.
fn shown(thing: &impl Serialize) -> Json {
    let mut json = serde_json::to_value(thing).unwrap_or_default();
    if let Json::Object(members) = &mut json {
        for name in ["valid", "lastUsedAt"] {
            members.shift_remove(name);
        }
    }
    json
}

/// An entry as the API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place in the log, from 1 on and without gaps.
    pub sequence: i64,
    /// When it happened.
    pub at: String,
    /// What happened.
    pub kind: String,
    /// Who did it.
    pub principal: AuditPrincipal,
    /// What it was done to.
    pub object: Option<AuditSubject>,
    /// Where the request came from.
    pub address: Option<String>,
    /// The session of a user.
    pub session: Option<Uuid>,
    /// What else there is to tell.
    pub details: Json,
    /// The hash of the entry before, in hexadecimal digits.
    pub previous_hash: String,
    /// Its own hash.
    pub hash: String,
}

/// Who did it.
#[derive(Clone, Debug, Serialize)]
pub struct AuditPrincipal {
    /// `user`, `key`, `system` or `anonymous`.
    pub kind: String,
    /// Which user or key.
    pub id: Option<Uuid>,
}

/// What it was done to.
#[derive(Clone, Debug, Serialize)]
pub struct AuditSubject {
    /// What sort of thing.
    pub r#type: String,
    /// Which one.
    pub id: Option<Uuid>,
}

/// Which entries are asked for.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// The most entries.
    pub limit: u64,
    /// Only entries before this place.
    pub before: Option<i64>,
    /// Only entries from this instant on.
    pub from: Option<OffsetDateTime>,
    /// Only entries before this instant.
    pub until: Option<OffsetDateTime>,
    /// Only what this user or key did.
    pub principal: Option<Uuid>,
    /// Only entries of this kind.
    pub kind: Option<AuditKind>,
    /// Only what was done to things of this sort.
    pub object_type: Option<AuditObject>,
    /// Only what was done to this thing.
    pub object: Option<Uuid>,
}

impl AuditEntry {
    /// The entry of a row, with this form of its details.
    fn of(row: entity::audit_entry::Model, details: Json) -> Self {
        Self {
            sequence: row.sequence,
            at: at_text(row.at),
            kind: row.kind,
            principal: AuditPrincipal {
                kind: row.principal_kind,
                id: row.principal_id,
            },
            object: row.object_type.map(|r#type| AuditSubject {
                r#type,
                id: row.object_id,
            }),
            address: row.address,
            session: row.session_id,
            details,
            previous_hash: hex(&row.previous_hash),
            hash: hex(&row.hash),
        }
    }

    /// As the API shows it.
    pub(crate) fn shown(row: entity::audit_entry::Model) -> Self {
        let details = serde_json::from_str(&row.details);
        let details = details.unwrap_or_else(|_| json!(row.details));
        Self::of(row, details)
    }

    /// As it is exported: the details are the text that was hashed.
    pub(crate) fn exported(row: entity::audit_entry::Model) -> Self {
        let details = json!(row.details);
        Self::of(row, details)
    }
}

/// Microseconds since the Unix epoch.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// An instant in microseconds as the API writes it. What is none (in a row that was tampered with) is
/// written as the number that it is.
fn at_text(micros: i64) -> String {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
    instant.map_or_else(|_| micros.to_string(), instant_text)
}
