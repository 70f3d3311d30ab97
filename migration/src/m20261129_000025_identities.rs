//! Sign-in by providers of OpenID Connect: identities of users there, and sign-ins that were used up.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::{
    ColumnDef, ConnectionTrait, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager,
    Table as TableStatement, async_trait,
};

use crate::columns::{Column, Kind, Owner, Table, instant, reference, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const IDENTITIES: &str = "user_identities";
const CHALLENGES: &str = "sign_in_challenges";
const PROVIDER: &str = "provider";

fn tables() -> Vec<Table> {
    vec![
        Table::system(IDENTITIES, USER_IDENTITIES),
        Table::system("used_sign_ins", USED_SIGN_INS).index(&["expires_at"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        if let Some(kind) = Kind::Text.physical(backend, Owner::SeaOrm) {
            let mut alter = TableStatement::alter();
            let column = ColumnDef::new_with_type(PROVIDER, kind);
            manager
                .alter_table(alter.table(CHALLENGES).add_column(column).take())
                .await?;
        }
        crate::physical::create(manager, &tables()).await?;
        let mut unique = Index::create();
        unique.name("user_identities_issuer_subject_idx").unique();
        unique.table(IDENTITIES).col("issuer").col("subject");
        manager.create_index(unique).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await?;
        let mut alter = TableStatement::alter();
        manager
            .alter_table(alter.table(CHALLENGES).drop_column(PROVIDER).take())
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const USER_IDENTITIES: &[Column] = &[
    uuid("id").required(),
    reference("user_id", "users").required().cascade(),
    text("issuer").required(),
    text("subject").required(),
    instant("created_at").required(),
];

const USED_SIGN_INS: &[Column] = &[uuid("id").required(), instant("expires_at").required()];
