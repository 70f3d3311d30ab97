//! System table `teams`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A team of users, at its place in the tree of teams.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teams")]
pub struct Model {
    /// Identity of the team.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    #[sea_orm(unique)]
    pub name: String,
    /// The team above.
    pub parent_id: Option<Uuid>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
