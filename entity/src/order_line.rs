//! Standard object type `orderLine`: the row of table `order_lines` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::ObjectDescription;
use crate::field;

/// One position of an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_lines")]
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
    /// The user who is responsible for it.
    pub owner_id: Option<Uuid>,
    /// Instant of the deletion; null while it lives.
    pub deleted_at: Option<TimeDateTimeWithTimeZone>,
    /// Order that the line belongs to.
    pub order_id: Uuid,
    /// Product that is ordered.
    pub product_id: Option<Uuid>,
    /// Place in the order, counted from one.
    pub position: Option<i64>,
    /// Text of the line, when it is not the name of the product.
    pub description: Option<String>,
    /// Number of units ordered.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub quantity: Option<Decimal>,
    /// Price of one unit before discount.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub unit_price: Option<Decimal>,
    /// ISO 4217 code of `unit_price`.
    pub unit_price_currency: Option<String>,
    /// `unit_price` in the base currency.
    #[sea_orm(
        column_name = "unit_price__base",
        column_type = "Decimal(Some((18, 4)))"
    )]
    pub unit_price_base: Option<Decimal>,
    /// Discount on the unit price, as a fraction: 0.15 is 15 %.
    #[sea_orm(column_type = "Decimal(Some((18, 6)))")]
    pub discount: Option<Decimal>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Order that the line belongs to.
    #[sea_orm(
        belongs_to = "super::order::Entity",
        from = "Column::OrderId",
        to = "super::order::Column::Id"
    )]
    Order,
    /// Product that is ordered.
    #[sea_orm(
        belongs_to = "super::product::Entity",
        from = "Column::ProductId",
        to = "super::product::Column::Id"
    )]
    Product,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "orderLine",
    plural: "orderLines",
    label: "Order line",
    plural_label: "Order lines",
    description: "One position of an order",
    title: "description",
    display_template: Some("{order.number} – {coalesce(description, product.name)}"),
    fields: &[
        field::part_of("order_id", "order", "Order", "Order that the line belongs to", ["order", "lines", "Lines"]),
        field::reference("product_id", "product", "Product", "Product that is ordered", ["product", "orderLines", "Order lines"]),
        field::integer("position", "position", "Position", "Place in the order, counted from one"),
        field::text("description", "description", "Description", "Text of the line, when it is not the name of the product", 500),
        field::decimal("quantity", "quantity", "Quantity", "Number of units ordered", (18, 4)),
        field::money("unit_price", "unitPrice", "Unit price", "Price of one unit before discount"),
        field::percent("discount", "discount", "Discount", "Discount on the unit price, as a fraction: 0.15 is 15 %"),
    ],
};
