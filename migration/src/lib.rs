//! The migrations: they make the system tables, the standard objects and the standard relation types
//! on an empty database and bring an older one up to date. They never import `entity`, for an applied
//! migration must not change when a struct does. Custom types are not made here but by `schema`.

mod columns;
mod m20261121_000001_sales_objects;
mod m20261121_000002_order_objects;
mod m20261121_000003_relation_types;
mod m20261121_000004_identity;
mod m20261121_000005_metadata;
mod m20261122_000013_option_lists;
mod m20261122_000014_counters;
mod m20261122_000025_jobs;
mod m20261122_000032_packages;
mod m20261128_000011_currencies;
mod m20261128_000012_deletions;
mod m20261128_000014_cascaded_deletions;
mod m20261128_000018_turned_days;
mod m20261128_000019_fruitless_jobs;
mod m20261128_000020_keys;
mod m20261128_000021_limits;
mod m20261128_000022_audit;
mod m20261128_000023_people;
mod m20261128_000024_access;
mod m20261129_000025_identities;
mod m20261129_000027_one_share;
mod m20261129_000028_owner_indexes;
mod m20261129_000029_role_versions;
mod m20261129_000030_rule_limits;
mod physical;
#[cfg(test)]
mod tests;

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::MigrationTrait;
pub use sea_orm_migration::prelude::{IntoSchemaManagerConnection, MigratorTrait};
pub use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::sea_orm::{ConnectOptions, Database, sqlx::sqlite::SqliteJournalMode};

/// All migrations, in order.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_sales_objects::Migration),
            Box::new(m20261121_000002_order_objects::Migration),
            Box::new(m20261121_000003_relation_types::Migration),
            Box::new(m20261121_000004_identity::Migration),
            Box::new(m20261121_000005_metadata::Migration),
            Box::new(m20261122_000013_option_lists::Migration),
            Box::new(m20261122_000014_counters::Migration),
            Box::new(m20261122_000025_jobs::Migration),
            Box::new(m20261122_000032_packages::Migration),
            Box::new(m20261128_000011_currencies::Migration),
            Box::new(m20261128_000012_deletions::Migration),
            Box::new(m20261128_000014_cascaded_deletions::Migration),
            Box::new(m20261128_000018_turned_days::Migration),
            Box::new(m20261128_000019_fruitless_jobs::Migration),
            Box::new(m20261128_000020_keys::Migration),
            Box::new(m20261128_000021_limits::Migration),
            Box::new(m20261128_000022_audit::Migration),
            Box::new(m20261128_000023_people::Migration),
            Box::new(m20261128_000024_access::Migration),
            Box::new(m20261129_000025_identities::Migration),
            Box::new(m20261129_000027_one_share::Migration),
            Box::new(m20261129_000028_owner_indexes::Migration),
            Box::new(m20261129_000029_role_versions::Migration),
            Box::new(m20261129_000030_rule_limits::Migration),
        ]
    }
}

/// Applies what has not been applied yet, each migration in a transaction of its own.
pub async fn run<'c>(db: impl IntoSchemaManagerConnection<'c>) -> Result<(), DbErr> {
    Migrator::up(db, None).await
}

/// Connects and applies what has not been applied yet. An SQLite file that does not exist is made.
pub async fn migrate(url: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
        });
    let db = Database::connect(options).await?;
    run(&db).await?;
    db.close().await
}
