//! System table `mailed_links`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A link with which a user chooses a password, once. What it was used or ended for is kept for a while,
/// to know how many were made.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mailed_links")]
pub struct Model {
    /// Identity of the link.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose password it sets.
    pub user_id: Uuid,
    /// `invitation` or `reset`.
    pub purpose: String,
    /// SHA-256 of the token in it.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// Instant from which it is refused.
    pub expires_at: TimeDateTimeWithTimeZone,
    /// Instant at which it was used, or another one took its place, or the user changed.
    pub ended_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Whose password it sets.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}
