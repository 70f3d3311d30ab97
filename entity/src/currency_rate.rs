//! System table `currency_rates`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// What one unit of a currency is worth in the base currency, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "currency_rates")]
pub struct Model {
    /// A code of ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// The first day on which the rate is in force.
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_from: TimeDate,
    /// An exact decimal as text, for it has more digits than the decimals of records.
    pub rate: String,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
