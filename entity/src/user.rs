//! System table `users`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Identity of the user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Sign-in name, kept in lower case.
    #[sea_orm(unique)]
    pub email: String,
    /// What people call the user.
    pub name: String,
    /// Argon2id hash; null for a user without a password.
    pub password_hash: Option<String>,
    /// The partner that the user works for; null for a user of the company itself.
    pub partner_id: Option<Uuid>,
    /// Whether the user may sign in.
    pub active: bool,
    /// Goes up when every token of the user must end.
    pub auth_epoch: i32,
    /// Secret of the one-time codes, sealed; without an instant of confirmation it does not count yet.
    pub totp_secret: Option<String>,
    /// Instant from which on a code is asked for.
    pub totp_confirmed_at: Option<TimeDateTimeWithTimeZone>,
    /// Step of the last code that was used: no code of it or before is taken any more.
    pub totp_last_step: Option<i64>,
    /// Wrong codes since the last right one.
    pub totp_failures: Option<i32>,
    /// Instant until which no code is looked at.
    pub totp_blocked_until: Option<TimeDateTimeWithTimeZone>,
    /// Whether the lead of the user's partner may know the password, or have come by it.
    pub known_to_lead: bool,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
