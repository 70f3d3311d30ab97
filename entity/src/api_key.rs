//! System table `api_keys`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A key of a partner or of a user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Identity of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The public part of the key.
    #[sea_orm(unique)]
    pub key_id: String,
    /// SHA-256 of the secret part; empty when the secret has ended and none has taken its place.
    pub secret_hash: Vec<u8>,
    /// SHA-256 of the secret part of before the last rotation.
    pub old_secret_hash: Option<Vec<u8>>,
    /// Instant from which that one is refused.
    pub old_secret_until: Option<TimeDateTimeWithTimeZone>,
    /// What people call the key.
    pub name: String,
    /// The partner that the key acts for.
    pub partner_id: Option<Uuid>,
    /// The user that the key acts for.
    pub user_id: Option<Uuid>,
    /// The roles of the key: an array of ids.
    pub role_ids: Json,
    /// What the key is narrowed to; null is no narrowing.
    pub scopes: Option<Json>,
    /// The addresses and networks that it may be used from, an array of texts; null is every one.
    pub allowed_ips: Option<Json>,
    /// How much it may ask for in a time, the name of a class.
    pub rate_class: String,
    /// Instant from which it is refused.
    pub expires_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant of the revocation.
    pub revoked_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant of the last use, roughly.
    pub last_used_at: Option<TimeDateTimeWithTimeZone>,
    /// Whether the lead of the key's partner may know the secret.
    pub known_to_lead: bool,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Who created it.
    pub created_by: Option<Uuid>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The partner that the key acts for.
    #[sea_orm(
        belongs_to = "super::partner::Entity",
        from = "Column::PartnerId",
        to = "super::partner::Column::Id"
    )]
    Partner,
    /// The user that the key acts for.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id"
    )]
    User,
}

impl Related<super::partner::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Partner.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
