//! Standard relation type `employment` (`person` to `organization`): the row of link table `r_employment` and its description.
//! Labels only; what may be linked is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::RelationDescription;
use crate::field;

/// A person works for an organization.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "r_employment")]
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
    /// The person at the source.
    pub source_id: Uuid,
    /// The organization at the target.
    pub target_id: Uuid,
    /// Position in this organization.
    pub title: Option<String>,
    /// Department in this organization.
    pub department: Option<String>,
    /// First day.
    pub start_date: Option<TimeDate>,
    /// Last day; empty while it lasts.
    pub end_date: Option<TimeDate>,
    /// Whether this is the main employment of the person.
    pub is_primary: Option<bool>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The person at the source.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::SourceId",
        to = "super::person::Column::Id"
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
    name: "employment",
    source: "person",
    target: "organization",
    forward: "employers",
    forward_label: "Employers",
    reverse: "employees",
    reverse_label: "Employees",
    label: "Employment",
    description: "A person works for an organization",
    fields: &[
        field::text("title", "title", "Title", "Position in this organization", 100),
        field::text("department", "department", "Department", "Department in this organization", 100),
        field::date("start_date", "startDate", "Start date", "First day"),
        field::date("end_date", "endDate", "End date", "Last day; empty while it lasts"),
        field::boolean("is_primary", "isPrimary", "Primary", "Whether this is the main employment of the person"),
    ],
};
