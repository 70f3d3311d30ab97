//! System table `audit_entries`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// An entry of the audit log, bound to the one before it by hashes. Rows are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// Place in the chain, from 1 on and without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// Instant, in microseconds since the Unix epoch.
    pub at: i64,
    /// What happened.
    pub kind: String,
    /// What sort of principal it was.
    pub principal_kind: String,
    /// Who it was.
    pub principal_id: Option<Uuid>,
    /// What sort of thing it happened to.
    pub object_type: Option<String>,
    /// Which one.
    pub object_id: Option<Uuid>,
    /// Where the request came from.
    pub address: Option<String>,
    /// The session of a user.
    pub session_id: Option<Uuid>,
    /// JSON, exactly the text that was hashed.
    pub details: String,
    /// Hash of the entry before.
    pub previous_hash: Vec<u8>,
    /// SHA-256 over all the others.
    pub hash: Vec<u8>,
}

/// The foreign keys: none, for what an entry speaks of may go while the entry stays.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
