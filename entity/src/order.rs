//! Standard object type `order`: the row of table `orders` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// An order that a customer placed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
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
    /// Order number as the customer knows it.
    #[sea_orm(unique)]
    pub number: Option<String>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// Organization that placed the order.
    pub customer_id: Option<Uuid>,
    /// Person that placed the order.
    pub contact_id: Option<Uuid>,
    /// Opportunity that the order came from.
    pub opportunity_id: Option<Uuid>,
    /// How far the order is.
    pub status: Option<String>,
    /// Day that the order was placed.
    pub order_date: Option<TimeDate>,
    /// Day that the customer wants the goods.
    pub required_date: Option<TimeDate>,
    /// Day that the goods left.
    pub shipped_date: Option<TimeDate>,
    /// Cost of the transport.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub freight: Option<Decimal>,
    /// ISO 4217 code of `freight`.
    pub freight_currency: Option<String>,
    /// `freight` in the base currency.
    #[sea_orm(column_name = "freight__base", column_type = "Decimal(Some((18, 4)))")]
    pub freight_base: Option<Decimal>,
    /// Name of the receiver.
    pub ship_name: Option<String>,
    /// Street and house number that the goods go to.
    pub ship_street: Option<String>,
    /// Town or city that the goods go to.
    pub ship_city: Option<String>,
    /// State, province or county that the goods go to.
    pub ship_region: Option<String>,
    /// Postal code that the goods go to.
    pub ship_postal_code: Option<String>,
    /// Country that the goods go to.
    pub ship_country: Option<String>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Organization that placed the order.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::CustomerId",
        to = "super::organization::Column::Id"
    )]
    Customer,
    /// Person that placed the order.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::ContactId",
        to = "super::person::Column::Id"
    )]
    Contact,
    /// Opportunity that the order came from.
    #[sea_orm(
        belongs_to = "super::opportunity::Entity",
        from = "Column::OpportunityId",
        to = "super::opportunity::Column::Id"
    )]
    Opportunity,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "order",
    plural: "orders",
    label: "Order",
    plural_label: "Orders",
    description: "An order that a customer placed",
    title: "number",
    display_template: Some("{number} – {customer.name}"),
    fields: &[
        field::text("number", "number", "Number", "Order number as the customer knows it", 50),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
        field::reference("customer_id", "customer", "Customer", "Organization that placed the order", ["organization", "orders", "Orders"]),
        field::reference("contact_id", "contact", "Contact", "Person that placed the order", ["person", "orders", "Orders"]),
        field::reference("opportunity_id", "opportunity", "Opportunity", "Opportunity that the order came from", ["opportunity", "orders", "Orders"]),
        field::select("status", "status", "Status", "How far the order is", STATUS),
        field::date("order_date", "orderDate", "Order date", "Day that the order was placed"),
        field::date("required_date", "requiredDate", "Required date", "Day that the customer wants the goods"),
        field::date("shipped_date", "shippedDate", "Shipped date", "Day that the goods left"),
        field::money("freight", "freight", "Freight", "Cost of the transport"),
        field::text("ship_name", "shipName", "Ship to", "Name of the receiver", 200),
        field::text("ship_street", "shipStreet", "Ship to street", "Street and house number that the goods go to", 200),
        field::text("ship_city", "shipCity", "Ship to city", "Town or city that the goods go to", 100),
        field::text("ship_region", "shipRegion", "Ship to region", "State, province or county that the goods go to", 100),
        field::text("ship_postal_code", "shipPostalCode", "Ship to postal code", "Postal code that the goods go to", 20),
        field::text("ship_country", "shipCountry", "Ship to country", "Country that the goods go to", 100),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
    ],
};

const STATUS: &[Choice] = &[
    field::choice("draft", "Draft"),
    field::choice("confirmed", "Confirmed"),
    field::choice("partlyShipped", "Partly shipped"),
    field::choice("shipped", "Shipped"),
    field::choice("completed", "Completed"),
    field::choice("cancelled", "Cancelled"),
];
