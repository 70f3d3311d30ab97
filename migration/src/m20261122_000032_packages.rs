//! Packages that are installed, and what is theirs.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, instant, json_text, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![Table::system("meta_packages", PACKAGES)]
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

const PACKAGES: &[Column] = &[
    uuid("id").required(),
    text("name").required().unique(),
    text("version").required(),
    json_text("contents").required(),
    instant("created_at").required(),
    instant("updated_at").required(),
];
