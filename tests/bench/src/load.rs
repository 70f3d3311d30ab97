//! The load: so many connections, each asking the next request when the last is answered.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use sqlx::PgPool;
use tokio::task::LocalSet;

use crate::{Result, children::Child, children::cpu_of_postgres, http::Connection};

/// How many clients ask at once.
pub(crate) const CONNECTIONS: usize = 32;

/// What was measured in one round.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// How long each request took, in microseconds.
    pub(crate) latencies: Vec<u32>,
    /// How long the round took.
    pub(crate) elapsed: Duration,
    /// CPU time of the server, in microseconds.
    pub(crate) server_cpu: u64,
    /// CPU time of PostgreSQL, in microseconds.
    pub(crate) postgres_cpu: u64,
}

/// Asks one server for a time.
pub(crate) async fn measure(
    server: &Child,
    requests: &[Vec<u8>],
    time: Duration,
    pool: &PgPool,
) -> Result<Round> {
    let requests: Rc<[Vec<u8>]> = requests.into();
    let before = (server.cpu()?, cpu_of_postgres(pool).await?);
    let started = Instant::now();
    let local = LocalSet::new();
    let latencies = local
        .run_until(async {
            let tasks: Vec<_> = (0..CONNECTIONS)
                .map(|client| {
                    let address = server.address;
                    let requests = Rc::clone(&requests);
                    tokio::task::spawn_local(async move {
                        let connection = Connection::open(address).await?;
                        ask_until(connection, &requests, client, started + time).await
                    })
                })
                .collect();
            let mut latencies = Vec::new();
            for task in tasks {
                latencies.extend(task.await??);
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(latencies)
        })
        .await?;
    let elapsed = started.elapsed();
    let after = (server.cpu()?, cpu_of_postgres(pool).await?);
    Ok(Round {
        latencies,
        elapsed,
        server_cpu: after.0.saturating_sub(before.0),
        postgres_cpu: after.1.saturating_sub(before.1),
    })
}

async fn ask_until(
    mut connection: Connection,
    requests: &[Vec<u8>],
    client: usize,
    end: Instant,
) -> Result<Vec<u32>> {
    let mut latencies = Vec::with_capacity(16 * 1024);
    let mut random = Random::of(client);
    loop {
        let request = &requests[random.below(requests.len())];
        let asked = Instant::now();
        connection.ask(request).await?;
        let answered = Instant::now();
        let latency = answered.duration_since(asked).as_micros();
        latencies.push(u32::try_from(latency).unwrap_or(u32::MAX));
        if answered >= end {
            return Ok(latencies);
        }
    }
}

/// Xorshift: the choice of a request needs no better one.
struct Random(u64);

impl Random {
    fn of(client: usize) -> Self {
        Self(0x9E37_79B9_7F4A_7C15 ^ ((client as u64 + 1) << 32))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % bound.max(1)
    }
}
