//! System table `role_versions`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// What a role with its rules was from a version of access on, until the next version that has a row of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_versions")]
pub struct Model {
    /// The role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: Uuid,
    /// The version of access that made it so.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The API name; of a deleted role the one that it had.
    pub name: String,
    /// What was done to it.
    pub change: String,
    /// The role and its rules by the ids of types and fields; null of a deleted one.
    pub definition: Option<crate::JsonText>,
    /// Instant of the change.
    pub created_at: TimeDateTimeWithTimeZone,
    /// What sort of principal made it.
    pub principal_kind: String,
    /// Who made it.
    pub principal_id: Option<Uuid>,
}

/// The foreign keys: none, for a role may go while its versions stay.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
