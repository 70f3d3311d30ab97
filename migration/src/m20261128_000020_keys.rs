//! Where a key may be used, and the secret that it had before the last rotation.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Kind, Owner};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &[(&str, Kind)] = &[
    ("allowed_ips", Kind::Json),
    ("old_secret_hash", Kind::Bytes),
    ("old_secret_until", Kind::Instant),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        for (name, kind) in COLUMNS {
            let Some(kind) = kind.physical(backend, Owner::SeaOrm) else {
                continue;
            };
            let column = ColumnDef::new_with_type(*name, kind);
            let mut alter = Table::alter();
            alter.table("api_keys").add_column(column);
            manager.alter_table(alter.take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in COLUMNS {
            let mut alter = Table::alter();
            alter.table("api_keys").drop_column(*name);
            manager.alter_table(alter.take()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
