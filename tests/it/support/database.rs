//! Databases: one for each application, copied from a template that is made once in a process.
//!
//! A SQLite template is kept in memory, so that nothing is left on the disk. On PostgreSQL it is a
//! database that `CREATE DATABASE … TEMPLATE` copies; a test's own is dropped when it ends.

use std::{path::Path, process, sync::Arc};

use sea_orm::{ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use uuid::Uuid;

/// How many applications may be on PostgreSQL at a time: it takes 200 connections.
static PLACES: Semaphore = Semaphore::const_new(24);

/// Whether the suite runs on PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    match setting("TEST_DATABASE").as_deref() {
        None | Some("sqlite") => false,
        Some("postgres") => true,
        Some(other) => panic!("TEST_DATABASE is {other:?}; it must be sqlite or postgres"),
    }
}

/// A setting of the test run.
#[expect(
    clippy::disallowed_methods,
    reason = "which database to use comes from the environment"
)]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// A database that belongs to one test.
#[derive(Debug)]
pub(crate) struct Database {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder {
        _folder: TempDir,
    },
    Server {
        name: String,
        _permit: SemaphorePermit<'static>,
    },
}

/// What databases are copied from.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// The bytes of a file.
    File(Arc<[u8]>),
    /// The name of a database.
    Server(String),
}

impl Database {
    /// An empty SQLite database, whatever the suite runs on.
    pub(crate) fn sqlite() -> Self {
        Self::in_folder(None)
    }

    /// An empty database of the kind that the suite runs on.
    pub(crate) async fn empty() -> Self {
        if is_postgres() {
            Self::on_server("").await
        } else {
            Self::in_folder(None)
        }
    }

    /// A database with what the template has.
    pub(crate) async fn copy(template: &Template) -> Self {
        match template {
            Template::File(bytes) => Self::in_folder(Some(bytes)),
            Template::Server(name) => Self::on_server(&format!(" TEMPLATE {name}")).await,
        }
    }

    fn in_folder(content: Option<&[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let file = folder.path().join("relata.db");
        if let Some(content) = content {
            std::fs::write(&file, content).expect("the template is copied");
        }
        Self {
            url: sqlite_url(&file),
            place: Place::Folder { _folder: folder },
        }
    }

    async fn on_server(options: &str) -> Self {
        let permit = PLACES.acquire().await.expect("the places stay open");
        let name = format!("relata_{}_{}", process::id(), Uuid::now_v7().simple());
        administer(&format!("CREATE DATABASE {name}{options}")).await;
        Self {
            url: server_url(&name),
            place: Place::Server {
                name,
                _permit: permit,
            },
        }
    }

    /// The URL for the server under test.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement behind the back of the server.
    pub(crate) async fn execute(&self, statement: &str) {
        execute(&connect(&self.url).await, statement).await;
    }

    /// Whether the database refuses a statement, behind the back of the server.
    pub(crate) async fn refuses(&self, statement: &str) -> bool {
        let connection = connect(&self.url).await;
        connection.execute_unprepared(statement).await.is_err()
    }

    /// The number that a select gives, behind the back of the server.
    pub(crate) async fn number(&self, select: &str) -> i64 {
        let connection = connect(&self.url).await;
        let select = Statement::from_string(connection.get_database_backend(), select);
        let row = connection.query_one_raw(select).await;
        let row = row.expect("the select runs").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Turns the database into a template. No server may be on it any more.
    pub(crate) async fn into_template(self) -> Template {
        match &self.place {
            Place::Folder { _folder: folder } => {
                // One file without a log beside it, whatever connections are still being closed.
                let file = folder.path().join("template.db");
                let connection = connect(&self.url).await;
                let statement = format!("VACUUM INTO '{}'", file.display());
                execute(&connection, &statement).await;
                let bytes = std::fs::read(&file).expect("the template is there");
                Template::File(bytes.into())
            }
            Place::Server { name, .. } => {
                let template = format!("{name}_template");
                let end = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                );
                administer(&end).await;
                administer(&format!("ALTER DATABASE {name} RENAME TO {template}")).await;
                Template::Server(template)
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Place::Server { name, .. } = &self.place else {
            return;
        };
        let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // A drop can't wait inside a runtime, so another thread does. The whole server is thrown away
        // in the end: a failure here is not worth a second panic.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(administer(&statement));
            }
        });
        let _ = dropping.join();
    }
}

/// A value that is made once in a process, by the first test that needs it.
pub(crate) type Once<T> = OnceCell<T>;

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

/// The URL of another database on the server that `tests/postgres.sh` runs.
fn server_url(name: &str) -> String {
    let mut url = url::Url::parse(&admin_url()).expect("TEST_POSTGRES_URL is a URL");
    url.set_path(name);
    url.into()
}

fn admin_url() -> String {
    setting("TEST_POSTGRES_URL")
        .expect("TEST_DATABASE=postgres needs TEST_POSTGRES_URL: run `make test-postgres`")
}

/// Runs one statement on the server's own database.
async fn administer(statement: &str) {
    execute(&connect(&admin_url()).await, statement).await;
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    SeaOrm::connect(options)
        .await
        .expect("the test database can be reached")
}

async fn execute(connection: &DatabaseConnection, statement: &str) {
    connection
        .execute_unprepared(statement)
        .await
        .expect("the statement runs");
}
