//! System table `meta_head`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// The one row that says which schema is in force; a changeset locks it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Version of the schema.
    pub version: i64,
    /// Version of roles, rules and keys.
    pub access_version: i64,
    /// Version of the base currency and the rates.
    pub currency_version: i64,
    /// The currency that amounts are converted to, a code of ISO 4217.
    pub base_currency: Option<String>,
    /// Identity of this database, so that a cursor of another one is told apart.
    pub epoch: Uuid,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
