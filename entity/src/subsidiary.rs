//! Standard relation type `subsidiary` (`organization` to `organization`): the row of link table `r_subsidiary` and its description.
//! Labels only; what may be linked is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::RelationDescription;
use crate::field;

/// An organization holds another organization.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "r_subsidiary")]
pub struct Model {
    /// Identity of the record, a `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Goes up by one with each update.
    pub version: i64,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Who created it.
    pub created_by: Option<Uuid>,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
    /// Who updated it last.
    pub updated_by: Option<Uuid>,
    /// Instant of the deletion; null while it lives.
    pub deleted_at: Option<TimeDateTimeWithTimeZone>,
    /// The organization at the source.
    pub source_id: Uuid,
    /// The organization at the target.
    pub target_id: Uuid,
    /// Share that the parent holds, as a fraction: 0.51 is 51 %.
    #[sea_orm(column_type = "Decimal(Some((18, 6)))")]
    pub share_percent: Option<Decimal>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The organization at the source.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::SourceId",
        to = "super::organization::Column::Id"
    )]
    Source,
    /// The organization at the target.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::TargetId",
        to = "super::organization::Column::Id"
    )]
    Target,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: RelationDescription = RelationDescription {
    name: "subsidiary",
    source: "organization",
    target: "organization",
    forward: "subsidiaries",
    forward_label: "Subsidiaries",
    reverse: "parents",
    reverse_label: "Parent organizations",
    label: "Subsidiary",
    description: "An organization holds another organization",
    fields: &[
        field::percent("share_percent", "sharePercent", "Share", "Share that the parent holds, as a fraction: 0.51 is 51 %"),
    ],
};
