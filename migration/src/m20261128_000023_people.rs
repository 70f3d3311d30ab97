//! How people come in: links that are mailed to them, and second factors.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::{
    ColumnDef, ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager,
    Table as TableStatement, async_trait,
};

use crate::columns::{Column, Kind, Owner, Table, bytes, instant, reference, small, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::system("mailed_links", MAILED_LINKS),
        Table::system("recovery_codes", RECOVERY_CODES),
        Table::system("sign_in_challenges", SIGN_IN_CHALLENGES),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        for (name, kind) in OF_USERS {
            let Some(kind) = kind.physical(backend, Owner::SeaOrm) else {
                continue;
            };
            let mut alter = TableStatement::alter();
            alter.table("users");
            alter.add_column(ColumnDef::new_with_type(*name, kind));
            manager.alter_table(alter.take()).await?;
        }
        crate::physical::create(manager, &tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await?;
        for (name, _) in OF_USERS {
            let mut alter = TableStatement::alter();
            alter.table("users").drop_column(*name);
            manager.alter_table(alter.take()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const OF_USERS: &[(&str, Kind)] = &[
    ("totp_secret", Kind::Text),
    ("totp_confirmed_at", Kind::Instant),
    ("totp_last_step", Kind::Integer),
    ("totp_failures", Kind::Small),
    ("totp_blocked_until", Kind::Instant),
];

const MAILED_LINKS: &[Column] = &[
    uuid("id").required(),
    reference("user_id", "users").required().cascade(),
    text("purpose").required(),
    bytes("token_hash").required().unique(),
    instant("expires_at").required(),
    instant("ended_at"),
    instant("created_at").required(),
];

const RECOVERY_CODES: &[Column] = &[
    uuid("id").required(),
    reference("user_id", "users").required().cascade(),
    bytes("code_hash").required(),
];

const SIGN_IN_CHALLENGES: &[Column] = &[
    uuid("id").required(),
    reference("user_id", "users").required().cascade(),
    bytes("token_hash").required().unique(),
    small("auth_epoch").required(),
    instant("expires_at").required(),
    instant("created_at").required(),
];
