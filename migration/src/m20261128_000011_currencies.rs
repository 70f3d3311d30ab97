//! The base currency, its rates, and beside every amount of money what it is worth in the base currency.
//! Frozen once applied: what comes later is a migration of its own.

use std::collections::BTreeSet;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::columns::{Column, Kind, Owner, Table, date, text};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Every column with its table.
const COLUMNS_ON_POSTGRES: &str = "SELECT table_name::text, column_name::text \
    FROM information_schema.columns WHERE table_schema = current_schema()";
const COLUMNS_ON_SQLITE: &str = "SELECT m.name, p.name FROM sqlite_schema m \
    JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";

/// What an amount has beside it, and what stands beside it from now on.
const CURRENCY: &str = "_currency";
const BASE: &str = "__base";

fn tables() -> Vec<Table> {
    vec![Table::system("currency_rates", RATES).primary_key(&["currency", "valid_from"])]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let amounts = with_suffix(manager, CURRENCY).await?;
        let mut version = ColumnDef::new("currency_version");
        version.big_integer().not_null().default(0_i64);
        add(manager, "meta_head", version).await?;
        let base = ColumnDef::new_with_type("base_currency", ColumnType::Text);
        add(manager, "meta_head", base).await?;
        crate::physical::create(manager, &tables()).await?;
        let backend = manager.get_connection().get_database_backend();
        for (table, amount) in amounts {
            let Some(decimal) = Kind::Decimal(18, 4).physical(backend, Owner::Engine) else {
                continue;
            };
            let base = ColumnDef::new_with_type(format!("{amount}{BASE}"), decimal);
            add(manager, &table, base).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, amount) in with_suffix(manager, BASE).await? {
            drop(manager, &table, &format!("{amount}{BASE}")).await?;
        }
        crate::physical::drop(manager, &tables()).await?;
        drop(manager, "meta_head", "base_currency").await?;
        drop(manager, "meta_head", "currency_version").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The columns that have another one beside them whose name is theirs and the suffix, with their tables.
/// A decimal with a text beside it may look like money and be none: it gets a column that nobody reads.
async fn with_suffix(
    manager: &SchemaManager<'_>,
    suffix: &str,
) -> Result<Vec<(String, String)>, DbErr> {
    let db = manager.get_connection();
    let backend = db.get_database_backend();
    let text = if backend == DbBackend::Postgres {
        COLUMNS_ON_POSTGRES
    } else {
        COLUMNS_ON_SQLITE
    };
    let mut columns: BTreeSet<(String, String)> = BTreeSet::new();
    for row in db
        .query_all_raw(Statement::from_string(backend, text))
        .await?
    {
        columns.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    }
    let found = columns.iter().filter_map(|(table, column)| {
        let amount = column.strip_suffix(suffix)?.to_owned();
        let found = (table.clone(), amount);
        columns.contains(&found).then_some(found)
    });
    Ok(found.collect())
}

async fn add(manager: &SchemaManager<'_>, table: &str, column: ColumnDef) -> Result<(), DbErr> {
    let mut alter = sea_orm_migration::prelude::Table::alter();
    alter.table(table.to_owned()).add_column(column);
    manager.alter_table(alter.take()).await
}

async fn drop(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    let mut alter = sea_orm_migration::prelude::Table::alter();
    alter.table(table.to_owned()).drop_column(column.to_owned());
    manager.alter_table(alter.take()).await
}

const RATES: &[Column] = &[
    text("currency").required(),
    date("valid_from").required(),
    text("rate").required(),
];
