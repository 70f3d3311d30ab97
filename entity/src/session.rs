//! System table `sessions`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A refresh token; all that came from one sign-in share a family.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Identity of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The sign-in that it goes back to.
    pub family_id: Uuid,
    /// The user who signed in.
    pub user_id: Uuid,
    /// SHA-256 of the token.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// Epoch of the user when it was made.
    pub auth_epoch: i32,
    /// Instant from which it is refused.
    pub expires_at: TimeDateTimeWithTimeZone,
    /// Instant of its exchange; a second use revokes the family.
    pub used_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant of the revocation.
    pub revoked_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the sign-in that it goes back to; none in rows that are older than this column.
    pub signed_in_at: Option<TimeDateTimeWithTimeZone>,
    /// Address of the sign-in.
    pub address: Option<String>,
    /// What the client called itself at the sign-in.
    pub user_agent: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The user who signed in.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}
