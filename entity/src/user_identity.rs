//! System table `user_identities`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// Who a user is at a provider of OpenID Connect. Issuer and subject together name one identity, which one user has.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_identities")]
pub struct Model {
    /// Identity of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose identity it is.
    pub user_id: Uuid,
    /// The provider, by its issuer identifier.
    pub issuer: String,
    /// The user there, by the subject identifier.
    pub subject: String,
    /// Instant of the linking.
    pub created_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Whose identity it is.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
