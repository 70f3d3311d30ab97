//! Roles that inherit, people of partners, teams, shared records, masks of rules.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{
    Column, Kind, Owner, Table as SystemTable, instant, integer, reference, text, uuid,
};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Nullable columns of tables that are there: a row of before has none of it.
const COLUMNS: &[(&str, &str, Kind)] = &[
    ("roles", "inherits", Kind::Json),
    ("users", "partner_id", Kind::Uuid),
    ("rules", "masks", Kind::Json),
];

fn tables() -> Vec<SystemTable> {
    vec![
        SystemTable::system("teams", TEAMS),
        SystemTable::system("team_members", TEAM_MEMBERS)
            .primary_key(&["team_id", "user_id"])
            .index(&["user_id"]),
        SystemTable::system("record_shares", RECORD_SHARES)
            .index(&["object_type_id", "grantee_id", "record_id"])
            .index(&["record_id"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        for (table, name, kind) in COLUMNS {
            let Some(kind) = kind.physical(backend, Owner::SeaOrm) else {
                continue;
            };
            let column = ColumnDef::new_with_type(*name, kind);
            let mut alter = Table::alter();
            alter.table(*table).add_column(column);
            manager.alter_table(alter.take()).await?;
        }
        crate::physical::create(manager, &tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await?;
        for (table, name, _) in COLUMNS {
            let mut alter = Table::alter();
            alter.table(*table).drop_column(*name);
            manager.alter_table(alter.take()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const TEAMS: &[Column] = &[
    uuid("id").required(),
    text("name").required().unique(),
    uuid("parent_id"),
    instant("created_at").required(),
    instant("updated_at").required(),
];

const TEAM_MEMBERS: &[Column] = &[
    reference("team_id", "teams").required().cascade(),
    reference("user_id", "users").required().cascade(),
];

const RECORD_SHARES: &[Column] = &[
    uuid("id").required(),
    uuid("object_type_id").required(),
    uuid("record_id").required(),
    text("grantee_kind").required(),
    uuid("grantee_id").required(),
    text("access").required(),
    // Microseconds since the Unix epoch: SQL compares it.
    integer("until"),
    instant("created_at").required(),
    uuid("created_by"),
];
