//! The metadata-driven entity engine: object types, fields and relation types that change while it
//! runs, and the records and links of them. No HTTP, no GraphQL, no tokens.
//!
//! A request walks one straight line, from left to right and never back:
//!
//! ```text
//! request ──► access ──► plan ──► sql ──► store ──► bytes
//! names       Grant      ids      text     rows
//! ```
//!
//! Each module imports only those to its left (the catalog stands left of all). Only `store` holds a
//! connection. Only `access` makes a [`access::Grant`], and the planner takes nothing else.
//!
//! # Terminology
//!
//! - **object type**: a kind of record; **field**: a typed attribute; **reference**: a field that points
//!   at one record, with a named inverse collection on its target.
//! - **relation type**: a named, directed kind of link; **link**: one instance of it.
//! - **standard**: shipped in code as a sea-orm entity; **custom**: defined by an admin at run time.
//! - **catalog**: the immutable picture of all types at one schema version.
//! - **principal**: who asks; **caller**: principal, roles, partner and scopes of one request.
//! - **surface**: what a caller may name.

pub mod access;
pub mod catalog;
pub mod change;
mod engine;
mod error;
pub mod expression;
pub mod field_type;
mod id;
pub mod identity;
mod name;
mod plan;
pub mod request;
mod sql;
mod store;
mod value;

pub use engine::{
    AdvisedIndex, AskingRule, BackDescription, ChangesetEntry, CollectionDescription, CreateIndex,
    CurrencyTable, DeletedDescription, DeletedMember, Denied, EndDescription, Engine,
    EngineOptions, FieldDescription, FieldTypeDescription, IndexAdvice, IndexDescription,
    InstalledPackage, JobDescription, KeyDescription, Languages, NewCurrencyTable, NewRate,
    NewRates, ObjectDescription, OptionListDescription, OwnedFieldDescription, Package,
    PackageReport, Rate, RateQuery, ReadAnswer, RelationDescription, RuleDescription, SchemaView,
    Seed, SigningSeed, Snapshot, TargetDescription, Verification, WriteAnswer,
};
pub use error::{Error, Fault, FaultCode, Place, Result};
pub use id::{
    Clock, FieldId, IdGenerator, IdentityId, JobId, KeyId, ObjectTypeId, OptionListId, PartnerId,
    RecordId, RelationTypeId, RoleId, RuleId, SessionId, SystemClock, UserId,
};
pub use name::{ApiName, NameError};
pub use value::{Storage, Value, instant_text};
