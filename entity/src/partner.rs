//! System table `partners`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// An organization whose own systems have access.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partners")]
pub struct Model {
    /// Identity of the partner.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The organization in the CRM itself.
    pub organization_id: Uuid,
    /// What people call the partner.
    pub name: String,
    /// Whether its keys are honoured.
    pub active: bool,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The organization.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::OrganizationId",
        to = "super::organization::Column::Id"
    )]
    Organization,
}

impl ActiveModelBehavior for ActiveModel {}
