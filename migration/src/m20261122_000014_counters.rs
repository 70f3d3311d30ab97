//! The counters of auto numbers.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, integer, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![Table::system("counters", COUNTERS).primary_key(&["field_id", "period"])]
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

const COUNTERS: &[Column] = &[
    uuid("field_id").required(),
    text("period").required(),
    integer("value").required(),
];
