//! A fresh database with Relata on it, for the parts that make their own types, and an administrator who
//! asks.

use std::{net::SocketAddr, path::PathBuf, time::Duration, time::Instant};

use serde_json::Value as Json;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::{
    Result,
    children::Child,
    http,
    options::{Kind, Options, Role},
    relata,
};

const CREATE: &str = "CREATE DATABASE relata_bench_scratch";
const DROP: &str = "DROP DATABASE IF EXISTS relata_bench_scratch WITH (FORCE)";
const DATABASE: &str = "relata_bench_scratch";

/// A database that is gone when the program ends as it should.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Its URL.
    pub(crate) url: String,
    kind: Kind,
    file: PathBuf,
}

/// A server on it, and who asks.
#[derive(Debug)]
pub(crate) struct Service {
    /// The process.
    pub(crate) child: Child,
    /// The administrator's token.
    pub(crate) token: String,
}

impl Scratch {
    /// Makes an empty database and its tables.
    pub(crate) async fn new(kind: Kind, options: &Options) -> Result<Self> {
        let file = std::env::temp_dir().join(format!("relata-bench-{}.db", std::process::id()));
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", file.display()),
            Kind::Postgres => {
                let mut server = PgConnection::connect(options.maintenance_url()?).await?;
                server.execute(DROP).await?;
                server.execute(CREATE).await?;
                server.close().await?;
                options.postgres_url(DATABASE)?
            }
        };
        let scratch = Self { url, kind, file };
        scratch.remove_files();
        api::migrate(&scratch.url).await?;
        Ok(scratch)
    }

    /// Starts a server and signs in.
    pub(crate) async fn serve(&self) -> Result<Service> {
        let child = Child::start_on(Role::Relata, &self.url)?;
        let token = relata::sign_in(child.address).await?;
        Ok(Service { child, token })
    }

    /// Starts a server for whoever has signed in before.
    pub(crate) fn serve_again(&self) -> Result<Child> {
        Child::start_on(Role::Relata, &self.url)
    }

    /// Takes the database away. No server may run on it.
    pub(crate) async fn drop(self, options: &Options) -> Result<()> {
        if self.kind == Kind::Postgres {
            let mut server = PgConnection::connect(options.maintenance_url()?).await?;
            server.execute(DROP).await?;
            server.close().await?;
        }
        Ok(())
    }

    fn remove_files(&self) {
        for suffix in ["", "-wal", "-shm"] {
            // Mostly there is none.
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove_files();
    }
}

impl Service {
    /// Sends JSON and gives the answer with the time that it took.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: &Json,
    ) -> Result<(Json, Duration)> {
        let request = http::send(method, path, Some(&self.token), &body.to_string());
        timed(self.child.address, &request).await
    }

    /// Reads and gives the answer with the time that it took.
    pub(crate) async fn get(&self, path: &str) -> Result<(Json, Duration)> {
        timed(self.child.address, &http::get(path, &self.token)).await
    }

    /// Changes the schema.
    pub(crate) async fn change(&self, operations: &[Json]) -> Result<Duration> {
        let body = serde_json::json!({ "operations": operations });
        let (_, time) = self.send("POST", "/v1/meta/changesets", &body).await?;
        Ok(time)
    }
}

/// Asks a server and gives the answer with the time that it took.
pub(crate) async fn timed(address: SocketAddr, request: &[u8]) -> Result<(Json, Duration)> {
    let asked = Instant::now();
    let answer = http::ask(address, request).await?;
    let time = asked.elapsed();
    Ok((serde_json::from_slice(&answer).unwrap_or_default(), time))
}

/// The one in the middle, in milliseconds.
pub(crate) fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    milliseconds(middle)
}

/// A time in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
