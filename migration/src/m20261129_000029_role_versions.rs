//! What roles and rules were at earlier versions of access: a row of each role that a change has made, changed or
//! deleted. Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::columns::{Column, Table, instant, integer, json_text, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::system("role_versions", ROLE_VERSIONS)
            .primary_key(&["role_id", "version"])
            .index(&["version"]),
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

/// A role may go while its versions stay, so no reference points at it.
const ROLE_VERSIONS: &[Column] = &[
    uuid("role_id").required(),
    integer("version").required(),
    text("name").required(),
    text("change").required(),
    json_text("definition"),
    instant("created_at").required(),
    text("principal_kind").required(),
    uuid("principal_id"),
];
