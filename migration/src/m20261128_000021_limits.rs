//! How much a key may ask for, and from where users have signed in.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Column, Kind, Owner, Table as System, instant, reference, text};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SIGN_IN_NETWORKS: &[Column] = &[
    reference("user_id", "users").required().cascade(),
    text("network").required(),
    instant("used_at").required(),
];

fn tables() -> Vec<System> {
    let networks = System::system("sign_in_networks", SIGN_IN_NETWORKS);
    vec![networks.primary_key(&["user_id", "network"])]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        if let Some(kind) = Kind::Text.physical(backend, Owner::SeaOrm) {
            let mut column = ColumnDef::new_with_type("rate_class", kind);
            column.not_null().default("standard");
            let mut alter = Table::alter();
            alter.table("api_keys").add_column(column);
            manager.alter_table(alter.take()).await?;
        }
        crate::physical::create(manager, &tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await?;
        let mut alter = Table::alter();
        alter.table("api_keys").drop_column("rate_class");
        manager.alter_table(alter.take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
