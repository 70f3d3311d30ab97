//! Option lists that several fields share.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Table, instant, json_text, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![Table::system("meta_option_lists", META_OPTION_LISTS)]
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

const META_OPTION_LISTS: &[Column] = &[
    uuid("id").required(),
    text("name").required(),
    json_text("definition").required(),
    instant("deleted_at"),
];
