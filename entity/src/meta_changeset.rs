//! System table `meta_changesets`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A committed change of the schema.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_changesets")]
pub struct Model {
    /// The version of the schema that it made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// Instant of the commit.
    pub applied_at: TimeDateTimeWithTimeZone,
    /// What sort of principal made it.
    pub actor_kind: String,
    /// Who made it.
    pub actor_id: Option<Uuid>,
    /// What it did.
    pub operations: crate::JsonText,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
