//! System table `meta_packages`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_packages")]
pub struct Model {
    /// Identity of the installation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name of the package, unique.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it brought.
    pub contents: crate::JsonText,
    /// Instant of the installation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last upgrade.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
