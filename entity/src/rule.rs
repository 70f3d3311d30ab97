//! System table `rules`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// One grant of a role: an action on one type, for some fields and some rows.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rules")]
pub struct Model {
    /// Identity of the rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The role that the rule belongs to.
    pub role_id: Uuid,
    /// Object type or relation type; null is every type.
    pub subject: Option<Uuid>,
    /// What may be done.
    pub action: String,
    /// Which fields it holds for.
    pub fields: Json,
    /// Which rows it holds for, names resolved to ids; null is every row.
    pub condition: Option<crate::JsonText>,
    /// What must hold after a write, names resolved to ids.
    pub check_condition: Option<crate::JsonText>,
    /// Values that the server sets in a write.
    pub presets: crate::JsonText,
    /// How values of its fields are masked: the names of masks by the ids of fields; null is not at all.
    pub masks: Option<Json>,
    /// How much one page may show by the rule; null is as much as any.
    pub limits: Option<Json>,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The role that the rule belongs to.
    #[sea_orm(
        belongs_to = "super::role::Entity",
        from = "Column::RoleId",
        to = "super::role::Column::Id",
        on_delete = "Cascade"
    )]
    Role,
}

impl ActiveModelBehavior for ActiveModel {}
