//! One share for a record and the one whom it is shared with; whether the lead of a partner may know the credentials of a
//! user or key. Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{Kind, Owner};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SHARES: &str = "record_shares";
const INDEX: &str = "record_shares_object_type_id_grantee_id_record_id_idx";
const COLUMN: &str = "known_to_lead";
/// The tables with credentials. Who has set those of partners that are there, nobody has noted.
const WITH_CREDENTIALS: [(&str, &str); 2] = [
    (
        "users",
        "UPDATE users SET known_to_lead = TRUE WHERE partner_id IS NOT NULL",
    ),
    (
        "api_keys",
        "UPDATE api_keys SET known_to_lead = TRUE WHERE partner_id IS NOT NULL",
    ),
];

/// Of several shares with the same one, the last one counted; ids ascend.
const DELETE_FORMER: &str = "DELETE FROM record_shares WHERE EXISTS (SELECT 1 FROM record_shares AS later \
    WHERE later.object_type_id = record_shares.object_type_id AND later.record_id = record_shares.record_id \
    AND later.grantee_id = record_shares.grantee_id AND later.id > record_shares.id)";

fn index() -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(INDEX).table(SHARES);
    for column in ["object_type_id", "grantee_id", "record_id"] {
        index.col(column);
    }
    index.take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(DELETE_FORMER).await?;
        let former = Index::drop().name(INDEX).table(SHARES).to_owned();
        manager.drop_index(former).await?;
        manager.create_index(index().unique().take()).await?;
        let kind = Kind::Boolean.physical(db.get_database_backend(), Owner::SeaOrm);
        for (table, of_partners) in WITH_CREDENTIALS {
            let Some(kind) = kind.clone() else {
                continue;
            };
            let mut column = ColumnDef::new_with_type(COLUMN, kind);
            column.not_null().default(false);
            let mut alter = Table::alter();
            alter.table(table).add_column(column);
            manager.alter_table(alter.take()).await?;
            db.execute_unprepared(of_partners).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _) in WITH_CREDENTIALS {
            let mut alter = Table::alter();
            alter.table(table).drop_column(COLUMN);
            manager.alter_table(alter.take()).await?;
        }
        let unique = Index::drop().name(INDEX).table(SHARES).to_owned();
        manager.drop_index(unique).await?;
        manager.create_index(index()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
