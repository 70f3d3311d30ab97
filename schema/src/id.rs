//! Identifiers: one type per kind of thing, and the generator that makes new ones.
//!
//! Every id is a UUID version 7 (RFC 9562), except those of standard object types, fields and
//! relation types, which are derived from their names in code so that every installation has the same.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::{ContextV7, Timestamp, Uuid};

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to identify such a thing.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )*};
}

id_types! {
    /// An object type, standard or custom.
    ObjectTypeId;
    /// A field of an object type or of a relation type.
    FieldId;
    /// A relation type, standard or custom.
    RelationTypeId;
    /// A record of some object type, or a link of some relation type.
    RecordId;
    /// A list of options that several fields share.
    OptionListId;
    /// A role.
    RoleId;
    /// A rule of a role.
    RuleId;
    /// A person who signs in.
    UserId;
    /// A team of users.
    TeamId;
    /// A share of one record.
    ShareId;
    /// A partner: an organization with keys of its own.
    PartnerId;
    /// An API key.
    KeyId;
    /// A refresh session of a user.
    SessionId;
    /// An identity of a user at a provider.
    IdentityId;
    /// A piece of slow work.
    JobId;
}

/// The namespace of the ids of standard things (a random UUID, fixed for good).
const STANDARD: Uuid = Uuid::from_u128(0x5f1c_64a2_8f3e_4a0b_9d27_6c1b_3e90_7ad4);

impl ObjectTypeId {
    /// The id of the standard object type with this code name.
    pub fn standard(name: &str) -> Self {
        Self(Uuid::new_v5(&STANDARD, format!("object:{name}").as_bytes()))
    }
}

impl RelationTypeId {
    /// The id of the standard relation type with this code name.
    pub fn standard(name: &str) -> Self {
        Self(Uuid::new_v5(
            &STANDARD,
            format!("relation:{name}").as_bytes(),
        ))
    }
}

impl FieldId {
    /// The id of a standard field: the code name of its owner and its first column.
    pub fn standard(owner: &str, column: &str) -> Self {
        Self(Uuid::new_v5(
            &STANDARD,
            format!("field:{owner}.{column}").as_bytes(),
        ))
    }
}

/// The time, as a value that a test can hold still or move.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current instant, UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// Makes UUIDs of version 7 that ascend within this process, also inside one millisecond.
#[derive(Debug)]
pub struct IdGenerator {
    context: Mutex<ContextV7>,
}

impl Default for IdGenerator {
    fn default() -> Self {
        Self {
            context: Mutex::new(ContextV7::new()),
        }
    }
}

impl IdGenerator {
    /// A new UUID for the given instant.
    pub fn uuid(&self, now: OffsetDateTime) -> Uuid {
        let context = self
            .context
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.nanosecond()))
    }
}
