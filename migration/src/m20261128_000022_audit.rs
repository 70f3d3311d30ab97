//! The audit log, which can only grow, and where sessions were opened.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{Column, Kind, Owner, Table as NewTable, bytes, integer, small, text, uuid};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<NewTable> {
    vec![
        NewTable::system("audit_head", AUDIT_HEAD),
        NewTable::system("audit_entries", AUDIT_ENTRIES)
            .primary_key(&["sequence"])
            .index(&["at"])
            .index(&["kind", "sequence"])
            .index(&["principal_id", "sequence"])
            .index(&["object_id", "sequence"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        crate::physical::create(manager, &tables()).await?;
        let head = Query::insert()
            .into_table("audit_head")
            .columns(["id", "sequence", "hash"])
            .values_panic([1.into(), 0_i64.into(), vec![0_u8; 32].into()])
            .take();
        manager.exec_stmt(head).await?;
        for statement in guards(backend) {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        for (name, kind) in SESSION_COLUMNS {
            let Some(kind) = kind.physical(backend, Owner::SeaOrm) else {
                continue;
            };
            let mut alter = Table::alter();
            alter.table("sessions");
            alter.add_column(ColumnDef::new_with_type(*name, kind));
            manager.alter_table(alter.take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in SESSION_COLUMNS {
            let mut alter = Table::alter();
            alter.table("sessions").drop_column(*name);
            manager.alter_table(alter.take()).await?;
        }
        crate::physical::drop(manager, &tables()).await?;
        if manager.get_connection().get_database_backend() == DbBackend::Postgres {
            let statement = "DROP FUNCTION audit_is_append_only()";
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The triggers that let the log only grow. Whoever owns the database can take them away; then the chain
/// of hashes tells.
fn guards(backend: DbBackend) -> &'static [&'static str] {
    if backend == DbBackend::Postgres {
        ON_POSTGRES
    } else {
        ON_SQLITE
    }
}

const ON_POSTGRES: &[&str] = &[
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head
     FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence)
     EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
];

// `INSERT OR REPLACE` deletes without firing triggers on deletes, so inserts are looked at as well.
const ON_SQLITE: &[&str] = &[
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_entries_at_the_end BEFORE INSERT ON audit_entries
     WHEN NEW.sequence <= (SELECT sequence FROM audit_head WHERE id = 1)
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head
     WHEN NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
];

const AUDIT_HEAD: &[Column] = &[
    small("id").required(),
    integer("sequence").required(),
    bytes("hash").required(),
];

const AUDIT_ENTRIES: &[Column] = &[
    integer("sequence").required(),
    integer("at").required(),
    text("kind").required(),
    text("principal_kind").required(),
    uuid("principal_id"),
    text("object_type"),
    uuid("object_id"),
    text("address"),
    uuid("session_id"),
    text("details").required(),
    bytes("previous_hash").required(),
    bytes("hash").required(),
];

const SESSION_COLUMNS: &[(&str, Kind)] = &[
    ("signed_in_at", Kind::Instant),
    ("address", Kind::Text),
    ("user_agent", Kind::Text),
];
