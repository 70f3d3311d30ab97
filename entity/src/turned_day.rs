//! System table `turned_days`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// The last day, in UTC, for which what depends on the day was asked to be computed. One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "turned_days")]
pub struct Model {
    /// Identity of the row, nil.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The day as `YYYY-MM-DD`.
    pub day: String,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
