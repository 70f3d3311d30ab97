//! Standard relation type `supplies` (`organization` to `product`): the row of link table `r_supplies` and its description.
//! Labels only; what may be linked is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::RelationDescription;
use crate::field;

/// An organization supplies a product to you.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "r_supplies")]
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
    /// The product at the target.
    pub target_id: Uuid,
    /// Article number at the supplier.
    pub supplier_sku: Option<String>,
    /// Days from order to delivery.
    pub lead_time_days: Option<i64>,
    /// Price of one unit at this supplier.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub price: Option<Decimal>,
    /// ISO 4217 code of `price`.
    pub price_currency: Option<String>,
    /// `price` in the base currency.
    #[sea_orm(column_name = "price__base", column_type = "Decimal(Some((18, 4)))")]
    pub price_base: Option<Decimal>,
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
    /// The product at the target.
    #[sea_orm(
        belongs_to = "super::product::Entity",
        from = "Column::TargetId",
        to = "super::product::Column::Id"
    )]
    Target,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: RelationDescription = RelationDescription {
    name: "supplies",
    source: "organization",
    target: "product",
    forward: "suppliedProducts",
    forward_label: "Supplied products",
    reverse: "suppliers",
    reverse_label: "Suppliers",
    label: "Supply",
    description: "An organization supplies a product to you",
    fields: &[
        field::text("supplier_sku", "supplierSku", "Supplier SKU", "Article number at the supplier", 100),
        field::integer("lead_time_days", "leadTimeDays", "Lead time (days)", "Days from order to delivery"),
        field::money("price", "price", "Price", "Price of one unit at this supplier"),
    ],
};
