//! System table `audit_head`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// The one row that says where the audit log ends; whoever adds to the log locks it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Place of the last entry; 0 when there is none.
    pub sequence: i64,
    /// Hash of the last entry; zeros when there is none.
    pub hash: Vec<u8>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
