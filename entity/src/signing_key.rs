//! System table `signing_keys`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A secret that the server signs with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// Key id, `kid` in a token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// `jwt` or `cursor`.
    pub kind: String,
    /// The secret itself.
    pub secret: Vec<u8>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
