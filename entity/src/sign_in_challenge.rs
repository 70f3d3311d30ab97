//! System table `sign_in_challenges`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A sign-in whose first factor was right and whose second factor is still to come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_challenges")]
pub struct Model {
    /// Identity of the challenge.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who signs in.
    pub user_id: Uuid,
    /// SHA-256 of its token.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// Epoch of the user when it was made.
    pub auth_epoch: i32,
    /// Instant from which it is refused.
    pub expires_at: TimeDateTimeWithTimeZone,
    /// The provider that the first factor was proven by; null for a password.
    pub provider: Option<String>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Who signs in.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}
