//! Standard objects, second part: orders, shipments, interactions and tasks.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, date, decimal, instant, integer, reference, text};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::object("orders", ORDERS),
        Table::object("order_lines", ORDER_LINES),
        Table::object("shipments", SHIPMENTS),
        Table::object("interactions", INTERACTIONS),
        Table::object("tasks", TASKS),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::create(manager, &tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const ORDERS: &[Column] = &[
    text("number").unique(),
    text("external_id").unique(),
    reference("customer_id", "organizations"),
    reference("contact_id", "people"),
    reference("opportunity_id", "opportunities"),
    text("status"),
    date("order_date"),
    date("required_date"),
    date("shipped_date"),
    decimal("freight", 18, 4),
    text("freight_currency"),
    text("ship_name"),
    text("ship_street"),
    text("ship_city"),
    text("ship_region"),
    text("ship_postal_code"),
    text("ship_country"),
    text("description"),
];

const ORDER_LINES: &[Column] = &[
    reference("order_id", "orders").required(),
    reference("product_id", "products"),
    integer("position"),
    text("description"),
    decimal("quantity", 18, 4),
    decimal("unit_price", 18, 4),
    text("unit_price_currency"),
    decimal("discount", 18, 6),
];

const SHIPMENTS: &[Column] = &[
    text("number").unique(),
    text("external_id").unique(),
    reference("order_id", "orders"),
    reference("carrier_id", "organizations"),
    text("status"),
    text("tracking_number"),
    date("required_date"),
    date("shipped_date"),
    instant("delivered_at"),
    text("received_by"),
    decimal("freight", 18, 4),
    text("freight_currency"),
    decimal("weight", 12, 3),
    text("recipient_name"),
    text("recipient_street"),
    text("recipient_city"),
    text("recipient_region"),
    text("recipient_postal_code"),
    text("recipient_country"),
    text("instructions"),
];

const INTERACTIONS: &[Column] = &[
    text("kind").required(),
    text("subject").required(),
    text("body"),
    text("direction"),
    text("status"),
    instant("started_at"),
    instant("ended_at"),
    text("location"),
    reference("organization_id", "organizations"),
    reference("person_id", "people"),
    reference("opportunity_id", "opportunities"),
    reference("order_id", "orders"),
    reference("shipment_id", "shipments"),
    text("external_id").unique(),
];

const TASKS: &[Column] = &[
    text("subject").required(),
    text("status"),
    text("priority"),
    instant("due_at"),
    instant("completed_at"),
    text("description"),
    reference("organization_id", "organizations"),
    reference("person_id", "people"),
    reference("opportunity_id", "opportunities"),
    reference("order_id", "orders"),
];
