//! System table `events`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A committed change of one record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Place in the log; on `PostgreSQL` commits may pass each other.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Instant of the change.
    pub at: TimeDateTimeWithTimeZone,
    /// The object type or relation type.
    pub object_id: Uuid,
    /// The record or link.
    pub record_id: Uuid,
    /// What was done.
    pub operation: String,
    /// Version of the record after it.
    pub version: i64,
    /// What sort of principal did it.
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// What was committed together.
    pub transaction_id: Uuid,
    /// Before and after of the changed fields.
    pub changes: crate::JsonText,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
