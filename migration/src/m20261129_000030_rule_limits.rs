//! Limits of rules: how much one request may have by them.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Kind, Owner};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        let Some(kind) = Kind::Json.physical(backend, Owner::SeaOrm) else {
            return Ok(());
        };
        let mut alter = Table::alter();
        alter
            .table("rules")
            .add_column(ColumnDef::new_with_type("limits", kind));
        manager.alter_table(alter.take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        alter.table("rules").drop_column("limits");
        manager.alter_table(alter.take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
