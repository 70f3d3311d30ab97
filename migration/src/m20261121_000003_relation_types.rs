//! The link tables of the standard relation types.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, boolean, date, decimal, integer, text};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::link("r_employment", ["people", "organizations"], R_EMPLOYMENT),
        Table::link("r_supplies", ["organizations", "products"], R_SUPPLIES),
        Table::link(
            "r_subsidiary",
            ["organizations", "organizations"],
            R_SUBSIDIARY,
        ),
        Table::link(
            "r_carries_for",
            ["organizations", "organizations"],
            R_CARRIES_FOR,
        ),
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

const R_EMPLOYMENT: &[Column] = &[
    text("title"),
    text("department"),
    date("start_date"),
    date("end_date"),
    boolean("is_primary"),
];

const R_SUPPLIES: &[Column] = &[
    text("supplier_sku"),
    integer("lead_time_days"),
    decimal("price", 18, 4),
    text("price_currency"),
];

const R_SUBSIDIARY: &[Column] = &[decimal("share_percent", 18, 6)];

const R_CARRIES_FOR: &[Column] = &[text("service"), text("account_number")];
