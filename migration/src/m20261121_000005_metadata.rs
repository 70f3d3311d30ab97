//! What admins define at run time, and the log of all changes.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;
use uuid::Uuid;

use crate::columns::{
    Column, Table, instant, integer, json_text, small, text, transaction_id, uuid,
};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::system("meta_head", META_HEAD),
        Table::system("meta_object_types", META_TYPES),
        Table::system("meta_fields", META_FIELDS).index(&["owner_id"]),
        Table::system("meta_relation_types", META_TYPES),
        Table::system("meta_changesets", META_CHANGESETS).primary_key(&["version"]),
        Table::system("events", EVENTS).index(&["object_id", "record_id", "seq"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::create(manager, &tables()).await?;
        let head = Query::insert()
            .into_table("meta_head")
            .columns(["id", "version", "access_version", "epoch"])
            .values_panic([1.into(), 1_i64.into(), 1_i64.into(), Uuid::now_v7().into()])
            .take();
        manager.exec_stmt(head).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const META_HEAD: &[Column] = &[
    small("id").required(),
    integer("version").required(),
    integer("access_version").required(),
    uuid("epoch").required(),
];

const META_TYPES: &[Column] = &[
    uuid("id").required(),
    text("name").required(),
    json_text("definition").required(),
    instant("deleted_at"),
];

const META_FIELDS: &[Column] = &[
    uuid("id").required(),
    uuid("owner_id").required(),
    text("name").required(),
    json_text("definition").required(),
    instant("deleted_at"),
];

const META_CHANGESETS: &[Column] = &[
    integer("version").required(),
    instant("applied_at").required(),
    text("actor_kind").required(),
    uuid("actor_id"),
    json_text("operations").required(),
];

const EVENTS: &[Column] = &[
    integer("seq").required().identity(),
    instant("at").required(),
    uuid("object_id").required(),
    uuid("record_id").required(),
    text("operation").required(),
    integer("version").required(),
    text("actor_kind").required(),
    uuid("actor_id"),
    uuid("transaction_id").required(),
    json_text("changes").required(),
    transaction_id("xid").required(),
];
