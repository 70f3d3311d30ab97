//! Standard object type `shipment`: the row of table `shipments` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// Goods of one order on their way to the receiver.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipments")]
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
    /// Shipment number.
    #[sea_orm(unique)]
    pub number: Option<String>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// Order that the goods belong to.
    pub order_id: Option<Uuid>,
    /// Organization that transports the goods.
    pub carrier_id: Option<Uuid>,
    /// Where the goods are.
    pub status: Option<String>,
    /// Number to follow the goods with at the carrier.
    pub tracking_number: Option<String>,
    /// Day that the goods must arrive.
    pub required_date: Option<TimeDate>,
    /// Day that the goods left.
    pub shipped_date: Option<TimeDate>,
    /// Instant that the goods were handed over.
    pub delivered_at: Option<TimeDateTimeWithTimeZone>,
    /// Name of the person that took the goods.
    pub received_by: Option<String>,
    /// Cost of the transport.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub freight: Option<Decimal>,
    /// ISO 4217 code of `freight`.
    pub freight_currency: Option<String>,
    /// `freight` in the base currency.
    #[sea_orm(column_name = "freight__base", column_type = "Decimal(Some((18, 4)))")]
    pub freight_base: Option<Decimal>,
    /// Gross weight in kilograms.
    #[sea_orm(column_type = "Decimal(Some((12, 3)))")]
    pub weight: Option<Decimal>,
    /// Name of the receiver.
    pub recipient_name: Option<String>,
    /// Street and house number of the receiver.
    pub recipient_street: Option<String>,
    /// Town or city of the receiver.
    pub recipient_city: Option<String>,
    /// State, province or county of the receiver.
    pub recipient_region: Option<String>,
    /// Postal code of the receiver.
    pub recipient_postal_code: Option<String>,
    /// Country of the receiver.
    pub recipient_country: Option<String>,
    /// What the carrier must know.
    #[sea_orm(column_type = "Text")]
    pub instructions: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Order that the goods belong to.
    #[sea_orm(
        belongs_to = "super::order::Entity",
        from = "Column::OrderId",
        to = "super::order::Column::Id"
    )]
    Order,
    /// Organization that transports the goods.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::CarrierId",
        to = "super::organization::Column::Id"
    )]
    Carrier,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "shipment",
    plural: "shipments",
    label: "Shipment",
    plural_label: "Shipments",
    description: "Goods of one order on their way to the receiver",
    title: "number",
    display_template: None,
    fields: &[
        field::text("number", "number", "Number", "Shipment number", 50),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
        field::reference("order_id", "order", "Order", "Order that the goods belong to", ["order", "shipments", "Shipments"]),
        field::reference("carrier_id", "carrier", "Carrier", "Organization that transports the goods", ["organization", "carriedShipments", "Carried shipments"]),
        field::select("status", "status", "Status", "Where the goods are", STATUS),
        field::text("tracking_number", "trackingNumber", "Tracking number", "Number to follow the goods with at the carrier", 100),
        field::date("required_date", "requiredDate", "Required date", "Day that the goods must arrive"),
        field::date("shipped_date", "shippedDate", "Shipped date", "Day that the goods left"),
        field::date_time("delivered_at", "deliveredAt", "Delivered at", "Instant that the goods were handed over"),
        field::text("received_by", "receivedBy", "Received by", "Name of the person that took the goods", 200),
        field::money("freight", "freight", "Freight", "Cost of the transport"),
        field::decimal("weight", "weight", "Weight (kg)", "Gross weight in kilograms", (12, 3)),
        field::text("recipient_name", "recipientName", "Recipient", "Name of the receiver", 200),
        field::text("recipient_street", "recipientStreet", "Recipient street", "Street and house number of the receiver", 200),
        field::text("recipient_city", "recipientCity", "Recipient city", "Town or city of the receiver", 100),
        field::text("recipient_region", "recipientRegion", "Recipient region", "State, province or county of the receiver", 100),
        field::text("recipient_postal_code", "recipientPostalCode", "Recipient postal code", "Postal code of the receiver", 20),
        field::text("recipient_country", "recipientCountry", "Recipient country", "Country of the receiver", 100),
        field::long_text("instructions", "instructions", "Instructions", "What the carrier must know"),
    ],
};

const STATUS: &[Choice] = &[
    field::choice("planned", "Planned"),
    field::choice("pickedUp", "Picked up"),
    field::choice("inTransit", "In transit"),
    field::choice("delivered", "Delivered"),
    field::choice("exception", "Exception"),
    field::choice("cancelled", "Cancelled"),
];
