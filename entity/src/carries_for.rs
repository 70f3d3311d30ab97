//! Standard relation type `carriesFor` (`organization` to `organization`): the row of link table `r_carries_for` and its description.
//! Labels only; what may be linked is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::RelationDescription;
use crate::field;

/// An organization transports goods for another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "r_carries_for")]
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
    /// What the carrier does: express, freight, last mile.
    pub service: Option<String>,
    /// Number of the customer at the carrier.
    pub account_number: Option<String>,
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
    name: "carriesFor",
    source: "organization",
    target: "organization",
    forward: "carriesFor",
    forward_label: "Carries for",
    reverse: "carriers",
    reverse_label: "Carriers",
    label: "Carriage",
    description: "An organization transports goods for another",
    fields: &[
        field::text("service", "service", "Service", "What the carrier does: express, freight, last mile", 100),
        field::text("account_number", "accountNumber", "Account number", "Number of the customer at the carrier", 100),
    ],
};
