//! System table `sign_in_networks`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A network from which a user has signed in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_networks")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The network: an IPv4 address, or the first half of an IPv6 one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: String,
    /// Instant of the last sign-in from there.
    pub used_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The user.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}
