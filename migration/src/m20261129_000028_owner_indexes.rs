//! An index of the owner on every table of records: rules ask for one's own records more than for any others.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tables of records, those of custom object types among them: what has these three columns.
const TABLES_OF_POSTGRES: &str = "SELECT table_name::text FROM information_schema.columns JOIN information_schema.tables \
    USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' AND table_schema = current_schema() AND column_name IN ('owner_id', 'updated_by', 'version') \
    GROUP BY table_name HAVING count(*) = 3 ORDER BY table_name";
const TABLES_OF_SQLITE: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND (SELECT count(*) \
    FROM pragma_table_info(sqlite_schema.name) AS known WHERE known.name IN ('owner_id', 'updated_by', 'version')) = 3 \
    ORDER BY name";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables(manager).await? {
            let mut index = Index::create();
            index
                .name(index_name(&table))
                .table(table)
                .col("owner_id")
                .col("id")
                .and_where(Expr::col("deleted_at").is_null());
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables(manager).await? {
            let mut index = Index::drop();
            index.name(index_name(&table)).table(table).if_exists();
            manager.drop_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn tables(manager: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    let text = if backend == DbBackend::Postgres {
        TABLES_OF_POSTGRES
    } else {
        TABLES_OF_SQLITE
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, text));
    let rows = rows.await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The name of the index of a table. Names of tables leave room for what is put behind them.
fn index_name(table: &str) -> String {
    format!("{table}_owner_idx")
}
