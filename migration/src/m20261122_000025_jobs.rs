//! Work that is done beside the requests.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, instant, integer, json_text, small, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![Table::system("jobs", JOBS).index(&["state", "run_after"])]
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

const JOBS: &[Column] = &[
    uuid("id").required(),
    text("kind").required(),
    text("state").required(),
    json_text("payload").required(),
    json_text("progress"),
    json_text("report"),
    text("error"),
    small("attempts").required(),
    uuid("claimed_by"),
    instant("heartbeat_at"),
    instant("run_after").required(),
    integer("schema_version").required(),
    instant("created_at").required(),
    instant("updated_at").required(),
    instant("finished_at"),
];
