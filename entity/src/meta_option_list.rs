//! System table `meta_option_lists`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A list of options that several fields share.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_option_lists")]
pub struct Model {
    /// Identity of the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// API name.
    pub name: String,
    /// Everything else.
    pub definition: crate::JsonText,
    /// Instant of the deletion.
    pub deleted_at: Option<TimeDateTimeWithTimeZone>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
