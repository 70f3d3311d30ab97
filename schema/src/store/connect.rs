//! Connections: SQLite with one writer and a pool of readers, PostgreSQL with one pool.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend,
    EntityTrait, QueryFilter, Set, sqlx::Executor,
};
use time::OffsetDateTime;

use crate::{
    error::{Error, Result},
    sql::dialect::Dialect,
    store::catalog::RecentRows,
};

/// Texts of prepared statements that each connection keeps.
const STATEMENT_CACHE: usize = 500;
/// A connection that has rested this long is tried before it is used; others save the round trip.
const IDLE_BEFORE_TEST: Duration = Duration::from_secs(30);
/// How long a statement waits for a lock of SQLite.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Lets PostgreSQL end the statement of a process that is gone. An index that it was building or dropping
/// would else be dropped later, when the next process has built it.
const END_WHEN_GONE: &str = "SET client_connection_check_interval = '1s'";

/// The database behind one engine.
#[derive(Debug)]
pub(crate) struct Store {
    pub(in crate::store) reader: DatabaseConnection,
    pub(in crate::store) writer: DatabaseConnection,
    pub(in crate::store) recent_rows: RecentRows,
}

impl Store {
    /// Connects. The database is migrated already.
    pub(crate) async fn connect(url: &str, max_connections: u32) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let writer = connect(sqlite_options(url, 1, false), "connecting to SQLite").await?;
            let readers = std::thread::available_parallelism()
                .map_or(2, usize::from)
                .clamp(2, 8);
            let readers = u32::try_from(readers).unwrap_or(2);
            let reader =
                connect(sqlite_options(url, readers, true), "connecting to SQLite").await?;
            return Ok(Self {
                reader,
                writer,
                recent_rows: RecentRows::default(),
            });
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(max_connections)
            .sqlx_logging(false)
            .test_before_acquire(false)
            .test_before_acquire_if_idle_for(IDLE_BEFORE_TEST)
            .acquire_timeout(Duration::from_secs(10))
            .map_sqlx_postgres_pool_opts(|options| {
                options.after_connect(|connection, _| {
                    Box::pin(async move {
                        // Not every system that PostgreSQL runs on can.
                        let _ = connection.execute(END_WHEN_GONE).await;
                        Ok(())
                    })
                })
            })
            .map_sqlx_postgres_opts(|options| {
                options.statement_cache_capacity(STATEMENT_CACHE).options([
                    ("max_parallel_workers_per_gather", "0"),
                    // A plan for any value is bad for those that many records have.
                    ("plan_cache_mode", "force_custom_plan"),
                    ("timezone", "UTC"),
                ])
            });
        let pool = connect(options, "connecting to PostgreSQL").await?;
        Ok(Self {
            reader: pool.clone(),
            writer: pool,
            recent_rows: RecentRows::default(),
        })
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(&self) -> Result<()> {
        self.reader
            .ping()
            .await
            .map_err(|error| Error::internal("asking the database for a sign of life", error))
    }

    /// Gathers the statistics by which the database plans.
    pub(crate) async fn refresh_statistics(&self) -> Result<()> {
        let gathered = self.writer.execute_unprepared("ANALYZE").await;
        gathered
            .map(|_| ())
            .map_err(|error| Error::internal("gathering statistics", error))
    }

    /// Which database this is.
    pub(crate) fn dialect(&self) -> Dialect {
        if self.writer.get_database_backend() == DbBackend::Sqlite {
            Dialect::Sqlite
        } else {
            Dialect::Postgres
        }
    }

    /// The pool for reads.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The secret of this kind that all nodes share, made when there is none yet.
    pub(crate) async fn load_or_create_secret(
        &self,
        kind: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<u8>> {
        use entity::signing_key::{ActiveModel, Column, Entity};
        let failed = |error: sea_orm::DbErr| Error::internal("loading a signing key", error);
        let find = || {
            Entity::find()
                .filter(Column::Kind.eq(kind))
                .one(&self.writer)
        };
        if let Some(key) = find().await.map_err(failed)? {
            return Ok(key.secret);
        }
        let secret: [u8; 32] = rand::random();
        let row = ActiveModel {
            id: Set(kind.to_owned()),
            kind: Set(kind.to_owned()),
            secret: Set(secret.to_vec()),
            created_at: Set(now),
        };
        // Another node may have been first; then its key counts.
        let _ = Entity::insert(row)
            .exec_without_returning(&self.writer)
            .await;
        find()
            .await
            .map_err(failed)?
            .map(|key| key.secret)
            .ok_or(Error::Busy)
    }
}

async fn connect(options: ConnectOptions, context: &'static str) -> Result<DatabaseConnection> {
    Database::connect(options)
        .await
        .map_err(|error| Error::internal(context, error))
}

fn sqlite_options(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .read_only(read_only)
                .busy_timeout(BUSY_TIMEOUT)
                .foreign_keys(true)
                .statement_cache_capacity(STATEMENT_CACHE)
                .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Normal)
                .pragma("mmap_size", "1073741824")
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "memory")
        });
    options
}
