//! The migrations run, leave the tables that they should, and can be taken back.

use sea_orm_migration::prelude::{ConnectionTrait, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::Migrator;

const TABLES: &[&str] = &[
    "api_keys",
    "audit_entries",
    "audit_head",
    "cascaded_deletions",
    "counters",
    "currency_rates",
    "events",
    "interactions",
    "jobs",
    "mailed_links",
    "meta_changesets",
    "meta_deletions",
    "meta_fields",
    "meta_head",
    "meta_object_types",
    "meta_option_lists",
    "meta_packages",
    "meta_relation_types",
    "opportunities",
    "order_lines",
    "orders",
    "organizations",
    "partners",
    "people",
    "pipelines",
    "products",
    "r_carries_for",
    "r_employment",
    "r_subsidiary",
    "r_supplies",
    "record_shares",
    "recovery_codes",
    "role_versions",
    "roles",
    "rules",
    "seaql_migrations",
    "sessions",
    "shipments",
    "sign_in_challenges",
    "sign_in_networks",
    "signing_keys",
    "stages",
    "tasks",
    "team_members",
    "teams",
    "turned_days",
    "used_sign_ins",
    "user_identities",
    "user_roles",
    "users",
];

async fn memory() -> DatabaseConnection {
    // A second connection would be a second, empty database.
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(statement(db, sql)).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

fn statement(db: &DatabaseConnection, sql: &str) -> sea_orm_migration::sea_orm::Statement {
    sea_orm_migration::sea_orm::Statement::from_string(db.get_database_backend(), sql)
}

const TABLE_NAMES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";

#[tokio::test]
async fn a_fresh_database_gets_every_table_and_one_schema_head() {
    let db = memory().await;
    crate::run(&db).await.unwrap();
    assert_eq!(texts(&db, TABLE_NAMES).await, TABLES);
    let head = "SELECT id || ' ' || version || ' ' || access_version || ' ' || length(epoch) FROM meta_head";
    assert_eq!(texts(&db, head).await, ["1 1 1 16"]);
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let db = memory().await;
    crate::run(&db).await.unwrap();
    let before = texts(&db, "SELECT hex(epoch) FROM meta_head").await;
    crate::run(&db).await.unwrap();
    assert_eq!(texts(&db, "SELECT hex(epoch) FROM meta_head").await, before);
}

#[tokio::test]
async fn the_migrations_can_be_taken_back() {
    let db = memory().await;
    crate::run(&db).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    assert_eq!(texts(&db, TABLE_NAMES).await, ["seaql_migrations"]);
}

#[tokio::test]
async fn only_live_records_hold_a_unique_value() {
    let db = memory().await;
    crate::run(&db).await.unwrap();
    let insert = |id: u8, deleted_at: &str| {
        format!(
            "INSERT INTO organizations (id, name, external_id, created_at, updated_at, deleted_at) \
             VALUES (x'{id:032x}', 'A', 'same', 1, 1, {deleted_at})"
        )
    };
    for (sql, accepted) in [
        (insert(1, "NULL"), true),
        (insert(2, "NULL"), false),
        (insert(3, "7"), true),
    ] {
        let result = db.execute_raw(statement(&db, &sql)).await;
        assert_eq!(result.is_ok(), accepted, "{sql}");
    }
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let db = memory().await;
    crate::run(&db).await.unwrap();
    let insert = |verb: &str, sequence: u8| {
        format!(
            "{verb} INTO audit_entries (sequence, at, kind, principal_kind, details, previous_hash, hash) \
             VALUES ({sequence}, 1, 'signIn', 'user', '{{}}', x'00', x'01')"
        )
    };
    let head = |sequence: u8| format!("UPDATE audit_head SET sequence = {sequence} WHERE id = 1");
    for (sql, accepted) in [
        (insert("INSERT", 1), true),
        (head(1), true),
        (insert("INSERT OR REPLACE", 1), false),
        (
            "UPDATE audit_entries SET kind = 'signOut'".to_owned(),
            false,
        ),
        ("DELETE FROM audit_entries".to_owned(), false),
        (head(1), false),
        (head(0), false),
        ("DELETE FROM audit_head".to_owned(), false),
        (
            "INSERT INTO audit_head VALUES (2, 9, x'00')".to_owned(),
            false,
        ),
        (
            "INSERT OR REPLACE INTO audit_head VALUES (1, 0, x'00')".to_owned(),
            false,
        ),
        (insert("INSERT", 2), true),
    ] {
        let result = db.execute_raw(statement(&db, &sql)).await;
        assert_eq!(result.is_ok(), accepted, "{sql}");
    }
}
