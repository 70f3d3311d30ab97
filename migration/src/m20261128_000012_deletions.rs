//! What was deleted of the schema: by whom, and what went with what.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::TimeDateTimeWithTimeZone;

use crate::columns::{Column, Table, instant, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![Table::system("meta_deletions", META_DELETIONS)]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::create(manager, &tables()).await?;
        let now = TimeDateTimeWithTimeZone::now_utc();
        for (table, kind) in [
            ("meta_object_types", "objectType"),
            ("meta_fields", "field"),
            ("meta_relation_types", "relationType"),
            ("meta_option_lists", "optionList"),
        ] {
            manager.exec_stmt(known(table, kind, now)?).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What was deleted before this table was there: each for itself, and its time to come back begins now.
fn known(
    table: &'static str,
    kind: &'static str,
    now: TimeDateTimeWithTimeZone,
) -> Result<InsertStatement, DbErr> {
    let mut columns = vec![
        "id",
        "thing_id",
        "root_id",
        "kind",
        "actor_kind",
        "deleted_at",
    ];
    let mut select = Query::select();
    for _ in 0..3 {
        select.expr(Expr::col("id"));
    }
    select
        .expr(Expr::val(kind))
        .expr(Expr::val("system"))
        .expr(Expr::val(now))
        .from(table)
        .and_where(Expr::col("deleted_at").is_not_null());
    if kind == "field" {
        columns.push("owner_id");
        select.expr(Expr::col("owner_id"));
    }
    let mut insert = Query::insert();
    insert.into_table("meta_deletions").columns(columns);
    insert
        .select_from(select)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(insert)
}

const META_DELETIONS: &[Column] = &[
    uuid("id").required(),
    uuid("thing_id").required().unique(),
    text("kind").required(),
    uuid("owner_id"),
    uuid("root_id").required(),
    instant("deleted_at").required(),
    text("actor_kind").required(),
    uuid("actor_id"),
    instant("purged_at"),
];
