//! System table `used_sign_ins`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A sign-in by a provider that was finished, so that it can't be finished again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_sign_ins")]
pub struct Model {
    /// Identity of the sign-in, as its transaction has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Instant from which the transaction is refused anyway.
    pub expires_at: TimeDateTimeWithTimeZone,
}

/// No foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
