//! Standard object type `product`: the row of table `products` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// Something that you buy or sell: a good, a service or a subscription.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
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
    /// Name as printed on orders.
    pub name: String,
    /// Stock keeping unit, the article number.
    #[sea_orm(unique)]
    pub sku: Option<String>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// What sort of product this is.
    pub kind: Option<String>,
    /// Unit that quantities count: piece, kg, hour, 10 boxes x 20 bags.
    pub unit: Option<String>,
    /// List price of one unit.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub price: Option<Decimal>,
    /// ISO 4217 code of `price`.
    pub price_currency: Option<String>,
    /// `price` in the base currency.
    #[sea_orm(column_name = "price__base", column_type = "Decimal(Some((18, 4)))")]
    pub price_base: Option<Decimal>,
    /// Cost of one unit.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub cost: Option<Decimal>,
    /// ISO 4217 code of `cost`.
    pub cost_currency: Option<String>,
    /// `cost` in the base currency.
    #[sea_orm(column_name = "cost__base", column_type = "Decimal(Some((18, 4)))")]
    pub cost_base: Option<Decimal>,
    /// Whether the product can be ordered.
    pub active: Option<bool>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "product",
    plural: "products",
    label: "Product",
    plural_label: "Products",
    description: "Something that you buy or sell: a good, a service or a subscription",
    title: "name",
    display_template: None,
    fields: &[
        field::text("name", "name", "Name", "Name as printed on orders", 200),
        field::text("sku", "sku", "SKU", "Stock keeping unit, the article number", 100),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
        field::select("kind", "kind", "Kind", "What sort of product this is", KIND),
        field::text("unit", "unit", "Unit", "Unit that quantities count: piece, kg, hour, 10 boxes x 20 bags", 50),
        field::money("price", "price", "Price", "List price of one unit"),
        field::money("cost", "cost", "Cost", "Cost of one unit"),
        field::boolean("active", "active", "Active", "Whether the product can be ordered"),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
    ],
};

const KIND: &[Choice] = &[
    field::choice("good", "Good"),
    field::choice("service", "Service"),
    field::choice("subscription", "Subscription"),
];
