//! Which records were deleted because of another one, so that they come back with it.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, integer, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::system("cascaded_deletions", CASCADED_DELETIONS)
            .primary_key(&["object_id", "record_id"])
            .index(&["cause_id"]),
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

const CASCADED_DELETIONS: &[Column] = &[
    uuid("object_id").required(),
    uuid("record_id").required(),
    uuid("cause_object_id").required(),
    uuid("cause_id").required(),
    integer("owned").required(),
];
