//! Standard objects, first part: who you deal with, what you sell and how far a sale is.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{
    Column, Table, boolean, date, decimal, instant, integer, json, reference, text,
};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::object("organizations", ORGANIZATIONS),
        Table::object("people", PEOPLE),
        Table::object("products", PRODUCTS),
        Table::object("pipelines", PIPELINES),
        Table::object("stages", STAGES),
        Table::object("opportunities", OPPORTUNITIES),
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

const ORGANIZATIONS: &[Column] = &[
    text("name").required(),
    text("external_id").unique(),
    json("kinds"),
    text("status"),
    text("industry"),
    text("website"),
    text("email"),
    text("phone"),
    text("fax"),
    decimal("annual_revenue", 18, 4),
    text("annual_revenue_currency"),
    integer("employee_count"),
    text("vat_number"),
    text("street"),
    text("city"),
    text("region"),
    text("postal_code"),
    text("country"),
    text("description"),
];

const PEOPLE: &[Column] = &[
    text("first_name"),
    text("last_name").required(),
    text("salutation"),
    text("job_title"),
    text("department"),
    text("email"),
    text("phone"),
    text("mobile"),
    date("birth_date"),
    text("language"),
    text("street"),
    text("city"),
    text("region"),
    text("postal_code"),
    text("country"),
    text("description"),
    text("external_id").unique(),
    reference("organization_id", "organizations"),
    reference("reports_to_id", "people"),
];

const PRODUCTS: &[Column] = &[
    text("name").required(),
    text("sku").unique(),
    text("external_id").unique(),
    text("kind"),
    text("unit"),
    decimal("price", 18, 4),
    text("price_currency"),
    decimal("cost", 18, 4),
    text("cost_currency"),
    boolean("active"),
    text("description"),
];

const PIPELINES: &[Column] = &[
    text("name").required(),
    text("description"),
    boolean("active"),
];

const STAGES: &[Column] = &[
    text("name").required(),
    reference("pipeline_id", "pipelines").required(),
    integer("position"),
    text("kind"),
    decimal("probability", 18, 6),
];

const OPPORTUNITIES: &[Column] = &[
    text("name").required(),
    reference("organization_id", "organizations"),
    reference("person_id", "people"),
    reference("pipeline_id", "pipelines"),
    reference("stage_id", "stages"),
    decimal("amount", 18, 4),
    text("amount_currency"),
    decimal("probability", 18, 6),
    date("close_date"),
    instant("closed_at"),
    text("source"),
    text("lost_reason"),
    text("next_step"),
    text("description"),
    text("external_id").unique(),
];
