//! System table `record_shares`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// One record is shared with a user, a team or a partner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_shares")]
pub struct Model {
    /// Identity of the share.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The object type of the record.
    pub object_type_id: Uuid,
    /// The record.
    pub record_id: Uuid,
    /// `user`, `team` or `partner`.
    pub grantee_kind: String,
    /// With whom it is shared.
    pub grantee_id: Uuid,
    /// `read` or `write`.
    pub access: String,
    /// From when on it counts no more, in microseconds since the Unix epoch; null is never.
    pub until: Option<i64>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Who shared it.
    pub created_by: Option<Uuid>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
