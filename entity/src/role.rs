//! System table `roles`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A named set of rules and permissions.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    /// Identity of the role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// API name.
    #[sea_orm(unique)]
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it is for.
    pub description: String,
    /// What its holders may administer: an array of permission names.
    pub permissions: Json,
    /// The roles whose rules and permissions it has too: an array of ids; null is none.
    pub inherits: Option<Json>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
